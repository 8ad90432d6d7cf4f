"""Products as rows of a platform's feed: current rows, removed rows and their stock."""

from __future__ import annotations

from shared.destinations.building.feed import feed_id
from shared.destinations.contract import KnownState
from shared.model.change import ProductSaved
from shared.model.product import DEFAULT_MARK, Product, Variant
from shared.settings import FeedId


def group_by_feed_id(level: FeedId, product: Product) -> dict[str, list[Variant]]:
    """Group variants by their id in the feed; variants without an id are omitted."""
    groups: dict[str, list[Variant]] = {}
    for variant in product.variants:
        own_id = feed_id(level, product.id, variant.id, variant.sku)
        if own_id is not None:
            groups.setdefault(own_id, []).append(variant)
    return groups


def any_without_id(level: FeedId, product: Product) -> bool:
    """Return whether any variant has no id in the feed."""
    return not all(feed_id(level, product.id, one.id, one.sku) for one in product.variants)


def known_variant_ids(known_state: KnownState) -> set[str]:
    """Return the ids of all variants that may be stored at the platform."""
    return {key.removesuffix(DEFAULT_MARK) for key in known_state.variants}


def lost_variant_ids(change: ProductSaved, known_state: KnownState) -> tuple[str, ...]:
    """Return the ids of variants that the platform may store and the product no longer has."""
    return tuple(
        sorted(known_variant_ids(known_state) - {one.id for one in change.product.variants})
    )


def removed_row_ids(level: FeedId, change: ProductSaved, lost: tuple[str, ...]) -> tuple[str, ...]:
    """
    Return the ids of rows to remove, given the ids of lost variants.

    The row of a whole product is removed when the product has no variants left.
    """
    if level == "variant":
        return lost
    nothing_left = level == "product" and lost and not change.product.variants
    return (change.product.id,) if nothing_left else ()


def newest_stock(variant: Variant, known_state: KnownState) -> int | None:
    """
    Return the stock of a variant; None if its stock is not counted.

    The stock in the ledger, if there is one, is newer than the one in the variant.
    """
    return known_state.stock.get(variant.id, variant.stock)

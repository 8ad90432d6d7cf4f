"""Products as rows of a platform's feed: which rows exist, are removed, or are in stock."""

from __future__ import annotations

from shared.destinations.building.feed import feed_id
from shared.destinations.contract import KnownState
from shared.model.change import ProductSaved
from shared.model.product import DEFAULT_MARK, Product, Variant
from shared.settings import FeedId


def alike(level: FeedId, product: Product) -> dict[str, list[Variant]]:
    """Group variants by their id in the feed; those without an id are omitted."""
    found: dict[str, list[Variant]] = {}
    for one in product.variants:
        name = feed_id(level, product.id, one.id, one.sku)
        if name is not None:
            found.setdefault(name, []).append(one)
    return found


def unnamed(level: FeedId, product: Product) -> bool:
    """Return whether the feed has no id for some variant."""
    return not all(feed_id(level, product.id, one.id, one.sku) for one in product.variants)


def known(memory: KnownState) -> set[str]:
    """Return the ids of all variants that may be at the platform."""
    return {key.removesuffix(DEFAULT_MARK) for key in memory.variants}


def lost(change: ProductSaved, memory: KnownState) -> tuple[str, ...]:
    """Return the ids of variants that the platform may have and the product has lost."""
    return tuple(sorted(known(memory) - {one.id for one in change.product.variants}))


def gone(level: FeedId, change: ProductSaved, missing: tuple[str, ...]) -> tuple[str, ...]:
    """
    Return the ids of rows that are no longer for sale, from the variants that are `lost`; the id of
    the product itself when it has no variant left.
    """
    if level == "variant":
        return missing
    nothing_left = level == "product" and missing and not change.product.variants
    return (change.product.id,) if nothing_left else ()


def stock(variant: Variant, memory: KnownState) -> int | None:
    """
    Return the stock of a variant, None when it is sold without a count. The ledger's value is newer
    than the variant's own.
    """
    return memory.stock.get(variant.id, variant.stock if variant.stock_known else None)

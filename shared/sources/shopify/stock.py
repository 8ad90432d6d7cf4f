"""
Whether a variant can be bought. The count alone is not sufficient: untracked variants have a count
of zero or less and are sellable. Since 2024-07 product payloads omit whether a variant is tracked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import UNSET

from shared.settings import Shopify
from shared.sources.shopify.payloads import Variant

DEFAULT_TITLE = "Default Title"


def stock(
    variant: Variant, tracking: Mapping[str, bool], assumed: int | None
) -> tuple[int | None, bool]:
    """
    Return the stock and whether it is known; None means sellable without a count.

    ``tracking`` maps inventory items to whether they are tracked, as stored from other webhooks and
    the store's responses. ``assumed`` is the stock of a count of zero that may be untracked.
    """
    count = variant.inventory_quantity
    tracked = _tracked(variant, tracking)
    if variant.inventory_policy == "continue" or tracked is False:
        return None, True
    if variant.sellable is not None:
        return sellable_count(count, sellable=variant.sellable), True
    if count is None:
        return None, False
    if count > 0:
        return count, True
    return (0, True) if tracked else (assumed, False)


def assumed_stock(shop: Shopify) -> int | None:
    """Return the stock of a count of zero that may be untracked, as the merchant configured it."""
    return 0 if shop.zero_stock == "sold-out" else None


def undecided(variants: Iterable[Variant], tracking: Mapping[str, bool]) -> tuple[Variant, ...]:
    """Return the variants whose stock is not known, because it is not known if it is tracked."""
    return tuple(one for one in variants if not stock(one, tracking, None)[1])


def undecided_items(variants: Iterable[Variant]) -> frozenset[str]:
    """Return the inventory items whose tracking decides the stock and is not in the payload."""
    return frozenset(
        variant.inventory_item_id
        for variant in undecided(variants, {})
        if variant.inventory_item_id
    )


def sellable_count(count: int | None, *, sellable: bool) -> int | None:
    """Return the stock of a variant of which it is known whether it can be bought."""
    if not sellable:
        return 0
    return count if count is not None and count > 0 else None


def _tracked(variant: Variant, tracking: Mapping[str, bool]) -> bool | None:
    if variant.inventory_management is not UNSET:
        return variant.inventory_management is not None
    return tracking.get(variant.inventory_item_id or "")

"""
Whether a variant can be bought. The count alone is not sufficient: untracked variants have a count
of zero or less and are sellable. Since 2024-07 product payloads omit whether a variant is tracked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import UNSET

from shared.model.change import StockChanged
from shared.model.entity import Entity, Kind
from shared.sources.contract import Translated
from shared.sources.parsing.documents import read
from shared.sources.parsing.scalars import Id
from shared.sources.shopify.context import Context
from shared.sources.shopify.payloads import Variant

DEFAULT_TITLE = "Default Title"


class VariantWithProduct(Variant, frozen=True, kw_only=True):
    """The body of variants/in_stock and out_of_stock."""

    product_id: Id


def stock(variant: Variant, tracking: Mapping[str, bool]) -> tuple[int | None, bool]:
    """
    Return the stock and whether it is known; None means sellable without a count.

    ``tracking`` maps inventory items to whether they are tracked, as stored from other webhooks.
    """
    count = variant.inventory_quantity
    tracked = _tracked(variant, tracking)
    if variant.inventory_policy == "continue" or tracked is False:
        return None, True
    if variant.sellable is not None:
        return _sellable_count(count, sellable=variant.sellable), True
    if count is not None and count > 0:
        return count, True
    return (0, True) if tracked and count is not None else (None, False)


def undecided_items(variants: Iterable[Variant]) -> frozenset[str]:
    """Return the inventory items whose tracking decides the stock and is not in the payload."""
    return frozenset(
        variant.inventory_item_id
        for variant in variants
        if variant.inventory_item_id and not stock(variant, {})[1]
    )


def out_of_stock(context: Context) -> Translated:
    """Translate variants/out_of_stock: this variant cannot be bought."""
    return _availability(context, read(context.body, VariantWithProduct), None, out=True)


def in_stock(context: Context) -> Translated:
    """Translate variants/in_stock: this variant can be bought, with or without a count."""
    variant = read(context.body, VariantWithProduct)
    return _availability(context, variant, variant.inventory_quantity, out=False)


def _availability(
    context: Context, variant: VariantWithProduct, count: int | None, *, out: bool
) -> Translated:
    return Translated(
        changes=(
            StockChanged(
                entity=Entity(Kind.PRODUCT, variant.product_id),
                at=context.envelope.triggered_at,
                variant_id=variant.id,
                default=variant.title == DEFAULT_TITLE,
                stock=0 if out else _sellable_count(count, sellable=True),
            ),
        )
    )


def _sellable_count(count: int | None, *, sellable: bool) -> int | None:
    if not sellable:
        return 0
    return count if count is not None and count > 0 else None


def _tracked(variant: Variant, tracking: Mapping[str, bool]) -> bool | None:
    if variant.inventory_management is not UNSET:
        return variant.inventory_management is not None
    return tracking.get(variant.inventory_item_id or "")

"""
Whether a variant can be bought. A count alone does not tell: variants that are not tracked show
zero, or less, and sell. Since 2024-07 product payloads do not say who is tracked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import UNSET

from shared.model.change import StockChanged
from shared.model.entity import Entity, Kind
from shared.sources.contract import Translated
from shared.sources.parsing.scalars import Id, read
from shared.sources.shopify.context import Context
from shared.sources.shopify.payloads import Variant

DEFAULT_TITLE = "Default Title"


class _Alone(Variant, frozen=True, kw_only=True):
    product_id: Id


def stock(variant: Variant, learned: Mapping[str, bool]) -> tuple[int | None, bool]:
    """
    Give the stock and whether it is known; None is sellable without a count.

    ``learned`` tells which inventory items are tracked, where that was heard elsewhere.
    """
    count = variant.inventory_quantity
    tracked = _tracked(variant, learned)
    if variant.inventory_policy == "continue" or tracked is False:
        return None, True
    if variant.sellable is not None:
        return _sold_or_not(count, sellable=variant.sellable), True
    if count is not None and count > 0:
        return count, True
    return (0, True) if tracked and count is not None else (None, False)


def ambiguous(variants: Iterable[Variant]) -> frozenset[str]:
    """Give the inventory items whose tracking decides, and is not told by the payload."""
    return frozenset(
        variant.inventory_item_id
        for variant in variants
        if variant.inventory_item_id and not stock(variant, {})[1]
    )


def out_of_stock(job: Context) -> Translated:
    """variants/out_of_stock: this variant cannot be bought."""
    return _availability(job, read(job.body, _Alone), None, out=True)


def in_stock(job: Context) -> Translated:
    """variants/in_stock: this variant can be bought, counted or not."""
    variant = read(job.body, _Alone)
    return _availability(job, variant, variant.inventory_quantity, out=False)


def _availability(job: Context, variant: _Alone, count: int | None, *, out: bool) -> Translated:
    return Translated(
        changes=(
            StockChanged(
                entity=Entity(Kind.PRODUCT, variant.product_id),
                at=job.envelope.triggered_at,
                variant_id=variant.id,
                default=variant.title == DEFAULT_TITLE,
                stock=0 if out else _sold_or_not(count, sellable=True),
            ),
        )
    )


def _sold_or_not(count: int | None, *, sellable: bool) -> int | None:
    if not sellable:
        return 0
    return count if count is not None and count > 0 else None


def _tracked(variant: Variant, learned: Mapping[str, bool]) -> bool | None:
    if variant.inventory_management is not UNSET:
        return variant.inventory_management is not None
    return learned.get(variant.inventory_item_id or "")

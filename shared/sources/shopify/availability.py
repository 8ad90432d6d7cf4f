"""
variants/in_stock and variants/out_of_stock: whether one variant can be bought.

Nothing but the body is signed: neither the topic nor the trigger time. So with a token both topics
only mean that the product must be read from the store. Without one the body decides where it can,
and the change is as old as the body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import UNSET
from msgspec.structs import replace

from shared.model.change import StockChanged
from shared.model.entity import Entity, Kind
from shared.sources.contract import Translated
from shared.sources.parsing.documents import read
from shared.sources.parsing.scalars import Id, Moment
from shared.sources.shopify import products
from shared.sources.shopify.context import Context
from shared.sources.shopify.payloads import Variant
from shared.sources.shopify.stock import DEFAULT_TITLE, assumed_stock, stock, undecided_items

# Whether inventory items are tracked -> the stock of the variant.
_Count = Callable[[Mapping[str, bool]], int | None]


class VariantWithProduct(Variant, frozen=True, kw_only=True):
    """The body of variants/in_stock and out_of_stock."""

    product_id: Id
    updated_at: Moment | None = None


def out_of_stock(context: Context) -> Translated:
    """Translate variants/out_of_stock: this variant cannot be bought."""
    variant = read(context.body, VariantWithProduct)
    # Bodies before 2024-07 may say that the variant is untracked: then the topic decides.
    counted = replace(variant, inventory_management=UNSET)

    def count(tracking: Mapping[str, bool]) -> int | None:
        number, known = stock(counted, tracking, 0)
        return number if known else 0

    return _translate(context, variant, count)


def in_stock(context: Context) -> Translated:
    """Translate variants/in_stock: this variant can be bought, with or without a count."""
    variant = read(context.body, VariantWithProduct)
    return _translate(
        context, variant, lambda tracking: stock(variant, tracking, assumed_stock(context.shop))[0]
    )


def _translate(context: Context, variant: VariantWithProduct, count: _Count) -> Translated:
    current = products.current(context, variant.product_id)
    if current is not None:
        return current
    items = undecided_items((variant,))
    change = StockChanged(
        entity=Entity(Kind.PRODUCT, variant.product_id),
        at=context.triggered(variant.updated_at),
        variant_id=variant.id,
        default=variant.title == DEFAULT_TITLE,
        stock=count(context.ports.tracked(items) if items else {}),
    )
    return Translated(changes=(change,), counts=products.refusals(context))

"""Lines of orders, carts and checkouts: which of them are mapped, and their unit price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from shared.errors import NotUnderstood
from shared.model.money import Money
from shared.model.order import Line
from shared.sources.shopify.cart_payloads import CartLine, CheckoutLine
from shared.sources.shopify.order_payloads import OrderLine
from shared.sources.shopify.stock import DEFAULT_TITLE

AnyLine = TypeVar("AnyLine", OrderLine, CartLine, CheckoutLine)
# Returns (quantity, unit price paid, unit price before discounts); None for a missing price.
Pricing = Callable[[AnyLine], tuple[int, Money | None, Money | None]]


def unit_paid(before: Money, quantity: int, discounts: Iterable[Money | None]) -> Money:
    """
    Return the unit price paid; ``discounts`` are the shares of the whole line, one per discount.

    ``total_discount`` is not used: it repeats the allocations. The result is never negative.
    """
    if quantity <= 0:
        return before
    stated = [one for one in discounts if one is not None]
    return (sum((one * -1 for one in stated), before * quantity) / quantity).not_negative()


def lines(
    found: Sequence[AnyLine], pricing: Pricing[AnyLine]
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """
    Translate lines, and return the metrics to count for omitted lines.

    Tips, custom items and deleted products have no product; a line of an order that names a product
    alone is kept, for its variant may have been deleted since. A gift card is nothing to recommend.
    An edit leaves lines with quantity 0, which are omitted without a count.
    """
    kept: list[Line] = []
    counts: list[str] = []
    for index, line in enumerate(found):
        if line.gift_card:
            counts.append("gift_card_lines")
        elif line.product_id is None or not _names_variant(line):
            counts.append("lines_without_product")
        elif (translated := _line(line, pricing, index)).quantity > 0:
            kept.append(translated)
    return tuple(kept), tuple(counts)


def _line(line: AnyLine, pricing: Pricing[AnyLine], index: int) -> Line:
    quantity, price, before = pricing(line)
    if price is None:
        raise NotUnderstood("the price is missing", f"$.line_items[{index}].price")
    discounted = before is not None and before.amount > price.amount
    return Line(
        product_id=line.product_id or "",
        variant_id=line.variant_id,
        default=_is_default(line),
        quantity=quantity,
        price=price,
        list_price=before if discounted else None,
        name=line.title or None,
        sku=line.sku or None,
    )


def _names_variant(line: OrderLine | CartLine | CheckoutLine) -> bool:
    return isinstance(line, OrderLine) or line.variant_id is not None


def _is_default(line: OrderLine | CartLine | CheckoutLine) -> bool | None:
    # Lines of carts have no variant title; the ledger decides whether it is the default variant.
    if isinstance(line, CartLine):
        return None
    return line.variant_title in (None, "", DEFAULT_TITLE)

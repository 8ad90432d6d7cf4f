"""Lines of orders, carts and checkouts: which of them count, and what a unit cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from shared.errors import NotUnderstood
from shared.model.money import Money
from shared.model.order import Line
from shared.sources.shopify.order_payloads import CartLine, CheckoutLine, OrderLine
from shared.sources.shopify.stock import DEFAULT_TITLE

AnyLine = TypeVar("AnyLine", OrderLine, CartLine, CheckoutLine)
# Gives (quantity, unit price paid, unit price before discounts); None where the price is missing.
Terms = Callable[[AnyLine], tuple[int, Money | None, Money | None]]
_ZERO = Decimal(0)


def unit_paid(price: Decimal, quantity: int, discounts: Iterable[Decimal]) -> Decimal:
    """
    Give the unit price paid: the discounts are shares of the whole line, each discount's once.

    ``total_discount`` is no part of it: it repeats what the allocations hold. Never below zero.
    """
    if quantity <= 0:
        return price
    return max(_ZERO, (price * quantity - sum(discounts, _ZERO)) / quantity)


def lines(
    found: Sequence[AnyLine], terms: Terms[AnyLine]
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """
    Translate lines. Gives them and the counts of what is left out: tips, custom items and deleted
    products have no product or variant; a gift card is nothing to recommend; an edit leaves zeros.
    """
    kept: list[Line] = []
    counts: list[str] = []
    for index, line in enumerate(found):
        if line.gift_card:
            counts.append("gift_card_lines")
        elif line.product_id is None or line.variant_id is None:
            counts.append("lines_without_product")
        elif (told := _line(line, terms, index)).quantity > 0:
            kept.append(told)
    return tuple(kept), tuple(counts)


def _line(line: AnyLine, terms: Terms[AnyLine], index: int) -> Line:
    quantity, price, before = terms(line)
    if price is None:
        raise NotUnderstood("the price is missing", f"$.line_items[{index}].price")
    discounted = before is not None and before.amount > price.amount
    return Line(
        product_id=line.product_id or "",
        variant_id=line.variant_id or "",
        default=_default(line),
        quantity=quantity,
        price=price,
        list_price=before if discounted else None,
        name=line.title or None,
        sku=line.sku or None,
    )


def _default(line: OrderLine | CartLine | CheckoutLine) -> bool | None:
    # Carts have no variant title; the ledger must know.
    if isinstance(line, CartLine):
        return None
    return line.variant_title in (None, "", DEFAULT_TITLE)

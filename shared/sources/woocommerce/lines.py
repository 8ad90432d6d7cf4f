"""Lines of orders: which of them count, and what a unit cost."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from shared.errors import NotUnderstood
from shared.model.money import Money
from shared.model.order import Line
from shared.model.value import Value
from shared.sources.parsing.html import plain
from shared.sources.parsing.scalars import NOTHING, Amount
from shared.sources.woocommerce.order_payloads import OrderLine

_ZERO = Decimal(0)
_NO_ID = "0"


class MoneyReader(Value):
    """
    How an order's amounts are told. In its document all are net, their tax beside them; where
    prices are entered with tax, shoppers and the bodies of products have them ``gross``.
    """

    currency: str
    gross: bool

    def money(self, net: Amount, tax: Amount = NOTHING) -> Money | None:
        """Give one amount on the basis of the store's prices."""
        if net.value is None:
            return None
        return Money(net.value + ((tax.value or _ZERO) if self.gross else _ZERO), self.currency)


def lines(
    till: MoneyReader, found: Iterable[OrderLine]
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """
    Translate lines. Gives them and the counts of what is left out: of a product that was deleted
    for good before the webhook was built the id is 0.
    """
    kept: list[Line] = []
    counts: list[str] = []
    for index, line in enumerate(found):
        units = _units(line.quantity)
        if line.product_id == _NO_ID:
            counts.append("lines_without_product")
        elif units > 0:
            kept.append(_line(till, line, units, index))
    return tuple(kept), tuple(counts)


def _units(quantity: Amount) -> int:
    # Plugins sell by the metre: what is less than a unit is one, and the line's total holds.
    count = quantity.value or _ZERO
    return max(1, int(count)) if count > 0 else 0


def _line(till: MoneyReader, line: OrderLine, units: int, index: int) -> Line:
    paid = till.money(line.total, line.total_tax)
    if paid is None:
        raise NotUnderstood("the total is missing", f"$.line_items[{index}].total")
    # Not the document's own `price`: it is net, and a float. A plugin's discount may go below 0.
    price = Money(max(_ZERO, paid.amount), till.currency) / units
    before = till.money(line.subtotal, line.subtotal_tax)
    discounted = before is not None and before.amount > paid.amount
    whole = line.variation_id == _NO_ID
    return Line(
        product_id=line.product_id,
        variant_id=line.product_id if whole else line.variation_id,
        default=whole,
        quantity=units,
        price=price,
        list_price=before / units if before is not None and discounted else None,
        name=plain(line.name),
        sku=line.sku or None,
    )

"""Lines of orders: which of them are mapped, and their unit price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from shared.errors import NotUnderstood
from shared.model.money import Money
from shared.model.order import Line
from shared.model.value import Value
from shared.sources.parsing.html import plain
from shared.sources.parsing.scalars import NO_AMOUNT, Amount
from shared.sources.woocommerce.order_payloads import Fee, OrderLine

_ZERO, _ALL = Decimal(0), Decimal(1)
_NO_ID = "0"


class MoneyReader(Value):
    """
    A reader of an order's amounts. In the document all are net, with their tax in another field.
    Where prices are entered with tax, shoppers and product bodies show them ``gross``.
    """

    currency: str
    gross: bool

    def money(self, net: Amount, tax: Amount = NO_AMOUNT) -> Money | None:
        """Return one amount, net or gross like the store's prices."""
        if net.value is None:
            return None
        return Money(net.value + ((tax.value or _ZERO) if self.gross else _ZERO), self.currency)

    def less(self, fees: Iterable[Fee]) -> Money | None:
        """Return the discount of the whole order in its fees: those below zero. None if none is."""
        found = (self.money(one.total, one.total_tax) for one in fees)
        below = [one * -1 for one in found if one is not None and one.amount < 0]
        return sum(below[1:], below[0]) if below else None


def lines(
    reader: MoneyReader, found: Sequence[OrderLine], less: Money | None = None
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """
    Translate lines, and return the metrics to count for omitted lines.

    The product id is 0 if the product was permanently deleted before the webhook was built.
    ``less`` is a discount of the whole order: each line bears the share of its price, as the store
    itself shares the amount of a coupon.
    """
    kept: list[Line] = []
    counts: list[str] = []
    rest = _rest(reader, found, less)
    for index, line in enumerate(found):
        units = _units(line.quantity)
        if line.product_id == _NO_ID:
            counts.append("lines_without_product")
        elif units > 0:
            kept.append(_line(reader, line, units, index, rest))
    return tuple(kept), tuple(counts)


def is_unnamed(line: OrderLine) -> bool:
    """Return whether a line was bought and its product does not exist any more."""
    return line.product_id == _NO_ID and _units(line.quantity) > 0


def _rest(reader: MoneyReader, found: Iterable[OrderLine], less: Money | None) -> Decimal:
    """Return which part of every line's price is left after a discount of the whole order."""
    paid = (reader.money(line.total, line.total_tax) for line in found)
    whole = sum((one.amount for one in paid if one is not None and one.amount > 0), _ZERO)
    return max(_ZERO, 1 - less.amount / whole) if less and whole else _ALL


def _units(quantity: Amount) -> int:
    # Plugins sell by the metre: less than a unit is mapped as one, and the line's total is kept.
    count = quantity.value or _ZERO
    return max(1, int(count)) if count > 0 else 0


def _line(reader: MoneyReader, line: OrderLine, units: int, index: int, rest: Decimal) -> Line:
    stated = reader.money(line.total, line.total_tax)
    if stated is None:
        raise NotUnderstood("the total is missing", f"$.line_items[{index}].total")
    # Not the document's own `price`: it is net, and a float. A plugin's discount may go below 0.
    paid = (stated * rest).not_negative()
    before = reader.money(line.subtotal, line.subtotal_tax)
    discounted = before is not None and before.amount > paid.amount
    whole = line.variation_id == _NO_ID
    return Line(
        product_id=line.product_id,
        variant_id=line.product_id if whole else line.variation_id,
        default=whole,
        quantity=units,
        price=paid / units,
        list_price=before / units if before is not None and discounted else None,
        name=plain(line.name),
        sku=line.sku or None,
    )

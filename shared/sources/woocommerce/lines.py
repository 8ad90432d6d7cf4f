"""Lines of orders: which of them are mapped, and their unit price."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from shared.errors import NotUnderstood
from shared.model.money import Money
from shared.model.order import Line
from shared.model.value import Value
from shared.sources.parsing.html import plain
from shared.sources.parsing.scalars import NO_AMOUNT, Amount
from shared.sources.woocommerce.order_payloads import OrderLine

_ZERO = Decimal(0)
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


def lines(
    reader: MoneyReader, found: Iterable[OrderLine]
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """
    Translate lines, and return the metrics to count for omitted lines.

    The product id is 0 if the product was permanently deleted before the webhook was built.
    """
    kept: list[Line] = []
    counts: list[str] = []
    for index, line in enumerate(found):
        units = _units(line.quantity)
        if line.product_id == _NO_ID:
            counts.append("lines_without_product")
        elif units > 0:
            kept.append(_line(reader, line, units, index))
    return tuple(kept), tuple(counts)


def _units(quantity: Amount) -> int:
    # Plugins sell by the metre: less than a unit is mapped as one, and the line's total is kept.
    count = quantity.value or _ZERO
    return max(1, int(count)) if count > 0 else 0


def _line(reader: MoneyReader, line: OrderLine, units: int, index: int) -> Line:
    paid = reader.money(line.total, line.total_tax)
    if paid is None:
        raise NotUnderstood("the total is missing", f"$.line_items[{index}].total")
    # Not the document's own `price`: it is net, and a float. A plugin's discount may go below 0.
    price = Money(max(_ZERO, paid.amount), reader.currency) / units
    before = reader.money(line.subtotal, line.subtotal_tax)
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

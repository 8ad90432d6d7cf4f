"""
The amounts of a body, each with its own currency. No other module pairs an amount with a currency.

Which currency a plain amount has depends on the document: an order's is ``currency``, the shop's; a
checkout's is ``presentment_currency``, the shopper's, although its ``currency`` is the shop's; a
cart names none, and its plain amounts are the shop's. A set has both, each with its code.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from shared.model.money import Money
from shared.model.value import Value
from shared.sources.parsing.scalars import Amount
from shared.sources.shopify import cart_payloads, order_payloads
from shared.sources.shopify.context import Context
from shared.sources.shopify.order_payloads import MoneyAmount, MoneySet, UnreadMoneySet

_ZERO = Decimal(0)


class MoneyReader(Value):
    """
    A reader of one body's amounts. ``plain`` is the currency of its plain amounts, ``wanted`` the
    one to send, ``shop`` and ``shown`` those of a set's two sides.
    """

    plain: str
    wanted: str
    shop: str
    shown: str

    def money(self, plain: Amount, both: UnreadMoneySet | None = None) -> Money | None:
        """Return an amount in the currency to send; None if the body does not state it in that."""
        stated = {self.plain: plain.value, **self._of_set(both)}
        value = stated.get(self.wanted)
        return None if value is None else self._pair(value, stated.get(self.shop))

    def nothing(self) -> Money:
        """Return an amount of zero."""
        return self._pair(_ZERO, _ZERO)

    def _pair(self, value: Decimal, own: Decimal | None) -> Money:
        if own is None or self.shop == self.wanted:
            return Money(value, self.wanted)
        return Money(value, self.wanted, Money(own, self.shop))

    def _of_set(self, both: UnreadMoneySet | None) -> dict[str, Decimal]:
        if not isinstance(both, MoneySet):
            return {}
        sides = ((both.presentment_money, self.shown), (both.shop_money, self.shop))
        return {
            side.currency_code or usual: side.amount.value
            for side, usual in sides
            if side is not None and side.amount.value is not None
        }


def of_order(context: Context, body: order_payloads.Order) -> MoneyReader:
    """
    Return the reader of an order.

    One order has one currency: if a line is not stated in the shopper's, all are in the shop's.
    """
    shop = body.currency or context.merchant.currency
    shown = body.presentment_currency or shop
    found = body.line_items or ()
    sets: list[UnreadMoneySet | None] = [line.price_set for line in found]
    sets += [share.amount_set for line in found for share in line.discount_allocations or ()]
    presented = context.shop.money == "presentment" and all(_shows(both, shown) for both in sets)
    return MoneyReader(plain=shop, wanted=shown if presented else shop, shop=shop, shown=shown)


def of_cart(context: Context, body: cart_payloads.Cart) -> MoneyReader:
    """Return the reader of a cart. Its currencies are in its sets alone; one cart has one."""
    stated = [pair for line in body.line_items or () for pair in _read_of(line)]
    sets = [both for _, both in stated if both is not None]
    shop = _code(one.shop_money for one in sets) or context.merchant.currency
    shown = _code(one.presentment_money for one in sets) or shop
    presented = context.shop.money == "presentment" and all(
        _shows(both, shown) for _, both in stated
    )
    return MoneyReader(plain=shop, wanted=shown if presented else shop, shop=shop, shown=shown)


def _read_of(line: cart_payloads.CartLine) -> list[tuple[Amount, MoneySet | None]]:
    """Return the amounts of a cart's line that are read, plain and as a set."""
    paid = (line.discounted_price, line.discounted_price_set)
    found = [pair for pair in (paid, (line.price, line.price_set)) if _is_stated(*pair)]
    return found if _is_stated(*paid) else [*found, (line.line_price, line.line_price_set)]


def _is_stated(plain: Amount, both: MoneySet | None) -> bool:
    return plain.value is not None or both is not None


def of_checkout(context: Context, body: cart_payloads.Checkout) -> MoneyReader:
    """Return the reader of a checkout: its amounts are stated in the shopper's currency alone."""
    shop = body.currency or context.merchant.currency
    shown = body.presentment_currency or shop
    return MoneyReader(plain=shown, wanted=shown, shop=shop, shown=shown)


def _shows(both: UnreadMoneySet | None, currency: str) -> bool:
    side = both.presentment_money if isinstance(both, MoneySet) else None
    return side is not None and side.amount.value is not None and side.currency_code == currency


def _code(sides: Iterable[MoneyAmount | None]) -> str | None:
    return next((side.currency_code for side in sides if side and side.currency_code), None)

"""
The age and the currency of an order, for all platforms that accept purchases.

A purchase of Yespo, eSputnik and PersonaClick has amounts without a currency: they are read in the
shop's. An amount in any other is never sent there.
"""

from __future__ import annotations

from datetime import timedelta

from shared.destinations.contract import Plan
from shared.errors import NotExpressible
from shared.model.change import OrderSaved
from shared.model.order import Order
from shared.model.version import moment
from shared.settings import OnForeignCurrency

FOREIGN = "purchase_in_foreign_currency"
# Yespo and eSputnik cannot take a purchase back, so it is sent once the order counts as paid.
NOT_PAID = "purchase_not_paid"


def too_old(change: OrderSaved, days: int) -> bool:
    """
    Return whether an order was placed more than this many days before its webhook was sent; one
    that was paid later, such as by bank transfer, counts from its payment.
    """
    since = max(change.order.placed_at, change.order.paid_at or "")
    age = moment(change.version.tie) - moment(since)
    return age > timedelta(days=days)


def is_foreign(order: Order, currency: str) -> bool:
    """Return whether a line's price is not stated in the shop's currency."""
    return any(line.price.within(currency) is None for line in order.lines)


def foreign_plan(how: OnForeignCurrency, path: str) -> Plan:
    """
    Return the plan of a purchase that is not stated in the shop's currency: it is not sent.

    Its state is stored, so that each order is counted once. Raise NotExpressible if the merchant
    prefers a dead letter.
    """
    if how == "dead-letter":
        reason = "no amount in the shop's currency; compare `currency` in the merchant file"
        raise NotExpressible(reason, path)
    return Plan(state=FOREIGN.encode(), counts=(FOREIGN,), alarms=("ForeignCurrency",))

"""What every platform that takes purchases wants to know of an order: its number, its age."""

from __future__ import annotations

from datetime import timedelta

from shared.model.change import OrderSaved
from shared.model.order import Order
from shared.model.version import moment


def number(order: Order) -> str:
    """Give the number that the shopper sees, without Shopify's sign; else the id."""
    return (order.number or "").strip().removeprefix("#").strip() or order.id


def too_old(change: OrderSaved, days: int) -> bool:
    """Tell whether an order was placed longer ago than so many days, when its webhook told it."""
    age = moment(change.version.tie) - moment(change.order.placed_at)
    return age > timedelta(days=days)

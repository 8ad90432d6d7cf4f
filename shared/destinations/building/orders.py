"""The number and the age of an order, for all platforms that accept purchases."""

from __future__ import annotations

from datetime import timedelta

from shared.model.change import OrderSaved
from shared.model.order import Order
from shared.model.version import moment


def number(order: Order) -> str:
    """Return the order number that the shopper sees, without Shopify's "#"; else the id."""
    return (order.number or "").strip().removeprefix("#").strip() or order.id


def too_old(change: OrderSaved, days: int) -> bool:
    """Return whether an order was placed more than this many days before its webhook was sent."""
    age = moment(change.version.tie) - moment(change.order.placed_at)
    return age > timedelta(days=days)

"""The age of an order, for all platforms that accept purchases."""

from __future__ import annotations

from datetime import timedelta

from shared.model.change import OrderSaved
from shared.model.version import moment


def too_old(change: OrderSaved, days: int) -> bool:
    """Return whether an order was placed more than this many days before its webhook was sent."""
    age = moment(change.version.tie) - moment(change.order.placed_at)
    return age > timedelta(days=days)

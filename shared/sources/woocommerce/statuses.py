"""What the status of an order means: the store's own, one of a plugin, and the merchant's map."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from shared.model.order import Status
from shared.settings import StatusMeaning, WooCommerce
from shared.sources.woocommerce.order_payloads import Order

# In WooCommerce's own words an order on hold awaits its payment, which is a bank transfer, and one
# in processing was paid, or is paid on delivery. 9.9.5 sends checkouts that are not finished.
_DEFAULTS: Mapping[str, StatusMeaning] = {
    "pending": "pending",
    "on-hold": "pending",
    "processing": "placed",
    "completed": "placed",
    "cancelled": "cancelled",
    "failed": "cancelled",
    "refunded": "cancelled",
    "trash": "cancelled",
    "checkout-draft": "ignored",
    "auto-draft": "ignored",
}
_STATUSES: Mapping[StatusMeaning, Status | None] = {
    "placed": Status.COMPLETED,
    "pending": Status.PENDING,
    "cancelled": Status.CANCELLED,
    "ignored": None,
}
_REFUNDED = "refunded"


def status_of(shop: WooCommerce, body: Order) -> Status | None:
    """Return the status of an order; None if an order with it is ignored."""
    back = refunded(body)
    # A shop may keep the status of an order whose whole amount it gave back.
    own = _REFUNDED if back and back == body.total.value else body.status or ""
    return _STATUSES[_meaning(shop, own, paid=body.date_paid_gmt is not None)]


def refunded(body: Order) -> Decimal:
    """Return how much of an order was refunded; a refund's total is below zero."""
    return sum((abs(one.total.value or Decimal(0)) for one in body.refunds or ()), Decimal(0))


def _meaning(shop: WooCommerce, status: str, *, paid: bool) -> StatusMeaning:
    """Return the meaning of a status: a plugin's is one of a purchase as soon as it was paid."""
    own = {name.removeprefix("wc-"): meaning for name, meaning in shop.statuses.items()}
    return own.get(status) or _DEFAULTS.get(status) or ("placed" if paid else "pending")

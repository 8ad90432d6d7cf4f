"""What the financial status of an order means: Shopify's statuses, and the merchant's map."""

from __future__ import annotations

from collections.abc import Mapping

from shared.model.order import Status
from shared.settings import Shopify, StatusMeaning
from shared.sources.shopify.order_payloads import Order

# An order exists only once its checkout is complete. So "pending" is a purchase, as "processing" is
# at WooCommerce: cash on delivery, a bank deposit, or a payment that is being captured. It may stay
# so for good. "expired" is one that was never paid.
_DEFAULTS: Mapping[str, StatusMeaning] = {"expired": "pending"}
_STATUSES: Mapping[StatusMeaning, Status | None] = {
    "placed": Status.COMPLETED,
    "pending": Status.PENDING,
    "cancelled": Status.CANCELLED,
    "ignored": None,
}


def status_of(shop: Shopify, body: Order) -> Status | None:
    """Return the status of an order; None if an order with it is ignored."""
    if body.cancelled_at:
        return Status.CANCELLED
    return _STATUSES[_meaning(shop, body.financial_status or "")]


def _meaning(shop: Shopify, status: str) -> StatusMeaning:
    if status in shop.statuses:
        return shop.statuses[status]
    # A refund is no cancellation, but the merchant can configure that a full refund is one.
    return "cancelled" if status in shop.cancelling else _DEFAULTS.get(status, "placed")

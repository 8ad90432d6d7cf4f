"""
Every topic of WooCommerce, once: its translation, or the reason why it is ignored. A topic in
neither table gets a response, is counted and ignored. Names: as captured from 9.9.5 and 11.0.1.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.sources.woocommerce import orders, people, privacy, products
from shared.sources.woocommerce.context import Translation

HANDLED: Mapping[str, Translation] = {
    "product.created": products.saved,
    "product.updated": products.saved,
    "product.published": products.saved,
    "product.restored": products.saved,
    "product.deleted": products.hinted,
    "action.woocommerce_before_delete_product": products.deleted,
    "action.woocommerce_delete_product_variation": products.variation_deleted,
    "order.created": orders.saved,
    "order.updated": orders.saved,
    "order.restored": orders.saved,
    "order.deleted": orders.hinted,
    "customer.created": people.saved,
    "customer.updated": people.saved,
    "customer.deleted": people.hinted,
    privacy.REDACT: privacy.redacted,
}
_COUPON = "a coupon is sent as the prices that were paid; trashing a product sends this too"

IGNORED: Mapping[str, str] = {
    "coupon.created": _COUPON,
    "coupon.updated": _COUPON,
    "coupon.deleted": _COUPON,
    "coupon.restored": _COUPON,
    "action.woocommerce_add_to_cart": "it names a cart's key and no product",
    "action.woocommerce_low_stock": "it names no product; product.updated has the count",
    "action.woocommerce_no_stock": "it names no product; product.updated has the count",
    "action.woocommerce_order_status_completed": "order.updated comes with it, and has the order",
    "action.woocommerce_payment_complete": "order.updated comes with it, and has the order",
}

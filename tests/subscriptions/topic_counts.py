"""How many topics can be subscribed to: from the tables, so that a new topic changes no test."""

from __future__ import annotations

from shared.sources.shopify.subscriptions import ShopifySubscriptions
from shared.sources.woocommerce.subscriptions import WooSubscriptions

_UNPROTECTED = {"customers/delete", "customers/merge", "orders/delete"}
SHOPIFY_TOPICS = len(ShopifySubscriptions.topics)
WOO_TOPICS = len(WooSubscriptions.topics | WooSubscriptions.optional)
# Those that need the scope `read_orders`, and those that need access to protected customer data.
ORDER_TOPICS = sum(
    one.startswith(("orders/", "carts/", "checkouts/")) for one in ShopifySubscriptions.topics
)
PROTECTED_TOPICS = (
    ORDER_TOPICS
    + sum(one.startswith("customers") for one in ShopifySubscriptions.topics)
    - len(_UNPROTECTED & ShopifySubscriptions.topics)
)

"""
The access scopes that topics require, and the topics that no API can subscribe to. From
shopify.dev/docs/api/webhooks, version 2026-04, "Required access scopes".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

# The resource of a topic, or the whole topic -> scopes; one of them is sufficient.
_SCOPES: Mapping[str, tuple[str, ...]] = {
    "products": ("read_products",),
    "variants": ("read_products",),
    "inventory_items": ("read_inventory", "read_products"),
    "inventory_levels": ("read_inventory",),
    "customers": ("read_customers",),
    "customers/merge": ("read_customer_merge",),
    "customers_email_marketing_consent": ("read_customers",),
    "orders": ("read_orders", "read_marketplace_orders", "read_buyer_membership_orders"),
    "carts": ("read_orders",),
    "checkouts": ("read_orders",),
    "app": (),
}
# shopify.dev/docs/apps/build/compliance/privacy-law-compliance: only in the app's configuration.
COMPLIANCE = ("customers/data_request", "customers/redact", "shop/redact")


def needed(topic: str) -> tuple[str, ...]:
    """Return the scopes of which a topic requires one; empty for a topic that requires none."""
    return _SCOPES.get(topic, _SCOPES.get(topic.partition("/")[0], ()))


def lacking(topic: str, granted: Collection[str]) -> str:
    """Return the missing scope of a topic, the usual one of several; empty if none is missing."""
    wanted = needed(topic)
    # A write scope includes reading (shopify.dev/docs/api/usage/access-scopes).
    enough = {*wanted, *(one.replace("read_", "write_", 1) for one in wanted)}
    return "" if not wanted or enough & {*granted} else wanted[0]

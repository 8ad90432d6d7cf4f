"""
Check that a body matches its topic. The signature covers only the body, so that anyone who has seen
a signed body could send it under any topic: an order as `shop/redact`.

Bodies of the same shape (products/delete and orders/delete: an id) cannot be distinguished.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from shared.errors import NotUnderstood
from shared.sources.shopify.context import Context

# A global id has five parts between slashes: gid://shopify/Order/1.
_GID, _GID_PARTS = "admin_graphql_api_id", 5
# A resource -> the type in its bodies' global ids; "": its bodies have no global id.
_TYPES: Mapping[str, str] = {
    "products": "Product",
    "variants": "ProductVariant",
    "customers": "Customer",
    "orders": "Order",
    "inventory_items": "InventoryItem",
    "inventory_levels": "InventoryLevel",
    "carts": "",
    "checkouts": "",
    "shop": "",
}
# Topic -> keys that all its bodies have: seen in every body of versions 2023-07 to 2026-10.
_REQUIRED_KEYS: Mapping[str, tuple[str, ...]] = {
    "checkouts/create": ("currency",),
    "checkouts/update": ("currency",),
    "customers/data_request": ("customer", "orders_requested"),
    "customers/redact": ("customer", "orders_to_redact"),
    "shop/redact": ("shop_domain",),
}
# Topic -> keys that none of its bodies has. A delete has an id and little else; orders/delete had
# the whole order in 2023.
_FORBIDDEN_KEYS: Mapping[str, tuple[str, ...]] = {
    "products/delete": ("created_at", "updated_at", "shop_domain"),
    "customers/delete": ("created_at", "updated_at", "shop_domain"),
    "orders/delete": ("shop_domain", "myshopify_domain"),
    "carts/create": ("cart_token", "checkout_token", "total_price"),
    "carts/update": ("cart_token", "checkout_token", "total_price"),
    "checkouts/create": ("checkout_token",),
    "checkouts/update": ("checkout_token",),
    "customers/data_request": ("orders_to_redact",),
    "customers/redact": ("orders_requested", "created_at"),
    "shop/redact": ("customer", "created_at"),
}


def check(context: Context) -> None:
    """Raise NotUnderstood, with the path, for a body of another topic or another shop."""
    topic = context.envelope.topic
    keys = context.keys
    wrong = [key for key in _REQUIRED_KEYS.get(topic, ()) if key not in keys]
    wrong += [key for key in _FORBIDDEN_KEYS.get(topic, ()) if key in keys]
    expected, found = _TYPES.get(topic.partition("/")[0]), _text(keys, _GID).split("/")
    if expected is not None and len(found) == _GID_PARTS and found[-2] != expected:
        wrong.append(_GID)
    if wrong:
        raise NotUnderstood("the body is of another topic", f"$.{wrong[0]}")
    # All shops of an app share its secret, and the header that names the shop is not signed.
    if (_text(keys, "shop_domain") or context.shop.shop).lower() != context.shop.shop:
        raise NotUnderstood("the body is about another shop", "$.shop_domain")


def _text(keys: Mapping[str, msgspec.Raw], key: str) -> str:
    try:
        return msgspec.json.decode(keys.get(key, b'""'), type=str)
    except msgspec.DecodeError:
        return ""

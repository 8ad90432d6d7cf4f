"""
What a Shopify store stores about an app: its tokens and scopes, and its subscriptions. The rules
and the error texts are those of the real API (live responses of 2026, and shopify.dev); written
independently of our client.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
ALL = frozenset({"read_products", "read_inventory", "read_customers", "read_customer_merge"})
# Resource of a topic in capitals -> the scope without which the topic cannot be subscribed to.
SCOPES: Mapping[str, str] = {
    "PRODUCTS": "read_products",
    "VARIANTS": "read_products",
    "INVENTORY_ITEMS": "read_inventory",
    "INVENTORY_LEVELS": "read_inventory",
    "CUSTOMERS_MERGE": "read_customer_merge",
    "CUSTOMERS": "read_customers",
    "ORDERS": "read_orders",
    "CARTS": "read_orders",
    "CHECKOUTS": "read_orders",
}
_EVENTS: Mapping[str, str] = {
    "PRODUCTS": "CREATE UPDATE DELETE",
    "VARIANTS": "IN_STOCK OUT_OF_STOCK",
    "INVENTORY_ITEMS": "CREATE UPDATE DELETE",
    "INVENTORY_LEVELS": "UPDATE CONNECT DISCONNECT",
    "CUSTOMERS": "CREATE UPDATE ENABLE DISABLE DELETE MERGE",
    "CUSTOMERS_EMAIL_MARKETING_CONSENT": "UPDATE",
    "ORDERS": "CREATE UPDATED PAID FULFILLED PARTIALLY_FULFILLED CANCELLED DELETE EDITED",
    "REFUNDS": "CREATE",
    "CARTS": "CREATE UPDATE",
    "CHECKOUTS": "CREATE UPDATE DELETE",
    "COLLECTIONS": "CREATE UPDATE DELETE",
    "APP": "UNINSTALLED",
    "SHOP": "UPDATE",
}
# The enum; it does not contain the compliance topics.
TOPICS = frozenset(
    f"{resource}_{event}" for resource, events in _EVENTS.items() for event in events.split()
)
_PROTECTED = ("CUSTOMERS", "ORDERS", "CARTS", "CHECKOUTS", "REFUNDS")
_UNPROTECTED = frozenset({"CUSTOMERS_DELETE", "CUSTOMERS_MERGE", "ORDERS_DELETE"})
NO_TOPIC = "You cannot create a webhook subscription with the specified topic"
NO_ACCESS = (
    "This app is not approved to subscribe to webhook topics containing protected customer data. "
    "See https://shopify.dev/docs/apps/launch/protected-customer-data for more details."
)
TAKEN = "Address for this topic has already been taken"
GONE = "Webhook subscription does not exist"


@dataclass(slots=True, kw_only=True)
class StoreData:
    """
    The store's data; a test may change any of it. ``served`` is the API version that responds when
    the requested one has been retired; ``available`` are the points left in the cost bucket, which
    refills by ``restore_rate`` points per second.
    """

    shop: str = "demo-store.myshopify.com"
    scopes: set[str] = field(default_factory=lambda: {*ALL, "read_orders"})
    protected: bool = True
    tokens: set[str] = field(default_factory=lambda: {"shpat_demo"}, repr=False)
    clients: dict[str, str] = field(default_factory=dict, repr=False)
    versions: frozenset[str] = frozenset({"2026-01", "2026-04", "2026-07", "2026-10"})
    subscriptions: list[Json] = field(default_factory=list)
    currency: str = "EUR"
    served: str | None = None
    available: float = 2000.0
    restore_rate: float = 100.0
    made: int = 0

    def subscribe(self, topic: str, uri: str, **more: Any) -> Json:
        """Add a subscription, as if the app had created it."""
        self.made += 1
        node = {
            "id": f"gid://shopify/WebhookSubscription/{self.made}",
            "topic": topic,
            "uri": uri,
            "format": "JSON",
            "filter": None,
            "includeFields": [],
            "apiVersion": {"handle": "2026-10"},
            **more,
        }
        self.subscriptions.append(node)
        return node

    def create(self, topic: str, fields: Json) -> tuple[Json | None, list[Json]]:
        """Run `webhookSubscriptionCreate`; return the subscription or the user errors."""
        if reason := self._topic(topic):
            return None, [_error(reason, "webhookSubscription")]
        node = {"topic": topic, "format": "JSON", "filter": None, **fields}
        if errors := self._errors(node, ""):
            return None, errors
        own = {name: value for name, value in fields.items() if name != "uri"}
        return self.subscribe(topic, fields["uri"], **own), []

    def update(self, name: str, fields: Json) -> tuple[Json | None, list[Json]]:
        """Run `webhookSubscriptionUpdate`; the topic stays."""
        found = self._find(name)
        if found is None:
            return None, [_error(GONE, "id")]
        if errors := self._errors({**found, **fields}, name):
            return None, errors
        found |= fields
        return found, []

    def delete(self, name: str) -> tuple[str | None, list[Json]]:
        """Run `webhookSubscriptionDelete`."""
        found = self._find(name)
        if found is None:
            return None, [_error(GONE, "id")]
        self.subscriptions.remove(found)
        return name, []

    def _find(self, name: str) -> Json | None:
        return next((one for one in self.subscriptions if one["id"] == name), None)

    def _topic(self, topic: str) -> str:
        resource = next((one for one in SCOPES if topic.startswith(one)), "")
        if resource and SCOPES[resource] not in self.scopes:
            return NO_TOPIC
        private = topic.startswith(_PROTECTED) and topic not in _UNPROTECTED
        return NO_ACCESS if private and not self.protected else ""

    def _errors(self, node: Json, name: str) -> list[Json]:
        uri = str(node.get("uri") or "")
        same = ("topic", "uri", "format", "filter")
        if not uri:
            return [_address("Address can't be blank")]
        if uri.startswith("http://"):
            return [_address("Address protocol http:// is not supported")]
        if ".myshopify.com" in uri or "//localhost" in uri or "//127." in uri:
            return [_address("Address cannot be a Shopify or an internal domain")]
        if any(
            one["id"] != name and all(one[key] == node[key] for key in same)
            for one in self.subscriptions
        ):
            return [_address(TAKEN)]
        return []


def _address(message: str) -> Json:
    # The field still has the name that it had before 2026.
    return {"field": ["webhookSubscription", "callbackUrl"], "message": message}


def _error(message: str, *path: str) -> Json:
    return {"field": list(path), "message": message}

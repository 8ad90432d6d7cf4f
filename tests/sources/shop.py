"""A test shop for the Shopify source: bodies, fake ports and a fake store, and `translate`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.errors import NotUnderstood, StoreUnavailable
from shared.model.change import OrderSaved, ProductSaved
from shared.model.entity import Entity
from shared.model.order import Order
from shared.model.product import Product
from shared.queue.envelope import Envelope
from shared.settings import Merchant, Secrets, Shopify, ShopifySecrets
from shared.sources.contract import Source, Translated
from shared.sources.shopify.context import Fetched, Store
from shared.sources.shopify.source import build
from shared.state.store_reads import StoreRead

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "shopify"
EVENTS = ROOT / "events"
SHOP = "demo-store.myshopify.com"
TRIGGERED = "2026-11-21T09:00:00.123456789Z"
DEADLINE = 1_000_100.0


@dataclass
class FakePorts:
    """Ports with a fixed clock, readable pseudonyms, and configured facts about the shop."""

    inventory: Mapping[str, bool] = field(default_factory=dict)
    time: float = 1_000_000.0
    queries: list[frozenset[str]] = field(default_factory=list)
    sent: frozenset[Entity] = frozenset()
    facts: dict[str, tuple[str, float]] = field(default_factory=dict)
    ended: list[tuple[StoreRead, bool]] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def pseudonym(self, email: str) -> str:
        return email.encode().hex()

    def tracked(self, items: frozenset[str]) -> Mapping[str, bool]:
        self.queries.append(items)
        return {item: self.inventory[item] for item in items if item in self.inventory}

    def known(self, entities: frozenset[Entity]) -> frozenset[Entity]:
        return entities & self.sent

    def recall(self, names: frozenset[str]) -> Mapping[str, str]:
        found = {name: self.facts[name] for name in names if name in self.facts}
        return {name: fact for name, (fact, until) in found.items() if until > self.time}

    def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
        until = self.time + seconds if seconds is not None else float("inf")
        self.facts |= {name: (fact, until) for name, fact in facts.items()}

    def begin_read(self, entity: Entity, received_at: str) -> StoreRead:
        return StoreRead(entity=entity, at=received_at, token="1")

    def end_read(self, read: StoreRead, *, settled: bool) -> None:
        self.ended.append((read, settled))


@dataclass
class FakeStore:
    """A store with one product, to which all inventory items belong; or one that fails."""

    fetched: Fetched | None = None
    error: StoreUnavailable | None = None
    queries: list[str] = field(default_factory=list)

    def product(self, product_id: str, deadline: float) -> Fetched | None:
        self.queries.append(f"product {product_id} {deadline}")
        if self.error:
            raise self.error
        return self.fetched

    def product_of_item(self, item_id: str, deadline: float) -> Fetched | None:
        self.queries.append(f"item {item_id} {deadline}")
        return self.fetched


def merchant(**shopify: Any) -> Merchant:
    return Merchant(
        name="demo",
        storefront="https://demo-store.example/",
        currency="USD",
        sources=("shopify",),
        destinations=("datacue",),
        shopify=Shopify(shop=SHOP, **shopify),
    )


def secrets(*keys: str) -> Secrets:
    return Secrets(shopify=ShopifySecrets(webhook_secrets=keys or ("secret",)))


def source(ports: FakePorts | None = None, store: Store | None = None, **shopify: Any) -> Source:
    return build(merchant(**shopify), secrets(), ports or FakePorts(), store)


def envelope(topic: str, body: object, **headers: str) -> Envelope:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Envelope(
        id="delivery-1",
        source="shopify",
        topic=topic,
        triggered_at=TRIGGERED,
        received_at="2026-11-21T09:00:01.000000000Z",
        headers={"shopify-topic": topic, **headers},
        body=raw,
    )


def translate(
    topic: str,
    body: object,
    ports: FakePorts | None = None,
    store: Store | None = None,
    **shopify: Any,
) -> Translated:
    return source(ports, store, **shopify).translate(envelope(topic, body), DEADLINE)


def failure(topic: str, body: object) -> str | None:
    """Return the path at which a body is not understood; None if it is."""
    try:
        translate(topic, body, accept_test=True)
    except NotUnderstood as error:
        return error.path
    return None


def product_of(found: Translated) -> Product:
    (change,) = found.changes
    assert isinstance(change, ProductSaved)
    return change.product


def order_of(found: Translated) -> Order:
    change = found.changes[-1]
    assert isinstance(change, OrderSaved)
    return change.order


def variant(**fields: Any) -> dict[str, Any]:
    return {
        "id": 21,
        "title": "Red / M",
        "price": "20.00",
        "compare_at_price": None,
        "sku": "TEE-RM",
        "option1": "Red",
        "option2": "M",
        "option3": None,
        "image_id": None,
        "inventory_item_id": 31,
        "inventory_policy": "deny",
        "inventory_quantity": 5,
        **fields,
    }


def product(**fields: Any) -> dict[str, Any]:
    variants = fields.get("variants", [variant()])
    return {
        "id": 11,
        "title": "Tee",
        "handle": "tee",
        "body_html": "<p>Soft.</p>",
        "vendor": "Acme",
        "product_type": "Shirts",
        "tags": "summer, sale",
        "status": "active",
        "published_at": "2026-01-01T00:00:00-05:00",
        "updated_at": "2026-11-20T08:00:00-05:00",
        "category": None,
        "options": [
            {"name": "Color", "position": 1, "values": ["Red"]},
            {"name": "Size", "position": 2, "values": ["M"]},
        ],
        "variants": variants,
        "variant_gids": [
            {"admin_graphql_api_id": str(index)} for index in range(len(variants or ()))
        ],
        "images": [{"id": 41, "src": "https://cdn.example/a.jpg?v=1", "variant_ids": []}],
        "image": {"id": 41, "src": "https://cdn.example/a.jpg?v=1", "variant_ids": []},
        "media": [],
        **fields,
    }


def line(**fields: Any) -> dict[str, Any]:
    return {
        "product_id": 11,
        "variant_id": 21,
        "variant_title": "Red / M",
        "title": "Tee",
        "sku": "TEE-RM",
        "gift_card": False,
        "quantity": 1,
        "current_quantity": 1,
        "price": "20.00",
        "price_set": sums("20.00", "3000"),
        "discount_allocations": [],
        **fields,
    }


def sums(shop: str, presentment: str) -> dict[str, Any]:
    return {
        "shop_money": {"amount": shop, "currency_code": "USD"},
        "presentment_money": {"amount": presentment, "currency_code": "JPY"},
    }


def share(shop: str, presentment: str = "0") -> dict[str, Any]:
    return {"amount": shop, "amount_set": sums(shop, presentment)}


def order(**fields: Any) -> dict[str, Any]:
    return {
        "id": 51,
        "name": "#1001",
        "test": False,
        "email": "ana@example.com",
        "contact_email": "ana@example.com",
        "customer": {"id": 61, "email": "ana@example.com"},
        "billing_address": None,
        "shipping_address": None,
        "line_items": [line()],
        "created_at": "2026-11-20T08:00:00-05:00",
        "processed_at": "2026-11-20T07:59:59-05:00",
        "updated_at": "2026-11-20T08:00:02-05:00",
        "cancelled_at": None,
        "financial_status": "paid",
        "currency": "USD",
        "presentment_currency": "JPY",
        "total_price": "25.00",
        "total_price_set": sums("25.00", "3750"),
        "current_total_price": "25.00",
        "current_total_price_set": sums("25.00", "3750"),
        "total_discounts": "0.00",
        "total_shipping_price_set": sums("5.00", "750"),
        **fields,
    }


def customer(**fields: Any) -> dict[str, Any]:
    return {
        "id": 61,
        "email": "Ana.Sample@Example.com ",
        "first_name": "Ana",
        "last_name": "Sample",
        "phone": None,
        "default_address": {"city": "Porto", "province": "Norte", "country": "Portugal"},
        "created_at": "2026-11-01T00:00:00Z",
        "updated_at": "2026-11-20T08:00:00-05:00",
        **fields,
    }

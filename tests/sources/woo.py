"""A test store for the WooCommerce source: captures, a fake store, documents, and `translate`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from shared.errors import NotUnderstood, StoreUnavailable
from shared.model.change import ProductSaved
from shared.model.product import Product
from shared.model.value import replace
from shared.model.version import Version, instant_at
from shared.queue.envelope import Envelope
from shared.settings import Merchant, Secrets, WooCommerce, WooCommerceSecrets
from shared.sources.contract import Source, Translated
from shared.sources.parsing.documents import read
from shared.sources.woocommerce import order_payloads, product_payloads
from shared.sources.woocommerce.context import Category, Store
from shared.sources.woocommerce.source import build
from tests.sources.shop import FakePorts

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "woocommerce"
REST = ROOT.parent / "shared" / "corpus" / "woocommerce-rest"
EVENTS = ROOT / "events" / "woocommerce"
# The home address of the store that was captured.
CAPTURED = "http://127.0.0.1:8088"
# After every moment in the captures; the default time of `FakePorts`.
NOW = 1_795_300_000.0
QUERIED_AT = instant_at(NOW)
# The version of a removal: newer than a clock that is a quarter of an hour ahead.
REMOVED = Version(instant_at(NOW + 900), QUERIED_AT)
RECEIVED = "2026-11-21T09:00:01.000000000Z"
DEADLINE = NOW + 100.0

Json = Mapping[str, Any]
T = TypeVar("T")


def ports(**fields: Any) -> FakePorts:
    return FakePorts(**{"time": NOW, **fields})


@dataclass
class FakeStore:
    """
    A store with documents in the format of wc/v3, by id. ``queries`` lists the received queries;
    if ``down``, it sends no response. ``tree`` is (name, parent) by category.
    """

    products: Mapping[int, Json] = field(default_factory=dict)
    children: Mapping[int, list[Json]] = field(default_factory=dict)
    orders: Mapping[int, Json] = field(default_factory=dict)
    customers: Mapping[int, Json] = field(default_factory=dict)
    tree: Mapping[int, tuple[str, int | None]] = field(default_factory=dict)
    money: str = "EUR"
    down: bool = False
    queries: list[str] = field(default_factory=list)

    def product(self, product_id: str, deadline: float) -> product_payloads.Product | None:
        self._record(f"product {product_id}", deadline)
        return _document(self.products, product_id, product_payloads.Product)

    def variations(self, product_id: str, deadline: float) -> tuple[product_payloads.Product, ...]:
        self._record(f"variations {product_id}", deadline)
        found = self.children.get(int(product_id), [])
        return tuple(read(json.dumps(one).encode(), product_payloads.Product) for one in found)

    def order(self, order_id: str, deadline: float) -> order_payloads.Order | None:
        self._record(f"order {order_id}", deadline)
        return _document(self.orders, order_id, order_payloads.Order)

    def customer(self, customer_id: str, deadline: float) -> order_payloads.Customer | None:
        self._record(f"customer {customer_id}", deadline)
        return _document(self.customers, customer_id, order_payloads.Customer)

    def categories(
        self, deadline: float, only: frozenset[str] = frozenset()
    ) -> Mapping[str, Category]:
        self._record(" ".join(["categories", *sorted(only)]), deadline)
        return {
            str(one): Category(name=name, parent=str(parent) if parent else None)
            for one, (name, parent) in self.tree.items()
            if not only or str(one) in only
        }

    def currency(self, deadline: float) -> str:
        self._record("currency", deadline)
        return self.money

    def _record(self, query: str, deadline: float) -> None:
        assert deadline == DEADLINE
        self.queries.append(query)
        if self.down:
            raise StoreUnavailable("the store gave no answer")


def _document(documents: Mapping[int, Json], name: str, shape: type[T]) -> T | None:
    found = documents.get(int(name))
    return None if found is None else read(json.dumps(found).encode(), shape)


def merchant(**woocommerce: Any) -> Merchant:
    return Merchant(
        name="demo",
        storefront="https://demo-store.example/",
        currency="USD",
        sources=("woocommerce",),
        destinations=("datacue",),
        woocommerce=WooCommerce(**{"url": "https://demo-store.example", **woocommerce}),
    )


def secrets(*keys: str) -> Secrets:
    return Secrets(woocommerce=WooCommerceSecrets(webhook_secrets=keys or ("secret",)))


def source(
    fake_ports: FakePorts | None = None, store: Store | None = None, **woocommerce: Any
) -> Source:
    """Return the source. Bodies are used, as most tests are about one, unless the test says so."""
    settings = {"read_store": "when-needed", "other_urls": (CAPTURED,), **woocommerce}
    return build(merchant(**settings), secrets(), fake_ports or ports(), store)


def envelope(topic: str, body: object, received: str = RECEIVED) -> Envelope:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Envelope(
        id="delivery-1",
        source="woocommerce",
        topic=topic,
        triggered_at=received,
        received_at=received,
        headers={"x-wc-webhook-topic": topic, "x-wc-webhook-id": "3"},
        body=raw,
    )


def translate(
    topic: str,
    body: object,
    fake_ports: FakePorts | None = None,
    store: Store | None = None,
    **woocommerce: Any,
) -> Translated:
    found = source(fake_ports, store, **woocommerce).translate(envelope(topic, body), DEADLINE)
    # Only `tests/sources/test_woocommerce_store_first.py` is about the read itself.
    return replace(found, read=None)


def failure(topic: str, body: object, store: Store | None = None) -> str | None:
    """Return the path at which a body is not understood; None if it is."""
    try:
        translate(topic, body, store=store)
    except NotUnderstood as error:
        return error.path
    return None


def capture(number: int) -> tuple[str, bytes]:
    """Return topic and raw body of a capture; skip the test where there is no corpus."""
    found = next(CORPUS.glob(f"{number:04d}-*.json"), None)
    if found is None:
        pytest.skip("no captures here")
    raw = json.loads(found.read_text())
    return found.stem.partition("-")[2], base64.b64decode(raw["body_b64"])


def json_of(body: bytes) -> Any:
    """Decode a body."""
    return json.loads(body)


def rest(name: str) -> Any:
    """Return a document of the REST API, such as `products__49__variations`."""
    found = REST / f"{name}.json"
    if not found.exists():
        pytest.skip("no captures here")
    return json.loads(found.read_text())


def product_of(found: Translated) -> Product:
    (change,) = found.changes
    assert isinstance(change, ProductSaved)
    return change.product


def product(**fields: Any) -> dict[str, Any]:
    """Return a simple product as in wc/v3."""
    return {
        "id": 11,
        "parent_id": 0,
        "type": "simple",
        "status": "publish",
        "name": "Tee",
        "slug": "tee",
        "permalink": "https://demo-store.example/product/tee/",
        "description": "<p>Soft.</p>",
        "short_description": "",
        "sku": "TEE",
        "price": "20.00",
        "regular_price": "20.00",
        "sale_price": "",
        "on_sale": False,
        "purchasable": True,
        "catalog_visibility": "visible",
        "post_password": "",
        "manage_stock": False,
        "stock_quantity": None,
        "stock_status": "instock",
        "categories": [{"id": 15, "name": "Uncategorized", "slug": "uncategorized"}],
        "brands": [],
        "tags": [],
        "images": [],
        "attributes": [],
        "variations": [],
        "date_modified_gmt": "2026-11-20T08:00:00",
        **fields,
    }


def variable(**fields: Any) -> dict[str, Any]:
    """Return a variable product with the two variations 21 and 22."""
    attributes = [
        {"id": 1, "name": "Farbe", "slug": "pa_farbe", "variation": True, "options": ["Rot"]},
        {"id": 0, "name": "Größe", "slug": "Größe", "variation": True, "options": ["M", "L"]},
    ]
    body = {"type": "variable", "regular_price": "", "attributes": attributes}
    return product(**{**body, "variations": [21, 22], **fields})


def variation(**fields: Any) -> dict[str, Any]:
    """Return a variation as in `products/11/variations`."""
    number = fields.get("id", 21)
    return {
        "id": number,
        "parent_id": 11,
        "type": "variation",
        "status": "publish",
        "name": "Rot, M",
        "permalink": f"https://demo-store.example/product/tee/?variation={number}",
        "sku": f"TEE-{number}",
        "price": "20.00",
        "regular_price": "20.00",
        "on_sale": False,
        "purchasable": True,
        "manage_stock": False,
        "stock_quantity": None,
        "stock_status": "instock",
        "image": None,
        "attributes": [
            {"id": 1, "name": "Farbe", "slug": "pa_farbe", "option": "Rot"},
            {"id": 0, "name": "Größe", "slug": "grose", "option": "M"},
        ],
        "date_modified_gmt": "2026-11-20T08:00:00",
        **fields,
    }


def order(**fields: Any) -> dict[str, Any]:
    """Return an order of a registered customer as in wc/v3; prices include tax."""
    return {
        "id": 51,
        "parent_id": 0,
        "number": "51",
        "status": "processing",
        "currency": "EUR",
        "prices_include_tax": True,
        "date_created_gmt": "2026-11-20T08:00:00",
        "date_modified_gmt": "2026-11-20T08:00:02",
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "shipping_total": "4.20",
        "shipping_tax": "0.80",
        "total": "25.00",
        "customer_id": 61,
        "billing": address(),
        "shipping": address(),
        "payment_method": "bacs",
        "customer_ip_address": "192.0.2.1",
        "customer_user_agent": "Mozilla/5.0",
        "line_items": [line()],
        "shipping_lines": [{"id": 72, "method_title": "Flat rate"}],
        "coupon_lines": [],
        "refunds": [],
        **fields,
    }


def line(**fields: Any) -> dict[str, Any]:
    """Return a line of an order: one unit for 20.00, of which 3.19 are tax."""
    return {
        "id": 71,
        "name": "Tee",
        "product_id": 11,
        "variation_id": 0,
        "quantity": 1,
        "subtotal": "16.81",
        "subtotal_tax": "3.19",
        "total": "16.81",
        "total_tax": "3.19",
        "sku": "TEE",
        "price": 16.8067227,
        **fields,
    }


def address(**fields: Any) -> dict[str, Any]:
    """Return a billing address."""
    return {
        "first_name": "Ana",
        "last_name": "Sample",
        "city": "Porto",
        "state": "",
        "country": "PT",
        "email": "ana@example.com",
        "phone": "",
        **fields,
    }


def customer(**fields: Any) -> dict[str, Any]:
    """Return a customer as in wc/v3."""
    return {
        "id": 61,
        "role": "customer",
        "email": "ana@example.com",
        "first_name": "Ana",
        "last_name": "Sample",
        "username": "ana",
        "billing": address(),
        "shipping": address(),
        "date_created_gmt": "2026-11-01T00:00:00",
        "date_modified_gmt": "2026-11-20T08:00:00",
        **fields,
    }

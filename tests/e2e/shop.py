"""A Shopify store for tests: signs and posts webhooks, and measures the response times."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

SHOP = "acme.myshopify.com"
SECRETS = {
    "shopify": {"webhook_secrets": ["new-secret", "old-secret"]},
    "datacue": {"api_key": "key", "api_secret": "secret"},
}
MERCHANT = """
name = "acme"
storefront = "https://acme.example"
currency = "USD"
sources = ["shopify"]
destinations = ["datacue"]

[shopify]
shop = "acme.myshopify.com"
delivery_mode = "{mode}"
accept_test = true

[datacue]
profile = "{profile}"
carts = "{carts}"

[catalog]
placeholder_photo = "https://acme.example/placeholder.png"

[delivery]
unsure_seconds = {unsure}
shop_redact_hours = 0
"""


def merchant(
    *,
    mode: str = "inline",
    profile: str = "2018-09",
    carts: str = "known-visitors",
    unsure: float = 30,
) -> str:
    return MERCHANT.format(mode=mode, profile=profile, carts=carts, unsure=unsure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    code: int
    status: str
    seconds: float


@dataclass(slots=True)
class Shop:
    url: str
    secret: str = "old-secret"
    session: requests.Session = field(default_factory=requests.Session)

    def post(
        self,
        topic: str,
        body: bytes,
        *,
        at: str = "2026-11-21T09:00:00.000000000Z",
        delivery: str | None = None,
    ) -> Reply:
        signature = hmac.new(self.secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": SHOP,
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Webhook-Id": delivery or uuid.uuid4().hex,
            "X-Shopify-Triggered-At": at,
            "X-Shopify-Hmac-Sha256": base64.b64encode(signature).decode(),
        }
        started = time.monotonic()
        response = self.session.post(
            f"{self.url}/webhooks/shopify", data=body, headers=headers, timeout=30
        )
        seconds = time.monotonic() - started
        outcome = response.json().get("status", "") if response.content else ""
        return Reply(code=response.status_code, status=outcome, seconds=seconds)

    def send(self, topic: str, payload: Any, **kwargs: Any) -> Reply:
        return self.post(topic, json.dumps(payload).encode(), **kwargs)


def product(number: int, *, second: int = 0, **fields: Any) -> dict[str, Any]:
    """Return a product of two variants, modified ``second`` seconds after 2026-11-21T08:00."""
    return {
        "id": number,
        "title": f"Product {number}",
        "body_html": "<p>Good</p>",
        "vendor": "Acme",
        "product_type": "Things",
        "handle": f"product-{number}",
        "updated_at": f"2026-11-21T08:{second // 60:02d}:{second % 60:02d}+00:00",
        "published_at": "2026-01-01T00:00:00+00:00",
        "status": "active",
        "tags": "",
        "options": [{"name": "Size", "position": 1, "values": ["S", "M"]}],
        "images": [],
        "variants": [variant(number, 1, "S"), variant(number, 2, "M")],
        "variant_gids": [],
        **fields,
    }


def variant(number: int, place: int, title: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": number * 10 + place,
        "product_id": number,
        "title": title,
        "price": "19.99",
        "sku": f"SKU-{number}-{place}",
        "position": place,
        "inventory_policy": "deny",
        "compare_at_price": None,
        "option1": title,
        "inventory_item_id": number * 100 + place,
        "inventory_quantity": 5,
        "image_id": None,
        **fields,
    }


def customer(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "email": f"customer-{number}@shop.example",
        "first_name": "Jo",
        "last_name": None,
        "updated_at": "2026-11-21T08:00:10+00:00",
        "created_at": "2026-11-21T08:00:10+00:00",
        **fields,
    }


def order(number: int, **fields: Any) -> dict[str, Any]:
    """Return an order of one line, without a customer."""
    line = {
        "product_id": 1,
        "variant_id": 11,
        "variant_title": "S",
        "title": "Product 1",
        "quantity": 2,
        "price": "19.99",
        "gift_card": False,
        "discount_allocations": [],
    }
    return {
        "id": number,
        "name": f"#{number}",
        "email": None,
        "customer": None,
        "created_at": "2026-11-21T08:00:20+00:00",
        "updated_at": "2026-11-21T08:00:20+00:00",
        "cancelled_at": None,
        "financial_status": "paid",
        "currency": "USD",
        "total_price": "39.98",
        "line_items": [line],
        **fields,
    }


def triggered(second: int, nanosecond: int = 0) -> str:
    return f"2026-11-21T08:{second // 60:02d}:{second % 60:02d}.{nanosecond:09d}Z"

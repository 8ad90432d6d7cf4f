"""A WooCommerce store for end-to-end tests: its REST API, and its signed webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from cli.sandbox.woocommerce.double import KEY, RestDouble
from cli.sandbox.woocommerce.store_data import StoreData
from tests.e2e.conftest import StackHarness, running_stack
from tests.e2e.shop import SECRETS

SECRET = "rig-s3cret-key_01"
KEYS = {"consumer_key": KEY.name, "consumer_secret": KEY.secret}
MERCHANT = """
name = "acme"
storefront = "https://acme.example"
currency = "EUR"
sources = {sources}
destinations = ["datacue"]

[shopify]
shop = "acme.myshopify.com"
accept_test = true

[woocommerce]
url = "{url}"
other_urls = ["http://127.0.0.1:8088"]
delivery_mode = "{mode}"

[datacue]
profile = "{profile}"

[catalog]
placeholder_photo = "https://acme.example/placeholder.png"

[delivery]
unsure_seconds = 1
"""


@dataclass(slots=True)
class Sender:
    """Send webhooks; ``webhook`` is the webhook's id at the store."""

    url: str
    webhook: str = "3"
    session: requests.Session = field(default_factory=requests.Session)

    def send(self, topic: str, body: object, **headers: str) -> requests.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        own = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-ID": self.webhook, **headers}
        return self.post(raw, own)

    def post(self, raw: bytes, headers: Mapping[str, str]) -> requests.Response:
        """Post a body with a valid signature and the given headers."""
        digest = hmac.new(SECRET.encode(), raw, hashlib.sha256).digest()
        signed = {**headers, "X-WC-Webhook-Signature": base64.b64encode(digest).decode()}
        return self.session.post(
            f"{self.url}/webhooks/woocommerce", data=raw, headers=signed, timeout=30
        )


@dataclass(slots=True)
class WooStack:
    """A running stack, the store that it queries, and the sender of the store's webhooks."""

    harness: StackHarness
    double: RestDouble
    sender: Sender

    @property
    def held(self) -> StoreData:
        return self.double.held

    def rows(self, number: int) -> dict[str, str]:
        """Return the names in a product's rows at the platform, by variant."""
        found = self.harness.state()["products"].get(str(number), {})
        return {variant: row["name"] for variant, row in found.items()}


def secrets(keys: Mapping[str, str]) -> dict[str, Any]:
    """Return the secret document of a merchant with these keys of the store's API."""
    return {**SECRETS, "woocommerce": {"webhook_secrets": [SECRET], **keys}}


@contextmanager
def running_woo_stack(  # noqa: PLR0913 - the settings of a stack
    held: StoreData | None = None,
    *,
    mode: str = "queued",
    profile: str = "2018-09",
    keys: Mapping[str, str] = KEYS,
    sources: tuple[str, ...] = ("woocommerce",),
    wait_scale: float = 0.02,
) -> Iterator[WooStack]:
    """Run a stack and a store; ``keys`` are those of the store's API, empty without any."""
    with RestDouble(held) as double:
        text = MERCHANT.format(
            url=double.url, mode=mode, profile=profile, sources=json.dumps(sources)
        )
        with running_stack(text, secrets=secrets(keys), wait_scale=wait_scale) as one:
            yield WooStack(one, double, Sender(one.stack.gateway))

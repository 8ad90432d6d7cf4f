"""The demo merchant of the measurements, and the webhooks of its Shopify store."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from msgspec.structs import replace

from bench.bodies import Body
from cli.sandbox.shopify.sender import sign
from shared.settings import Merchant, Secrets, read_merchant, read_secrets

MERCHANTS = Path(__file__).parents[1] / "merchants"
SECRETS = MERCHANTS / "demo.secrets.json"
SHOP = "demo-store.myshopify.com"
SECRET = "demo-new-secret"  # noqa: S105 - the demo merchant's, made up
_FOUR = 'destinations = ["datacue", "yespo", "esputnik", "personaclick"]'


def merchant_text() -> str:
    """
    Return the merchant file with DataCue as the only destination, so that figures stay comparable.

    Raise ValueError when the demo has other destinations.
    """
    text = (MERCHANTS / "demo.toml").read_text(encoding="utf-8")
    if _FOUR not in text:
        raise ValueError(f"the demo does not have {_FOUR}")
    return text.replace(_FOUR, 'destinations = ["datacue"]')


def secrets_text() -> str:
    """Return the secret document with one webhook secret: as between two rotations."""
    document = json.loads(SECRETS.read_bytes())
    return json.dumps(document | {"shopify": {"webhook_secrets": [SECRET]}})


def settings() -> tuple[Merchant, Secrets]:
    """Return the merchant and its secrets."""
    merchant = read_merchant(merchant_text())
    secrets = read_secrets(secrets_text(), merchant)
    # Orders of the samples are older than the default allows for the event of a purchase.
    older = {
        name: replace(site, max_purchase_age_days=365)
        for name, site in (("yespo", merchant.yespo), ("personaclick", merchant.personaclick))
        if site is not None
    }
    return replace(merchant, **older), secrets


def headers(topic: str, raw: bytes) -> dict[str, str]:
    """Return the headers of a webhook as a function receives them."""
    return {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": SHOP,
        "x-shopify-api-version": "2026-10",
        "x-shopify-webhook-id": str(uuid.uuid4()),
        "x-shopify-event-id": str(uuid.uuid4()),
        "x-shopify-triggered-at": "2026-11-21T09:00:00.123456789Z",
        "x-shopify-hmac-sha256": sign(raw, SECRET),
    }


def webhooks(body: Body) -> list[tuple[bytes, dict[str, str]]]:
    """Return the copies of a body, each with its headers."""
    return [(raw, headers(body.topic, raw)) for raw in body.copies]

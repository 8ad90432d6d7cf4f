"""
(a) What a webhook's meaning costs: check the signature, read the body, translate it, and write the
bodies of DataCue's calls. The floor checks the signature and does nothing with the JSON but read
and write it, with the standard library.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import msgspec

from bench.bodies import Body, bodies
from bench.measure import Effort, Figure, Work, by_turns, medians
from cli.local.store import sign
from cli.probe import Still
from shared.destinations.contract import Memory
from shared.destinations.registry import DESTINATIONS
from shared.settings import Merchant, Secrets, read_merchant, read_secrets
from shared.sources.registry import SOURCES

MERCHANTS = Path(__file__).parents[1] / "merchants"
GOAL = 1.0
SHOP = "demo-store.myshopify.com"
SECRET = "demo-new-secret"  # noqa: S105 - the demo merchant's, made up
NOW = 1_795_251_600.0


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure every body, at first sight: all of it becomes calls."""
    for body in bodies():
        rounds = by_turns(ours(body), floor(body), effort)
        mine, least = medians(rounds)
        yield Figure(
            part="a",
            name=f"{body.name} to DataCue's calls",
            unit="µs",
            ours=mine,
            floor=least,
            goal=GOAL,
            rounds=tuple(rounds),
        )


def demo() -> tuple[Merchant, Secrets]:
    """Read the bundled merchant, with one webhook secret: no rotation is going on."""
    merchant = read_merchant((MERCHANTS / "demo.toml").read_text(encoding="utf-8"))
    secrets = read_secrets((MERCHANTS / "demo.secrets.json").read_bytes(), merchant)
    if secrets.shopify is None:
        raise ValueError("the demo's merchant sells on Shopify")
    one = msgspec.structs.replace(
        secrets.shopify, webhook_secrets=secrets.shopify.webhook_secrets[:1]
    )
    return merchant, msgspec.structs.replace(secrets, shopify=one)


def headers(topic: str, raw: bytes, shop: str, secret: str) -> dict[str, str]:
    """Write the headers of a webhook as a function sees them."""
    return {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": shop,
        "x-shopify-api-version": "2026-10",
        "x-shopify-webhook-id": str(uuid.uuid4()),
        "x-shopify-event-id": str(uuid.uuid4()),
        "x-shopify-triggered-at": "2026-11-21T09:00:00.123456789Z",
        "x-shopify-hmac-sha256": sign(raw, secret),
    }


def signed(body: Body, shop: str, secret: str) -> list[tuple[bytes, dict[str, str]]]:
    """Give the copies of a body, each with its headers."""
    return [(raw, headers(body.topic, raw, shop, secret)) for raw in body.copies]


def ours(body: Body) -> Work:
    """Give the work that the door and the pipeline do between them, nothing of it left out."""
    merchant, secrets = demo()
    source = SOURCES["shopify"](merchant, secrets, Still())
    platform = DESTINATIONS["datacue"](merchant, secrets)
    webhooks = cycle(signed(body, SHOP, SECRET))
    memory = Memory()

    def work() -> object:
        raw, told = next(webhooks)
        source.verify(raw, told)
        envelope = source.admit(raw, told, NOW)
        translated = source.translate(envelope, NOW + 3)
        return [platform.plan(change, memory) for change in translated.changes]

    return work


def floor(body: Body) -> Work:
    """Give the least that verifying and writing the same bytes anew costs."""
    key = SECRET.encode()
    webhooks = cycle([(raw, sign(raw, SECRET)) for raw in body.copies])

    def work() -> object:
        raw, given = next(webhooks)
        digest = base64.b64encode(hmac.new(key, raw, hashlib.sha256).digest()).decode()
        if not hmac.compare_digest(digest, given):
            raise ValueError("the signature is wrong")
        return json.dumps(json.loads(raw))

    return work

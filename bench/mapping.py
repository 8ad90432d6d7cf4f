"""
(a) What a webhook's meaning costs: check the signature, read the body, translate it, and write the
bodies of a platform's calls. The floor checks the signature and does nothing with the JSON but read
and write it, with the standard library.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator, Sequence
from itertools import cycle

import msgspec

from bench import demo as merchants
from bench.bodies import Body, bodies
from bench.measure import Effort, Figure, Work, by_turns, medians
from cli.docs.field_probe import Still
from cli.sandbox.shopify.sender import sign
from shared.destinations.contract import KnownState
from shared.destinations.registry import DESTINATIONS
from shared.model.visitor import Visitor
from shared.settings import Merchant, Secrets, read_merchant, read_secrets
from shared.sources.registry import SOURCES

GOAL = 1.0
SHOP = "demo-store.myshopify.com"
SECRET = "demo-new-secret"  # noqa: S105 - the demo merchant's, made up
NOW = 1_795_251_600.0


# A destination, as a table calls it, and the kinds of bodies that are measured at it.
PLATFORMS = {
    "datacue": ("DataCue", range(5)),
    "yespo": ("Yespo", (0, 2)),
    "personaclick": ("PersonaClick", (0,)),
}
# The shopper, as the ledger remembers them; DataCue wants to know nothing of it.
_VISITOR = Visitor(
    sc="3b6e2d9a7f1c4850a4e8c7d15b90f263",
    did="Vx8kQ2mTzL",
    seance="r4NpW9sYbC",
    seen_at="2026-11-21T08:55:00Z",
)


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure every body, at first sight: all of it becomes calls."""
    for destination, (title, kinds) in PLATFORMS.items():
        yield from _figures(destination, title, [bodies()[kind] for kind in kinds], effort)


def _figures(
    destination: str, title: str, kinds: Sequence[Body], effort: Effort
) -> Iterator[Figure]:
    for body in kinds:
        rounds = by_turns(ours(body, destination), floor(body), effort)
        mine, least = medians(rounds)
        yield Figure(
            part="a",
            name=f"{body.name} to {title}'s calls",
            unit="µs",
            ours=mine,
            floor=least,
            goal=GOAL,
            rounds=tuple(rounds),
        )


def demo() -> tuple[Merchant, Secrets]:
    """Read the bundled merchant, with one webhook secret: no rotation is going on."""
    merchant = read_merchant(merchants.text())
    secrets = read_secrets((merchants.MERCHANTS / "demo.secrets.json").read_bytes(), merchant)
    if secrets.shopify is None:
        raise ValueError("the demo's merchant sells on Shopify")
    one = msgspec.structs.replace(
        secrets.shopify, webhook_secrets=secrets.shopify.webhook_secrets[:1]
    )
    # The samples' orders are too old to be told as purchases.
    aged = {
        name: msgspec.structs.replace(site, max_purchase_age_days=365)
        for name, site in (("yespo", merchant.yespo), ("personaclick", merchant.personaclick))
        if site is not None
    }
    return (
        msgspec.structs.replace(merchant, **aged),
        msgspec.structs.replace(secrets, shopify=one),
    )


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


def ours(body: Body, destination: str = "datacue") -> Work:
    """Give the work that the door and the pipeline do between them, nothing of it left out."""
    merchant, secrets = demo()
    source = SOURCES["shopify"](merchant, secrets, Still())
    platform = DESTINATIONS[destination](merchant, secrets)
    webhooks = cycle(signed(body, SHOP, SECRET))
    memory = KnownState(visitor=_VISITOR)

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

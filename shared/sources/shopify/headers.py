"""From a request with a good signature to an envelope."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from shared.errors import Incomplete, NotOurs
from shared.model.version import instant, instant_at
from shared.queue.envelope import Envelope
from shared.sources.parsing.timestamps import believed

NAME = "shopify"
# What Shopify's own library requires (shopify-app-js, webhooks/validate.ts); the rest is optional.
_REQUIRED = ("topic", "shop-domain", "api-version", "webhook-id")
_OPTIONAL = ("event-id", "triggered-at", "test", "name", "sub-topic")
# A header's name in an envelope -> its name on a webhook, and as Events have it.
_KEPT = {f"shopify-{name}": f"x-shopify-{name}" for name in (*_REQUIRED, *_OPTIONAL)}
# Shopify's ids are UUIDs. A row remembers 32 of them, and may not pass 400 KB.
LONGEST_ID = 128


def header(headers: Mapping[str, str], name: str) -> str:
    """Give a header by its bare name: ``x-shopify-topic``, or ``shopify-topic`` as Events say."""
    return (headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or "").strip()


def to_envelope(
    raw: bytes, headers: Mapping[str, str], received_at: float, *, shop: str
) -> Envelope:
    """
    Make the envelope. ``received_at`` in epoch seconds.

    Raises Incomplete for a missing header, NotOurs for another shop: the signature covers the body
    alone, so the domain is compared with the merchant's.
    """
    kept = {
        name: text.strip()
        for name, other in _KEPT.items()
        if (text := headers.get(other) or headers.get(name))
    }
    for name in _REQUIRED:
        if not kept.get(f"shopify-{name}"):
            raise Incomplete(f"x-shopify-{name}")
    if kept["shopify-shop-domain"].lower() != shop.lower():
        raise NotOurs("the webhook comes from another shop")
    received = instant_at(received_at)
    return Envelope(
        id=_bounded(kept["shopify-webhook-id"]),
        source=NAME,
        topic=kept["shopify-topic"].lower(),
        triggered_at=believed(
            _triggered(kept.get("shopify-triggered-at", "")) or received, received
        ),
        received_at=received,
        headers={name: value for name, value in kept.items() if value},
        body=raw,
    )


def _triggered(text: str) -> str | None:
    try:
        return instant(text)
    except (ValueError, OverflowError):
        return None


def _bounded(name: str) -> str:
    if len(name) <= LONGEST_ID:
        return name
    return hashlib.sha256(name.encode()).hexdigest()

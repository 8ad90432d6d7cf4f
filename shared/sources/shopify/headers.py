"""Conversion of a request with a valid signature to an envelope."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from shared.errors import Incomplete, NotOurs
from shared.model.version import instant, instant_at
from shared.queue.envelope import Envelope
from shared.sources.parsing.timestamps import plausible_time

NAME = "shopify"
# What Shopify's own library requires (shopify-app-js, webhooks/validate.ts); the rest is optional.
_REQUIRED = ("topic", "shop-domain", "api-version", "webhook-id")
_OPTIONAL = ("event-id", "triggered-at", "test", "name", "sub-topic")
# Name of a header in an envelope (and in Shopify's newer "Events") -> its name in a webhook.
_KEPT = {f"shopify-{name}": f"x-shopify-{name}" for name in (*_REQUIRED, *_OPTIONAL)}
# Shopify's ids are UUIDs. A row stores 32 of them, and may not exceed 400 KB.
MAX_ID_LENGTH = 128


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header by its bare name: ``x-shopify-topic``, or ``shopify-topic`` as in Events."""
    return (headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or "").strip()


def to_envelope(
    raw: bytes, headers: Mapping[str, str], received_at: float, *, shop: str
) -> Envelope:
    """
    Return the envelope. ``received_at`` is in epoch seconds.

    Raises Incomplete for a missing header and NotOurs for another shop: the signature covers only
    the body, so the domain is compared with the merchant's.
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
        id=_bounded_id(kept["shopify-webhook-id"]),
        source=NAME,
        topic=kept["shopify-topic"].lower(),
        triggered_at=plausible_time(
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


def _bounded_id(name: str) -> str:
    if len(name) <= MAX_ID_LENGTH:
        return name
    return hashlib.sha256(name.encode()).hexdigest()

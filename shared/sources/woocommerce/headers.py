"""From a request of WooCommerce with a good signature to an envelope."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from shared.errors import Incomplete
from shared.model.version import instant_at
from shared.queue.envelope import Envelope

NAME = "woocommerce"
_REQUIRED = ("topic", "id")
_KEPT = (*_REQUIRED, "source")
# Bodies with a state have it; deletes, actions and error documents do not.
_STATE = b'"date_modified_gmt"'
# What a new webhook sends before any event, unsigned (knowledge/woocommerce.md, section 1, Ping).
_PING = re.compile(rb"webhook_id=[0-9]+")


def header(headers: Mapping[str, str], name: str) -> str:
    """Give a header by its bare name: ``topic`` is ``x-wc-webhook-topic``."""
    return headers.get(f"x-wc-webhook-{name}", "").strip()


def pings(raw: bytes, headers: Mapping[str, str]) -> bool:
    """
    Tell a ping from a webhook. It must be answered exactly 200, or the store sends another one
    behind every delivery; nobody signs it, so nothing may follow from it.
    """
    return not header(headers, "topic") and _PING.fullmatch(raw) is not None


def to_envelope(raw: bytes, headers: Mapping[str, str], received_at: float) -> Envelope:
    """
    Make the envelope; ``received_at`` in epoch seconds. Raises Incomplete for a missing header.

    Nothing but the body is signed and no header tells a time: what orders states of one second is
    when they were received, here and never again.
    """
    kept = {f"x-wc-webhook-{name}": header(headers, name) for name in _KEPT}
    for name in _REQUIRED:
        if not kept[f"x-wc-webhook-{name}"]:
            raise Incomplete(f"x-wc-webhook-{name}")
    received = instant_at(received_at)
    topic = kept["x-wc-webhook-topic"].lower()
    return Envelope(
        id=_named(kept["x-wc-webhook-id"], topic, raw, received),
        source=NAME,
        topic=topic,
        triggered_at=received,
        received_at=received,
        headers={name: value for name, value in kept.items() if value},
        body=raw,
    )


def _named(webhook: str, topic: str, raw: bytes, received: str) -> str:
    """
    Name a delivery. The store's own Delivery-ID is a hash of the webhook and the second, and 42 of
    362 stood for different bodies. A hint is named by its moment too: trash, restore, trash sends
    the same hint twice, and both count.
    """
    own = "" if _STATE in raw else received
    parts = (webhook.encode(), topic.encode(), hashlib.sha256(raw).digest(), own.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()

"""Conversion of a WooCommerce request with a valid signature to an envelope."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

from shared.errors import Incomplete, NotOurs
from shared.model.version import instant_at
from shared.queue.envelope import Envelope

NAME = "woocommerce"
_REQUIRED = ("topic", "id")
_KEPT = (*_REQUIRED, "source")
# A new webhook sends this before any event, unsigned.
_PING = re.compile(rb"webhook_id=[0-9]+")
_DEFAULT_PORTS = frozenset({None, 80, 443})


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header by its bare name: ``topic`` is ``x-wc-webhook-topic``."""
    return headers.get(f"x-wc-webhook-{name}", "").strip()


def is_ping(raw: bytes, headers: Mapping[str, str]) -> bool:
    """
    Return whether a request is a ping and no webhook.

    The response must be exactly 200, or the store sends another ping after every delivery. A ping
    is unsigned, so it must have no effect.
    """
    return not header(headers, "topic") and _PING.fullmatch(raw) is not None


def check_store(headers: Mapping[str, str], urls: Iterable[str]) -> None:
    """
    Raise NotOurs for a webhook of a store with another address: a staging copy has the same secret,
    and would overwrite what the live store sent. A proxy may remove the header: then it passes.
    """
    sent = header(headers, "source")
    if sent and not is_home(sent, urls):
        raise NotOurs("the webhook comes from another store")


def is_home(address: str, urls: Iterable[str]) -> bool:
    """Return whether an address is one of a store's home addresses, however it is written."""
    found = _address(address)
    return found is not None and found in {_address(url) for url in urls}


def _address(url: str) -> tuple[str, int | None, str] | None:
    """Return host, port and path of a home address in one form; None if it is none."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        # A browser shows müller.example, and a server may say xn--mller-kva.example.
        name = host if host.isascii() else host.encode("idna").decode()
        port = None if parts.port in _DEFAULT_PORTS else parts.port
    except ValueError:
        return None
    return (name, port, unquote(parts.path).rstrip("/")) if name else None


def to_envelope(raw: bytes, headers: Mapping[str, str], received_at: float) -> Envelope:
    """
    Return the envelope; ``received_at`` is in epoch seconds.

    Raises Incomplete for a missing header.

    Only the body is signed and no header has a time. So states of the same second are ordered by
    the time of receipt, which is set here and never changed. It is also a part of the id: a store
    sends each webhook once, so that the same bytes again are a state that came back (or a copy that
    somebody sent, which the ledger's hash of the state makes harmless). The store's own Delivery-ID
    is a hash of the webhook and the second, and 42 of 362 were used for different bodies.
    """
    kept = {f"x-wc-webhook-{name}": header(headers, name) for name in _KEPT}
    for name in _REQUIRED:
        if not kept[f"x-wc-webhook-{name}"]:
            raise Incomplete(f"x-wc-webhook-{name}")
    received = instant_at(received_at)
    topic = kept["x-wc-webhook-topic"].lower()
    return Envelope(
        id=_delivery_id(kept["x-wc-webhook-id"], topic, raw, received),
        source=NAME,
        topic=topic,
        triggered_at=received,
        received_at=received,
        headers={name: value for name, value in kept.items() if value},
        body=raw,
    )


def _delivery_id(webhook: str, topic: str, raw: bytes, received: str) -> str:
    """Return the id of a delivery: of one receipt of one body."""
    parts = (webhook.encode(), topic.encode(), hashlib.sha256(raw).digest(), received.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()

"""A WooCommerce store that sends webhooks about its data, signed like WooCommerce's."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.sandbox.samples import topic_of
from cli.sandbox.shopify.sender import Reply, Sample, post, sign
from cli.sandbox.woocommerce.routes import SingleDocument, find
from cli.sandbox.woocommerce.store_data import StoreData

# The webhook's id. A real store has one webhook for each topic; one is enough here.
_WEBHOOK = "3"
# Creates come first, deletes last.
_FIRST, _LAST = ("created", "published"), ("deleted",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A store: its webhook secret, the URL of its webhooks, its data and its home address."""

    secret: str = field(repr=False)
    url: str
    held: StoreData = field(repr=False)
    home: str = "https://woo.demo-store.example"

    def send(self, sample: Sample, *, signature: str | None = None) -> Reply:
        """Send a webhook, with the correct signature unless another one is given."""
        resource, _, event = sample.topic.partition(".")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "WooCommerce/11.0.1 Hookshot (WordPress/7.1)",
            "X-WC-Webhook-Source": f"{self.home.rstrip('/')}/",
            "X-WC-Webhook-Topic": sample.topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": signature or sign(sample.body, self.secret),
            "X-WC-Webhook-ID": _WEBHOOK,
            "X-WC-Webhook-Delivery-ID": sample.id,
        }
        return post(self.url, sample.body, headers)

    def ping(self) -> Reply:
        """Send the ping of a new webhook: it has no topic and no signature."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return post(self.url, f"webhook_id={_WEBHOOK}".encode(), headers)

    def webhook(self, topic: str, number: int) -> Sample:
        """Return the webhook about a stored object; a delete has only the id. Raise KeyError."""
        if topic.endswith(".deleted"):
            return _sample(topic, str(number), {"id": number})
        found = find(self.held, f"{topic.partition('.')[0]}s/{number}")
        if not isinstance(found, SingleDocument) or found.document is None:
            raise KeyError(number)
        return _sample(topic, str(number), found.document)


def samples(folder: Path) -> list[Sample]:
    """Read ``<topic>__<case>.json`` files, in a plausible order of events."""
    files = sorted(folder.glob("*.json"), key=lambda file: (_place(topic_of(file)), file.name))
    now = datetime.now(UTC)
    return [
        Sample(id=f"demo-{file.stem}", topic=topic_of(file), body=file.read_bytes(), at=now)
        for file in files
    ]


def _sample(topic: str, name: str, body: Any) -> Sample:
    return Sample(
        id=f"demo-{name}", topic=topic, body=json.dumps(body).encode(), at=datetime.now(UTC)
    )


def _place(topic: str) -> int:
    resource, _, event = topic.partition(".")
    if event in _FIRST:
        return 0
    return 2 if event in _LAST or resource == "action" else 1

"""The webhooks of stores, and a Shopify store that sends the samples, signed like Shopify's."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from cli.sandbox.samples import EVENTS as ALL_EVENTS
from cli.sandbox.samples import topic_of

EVENTS = ALL_EVENTS / "shopify"
_TIMEOUT = 35.0
# The order of the samples: a create comes before its update or delete; other topics in between.
_FIRST = ("products/create", "customers/create", "carts/", "checkouts/", "orders/create")
_LAST = ("orders/delete", "customers/delete", "products/delete")
UNINSTALL_TOPICS = ("app/uninstalled", "shop/redact")
_PRIVACY = ("customers/data_request", "customers/redact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One webhook to send; ``at`` is its trigger time, as the shop states it."""

    id: str
    topic: str
    body: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The receiver's response; ``outcome`` is the status in its body, empty without one."""

    status: int
    body: bytes
    outcome: str


class Sender(Protocol):
    """A store of any platform."""

    def send(self, sample: Sample, *, signature: str | None = None) -> Reply:
        """Send a webhook, with the correct signature unless another one is given."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A Shopify store: its domain, its signing secret, and the URL of its webhooks."""

    shop: str
    secret: str = field(repr=False)
    url: str
    api_version: str

    def send(self, sample: Sample, *, signature: str | None = None) -> Reply:
        """Send a webhook, with the correct signature unless another one is given."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": sample.topic,
            "X-Shopify-Shop-Domain": self.shop,
            "X-Shopify-API-Version": self.api_version,
            "X-Shopify-Webhook-Id": sample.id,
            "X-Shopify-Triggered-At": f"{sample.at:%Y-%m-%dT%H:%M:%S.%f}000Z",
            "X-Shopify-Hmac-Sha256": signature or sign(sample.body, self.secret),
        }
        return post(self.url, sample.body, headers)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Post a webhook; return the receiver's response."""
    request = urllib.request.Request(url, data=body, headers=dict(headers))  # noqa: S310 - our own gateway
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - as above
            return _reply(response.status, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return _reply(error.code, error.read())


def sign(body: bytes, secret: str) -> str:
    """Return a body's signature in both platforms' form: HMAC-SHA256 of the bytes, in base64."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def samples(folder: Path, now: datetime) -> list[Sample]:
    """Read ``<topic with / as __>__<case>.json`` files, in a plausible order of events."""
    files = sorted(folder.glob("*.json"), key=lambda file: (_place(topic_of(file)), file.name))
    start = now.astimezone(UTC) - timedelta(minutes=10)
    return [
        Sample(
            id=f"demo-{file.stem.replace('__', '-')}",
            topic=topic_of(file),
            body=file.read_bytes(),
            at=start + timedelta(seconds=number),
        )
        for number, file in enumerate(files)
    ]


def changed(sample: Sample, name: str, /, *, later: int, **fields: Any) -> Sample:
    """Return another webhook of the same object, ``later`` seconds newer, with changed fields."""
    at = sample.at + timedelta(seconds=later)
    body = json.loads(sample.body)
    modified = datetime.fromisoformat(body["updated_at"]) + timedelta(seconds=later)
    body |= {"updated_at": modified.isoformat(), **fields}
    topic = sample.topic.replace("/create", "/update")
    return dataclasses.replace(
        sample, id=f"demo-{name}", topic=topic, body=json.dumps(body).encode(), at=at
    )


def facts(sample: Sample) -> Mapping[str, Any]:
    """Return a sample's body as parsed JSON."""
    return dict(json.loads(sample.body))


def _place(topic: str) -> int:
    for number, start in enumerate(_FIRST):
        if topic.startswith(start):
            return number
    last = (*_LAST, *_PRIVACY, *UNINSTALL_TOPICS)
    return 99 + last.index(topic) if topic in last else 50


def _reply(status: int, body: bytes) -> Reply:
    try:
        outcome = str(json.loads(body)["status"])
    except (ValueError, TypeError, KeyError):
        outcome = ""
    return Reply(status=status, body=body, outcome=outcome)

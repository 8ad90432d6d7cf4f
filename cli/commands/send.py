"""``shoprelay send``: a file as the shop would send it, signed, to the deployed or local door."""

from __future__ import annotations

import time
import urllib.error
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import typer

from cli.commands.dlq import Json
from cli.commands.options import Name, SecretsFile
from cli.merchants import read_file
from cli.merchants.files import named
from cli.sandbox.samples import topic_of
from cli.sandbox.shopify.sender import Reply, Sample, Sender, Store
from cli.sandbox.woocommerce.shop import Shop
from cli.sandbox.woocommerce.store_data import StoreData
from cli.stack import outputs, secrets_manager
from shared.errors import NotConfigured
from shared.settings import Merchant, Secrets

EXAMPLE = (
    "Example: shoprelay send acme events/shopify/orders__create__guest.json --secrets "
    "merchants/acme.secrets.json --url http://127.0.0.1:8787. Exit codes: 0 taken, 1 refused, 2 "
    "not sent."
)
_TAKEN = range(200, 300)
_MEANINGS = {
    401: "the door does not take the signature, or the shop's name: `shoprelay secrets list` says "
    "what is there, and a new secret is known after five minutes",
    403: "something before the door refuses it: look at the address",
    404: "there is no door at that address: `shoprelay deploy` prints it",
    429: "the door is busy: a shop would send it again, do the same",
    500: "the door could not keep it: a shop would send it again; `shoprelay tail` says why",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A file, and what it is sent as."""

    source: str
    topic: str
    body: bytes = field(repr=False)


def send(  # noqa: PLR0913 - one parameter per option of the command
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="EVENT.json", help="A body, as in events/.")],
    *,
    topic: Annotated[str | None, typer.Option(help="By default as the file is named.")] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Of the door, not the stack's.")
    ] = None,
    secrets: SecretsFile = None,
    json_out: Json = False,
) -> None:
    """Sign a file as the shop would, send it, and show the answer and how long it took."""
    merchant = named(name)
    event = event_of(merchant, file, topic)
    found = secrets_manager.secrets_of(merchant, secrets)
    where = _door(url, event.source) if url else outputs.endpoint(merchant, event.source)
    sample = Sample(
        id=f"send-{uuid.uuid4()}", topic=event.topic, body=event.body, at=datetime.now(UTC)
    )
    reply, milliseconds = _sent(_shop(merchant, found, event.source, where), sample, where)
    told = {
        "id": sample.id,
        "topic": event.topic,
        "url": where,
        "status": reply.status,
        "says": reply.outcome or None,
        "milliseconds": milliseconds,
    }
    taken = reply.status in _TAKEN
    typer.echo(msgspec.json.encode(told).decode() if json_out else _said(told, taken=taken))
    if not taken:
        raise typer.Exit(1)


def event_of(merchant: Merchant, file: Path, topic: str | None) -> Event:
    """Read a file that is named for its topic. Raises NotConfigured, or typer.BadParameter."""
    topic = topic or topic_of(file)
    if not topic:
        raise typer.BadParameter(f"{file.name} names no topic: say it", param_hint="--topic")
    # Topics of WooCommerce have a dot; of Shopify a few have one too, and all others a slash.
    likely = "shopify" if "/" in topic else "woocommerce"
    source = likely if likely in merchant.sources or len(merchant.sources) > 1 else ""
    if not source:
        raise NotConfigured(
            f"{topic} is a topic of {likely}, and {merchant.name} has {merchant.sources[0]}"
        )
    return Event(source=source, topic=topic, body=read_file.body(file))


def _shop(merchant: Merchant, secrets: Secrets, source: str, where: str) -> Sender:
    if source == "shopify" and merchant.shopify and secrets.shopify:
        return Store(
            shop=merchant.shopify.shop,
            secret=secrets.shopify.webhook_secrets[0],
            url=where,
            api_version=merchant.shopify.api_version,
        )
    if source == "woocommerce" and secrets.woocommerce:
        return Shop(secret=secrets.woocommerce.webhook_secrets[0], url=where, held=StoreData())
    raise NotConfigured(f"{merchant.name} has no {source}")


def _sent(shop: Sender, sample: Sample, where: str) -> tuple[Reply, int]:
    started = time.perf_counter()
    try:
        reply = shop.send(sample)
    except (urllib.error.URLError, OSError, ValueError):
        # Its text may hold the whole address.
        place = urlsplit(where)
        hint = "look at --url"
        if place.hostname in {"127.0.0.1", "localhost"}:
            plain = place.scheme == "http"
            hint = "is `shoprelay local` running?" if plain else "`shoprelay local` speaks http"
        raise NotConfigured(f"nothing answers at {place.scheme}://{place.netloc}: {hint}") from None
    return reply, round((time.perf_counter() - started) * 1000)


def _door(url: str, source: str) -> str:
    """Give the whole address; of a door the path may be left out."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise typer.BadParameter("an address begins with http:// or https://", param_hint="--url")
    return url if parts.path.strip("/") else f"{url.rstrip('/')}/webhooks/{source}"


def _said(told: dict[str, object], *, taken: bool) -> str:
    status = f"{told['status']}{' ' + str(told['says']) if told['says'] else ''}"
    line = f"{told['topic']}: {status}, {told['milliseconds']} ms. Its id is {told['id']}."
    if taken:
        return line
    meaning = _MEANINGS.get(int(str(told["status"])), "`shoprelay tail` says what it did")
    return f"{line}\n{meaning[:1].upper()}{meaning[1:]}."

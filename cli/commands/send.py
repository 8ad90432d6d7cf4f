"""``shoprelay send``: send a file, signed as the shop would, to the deployed or local receiver."""

from __future__ import annotations

import time
import urllib.error
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cli import output
from cli.commands.options import Json, Name, SecretsFile
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
    "merchants/acme.secrets.json --url http://127.0.0.1:8787. Exit codes: 0 accepted, 1 rejected, "
    "2 not sent."
)
_ACCEPTED = range(200, 300)
_MEANINGS = {
    401: "the signature or the shop's name is wrong: `shoprelay secrets list` shows which secrets "
    "are set; a new secret is used after five minutes at most",
    403: "something before the receiver rejects the request: check the address",
    404: "there is no receiver at that address: `shoprelay deploy` prints the address",
    429: "the receiver is busy; a shop would send the webhook again: do the same",
    500: "the receiver could not store the webhook; a shop would send it again: `shoprelay tail` "
    "says why",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A file, and the source and topic to send it as."""

    source: str
    topic: str
    body: bytes = field(repr=False)


def send(  # noqa: PLR0913 - one parameter per option of the command
    name: Name,
    file: Annotated[
        Path, typer.Argument(metavar="EVENT.json", help="Body of a webhook, as in events/.")
    ],
    *,
    topic: Annotated[
        str | None, typer.Option(help="Topic. Default: from the name of the file.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Receiver, instead of the stack's.")
    ] = None,
    secrets: SecretsFile = None,
    json_out: Json = False,
) -> None:
    """Sign a file as the shop would, send it, and show the response and how long it took."""
    merchant = named(name)
    event = event_of(merchant, file, topic)
    found = secrets_manager.secrets_of(merchant, secrets)
    where = _receiver(url, event.source) if url else outputs.endpoint(merchant, event.source)
    sample = Sample(
        id=f"send-{uuid.uuid4()}", topic=event.topic, body=event.body, at=datetime.now(UTC)
    )
    reply, milliseconds = _sent(_shop(merchant, found, event.source, where), sample, where)
    result = {
        "id": sample.id,
        "topic": event.topic,
        "url": where,
        "status": reply.status,
        "says": reply.outcome or None,
        "milliseconds": milliseconds,
    }
    accepted = reply.status in _ACCEPTED
    output.echo_result(result, _text(result, accepted=accepted), json_out=json_out)
    if not accepted:
        raise typer.Exit(1)


def event_of(merchant: Merchant, file: Path, topic: str | None) -> Event:
    """Read a file that is named after its topic. Raises NotConfigured, or typer.BadParameter."""
    topic = topic or topic_of(file)
    if not topic:
        raise typer.BadParameter(
            f"{file.name} is not named after a topic: set one", param_hint="--topic"
        )
    # WooCommerce's topics have a dot. So have a few of Shopify's; all its others have a slash.
    likely = "shopify" if "/" in topic else "woocommerce"
    source = likely if likely in merchant.sources or len(merchant.sources) > 1 else ""
    if not source:
        raise NotConfigured(
            f"{topic} is a topic of {likely}, and {merchant.name} has {merchant.sources[0]} only: "
            "check --topic"
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
    if source == "woocommerce" and merchant.woocommerce and secrets.woocommerce:
        return Shop(
            secret=secrets.woocommerce.webhook_secrets[0],
            url=where,
            held=StoreData(),
            home=merchant.woocommerce.url,
        )
    raise NotConfigured(f"{merchant.name} has no source {source}: add it to `sources`")


def _sent(shop: Sender, sample: Sample, where: str) -> tuple[Reply, int]:
    started = time.perf_counter()
    try:
        reply = shop.send(sample)
    except (urllib.error.URLError, OSError, ValueError):
        # The error's text may hold the whole address.
        place = urlsplit(where)
        hint = "check --url"
        if place.hostname in {"127.0.0.1", "localhost"}:
            plain = place.scheme == "http"
            hint = "is `shoprelay local` running?" if plain else "`shoprelay local` needs http"
        raise NotConfigured(f"no response from {place.scheme}://{place.netloc}: {hint}") from None
    return reply, round((time.perf_counter() - started) * 1000)


def _receiver(url: str, source: str) -> str:
    """Return the whole address of the receiver, whose path may be left out."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise typer.BadParameter("an address begins with http:// or https://", param_hint="--url")
    return url if parts.path.strip("/") else f"{url.rstrip('/')}/webhooks/{source}"


def _text(result: dict[str, object], *, accepted: bool) -> str:
    status = f"{result['status']}{' ' + str(result['says']) if result['says'] else ''}"
    line = f"{result['topic']}: {status}, {result['milliseconds']} ms. Its id is {result['id']}."
    if accepted:
        return line
    meaning = _MEANINGS.get(int(str(result["status"])), "`shoprelay tail` shows the log")
    return f"{line}\n{meaning[:1].upper()}{meaning[1:]}."

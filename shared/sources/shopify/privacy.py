"""Privacy law (customers/data_request, customers/redact, shop/redact), and app/uninstalled."""

from __future__ import annotations

from collections.abc import Iterable

from shared.model.change import Change, OrderRemoved, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.model.version import instant_at
from shared.queue.envelope import Envelope
from shared.sources.contract import (
    DataRequested,
    Forget,
    Redacted,
    ShopRedacted,
    Translated,
    Uninstalled,
)
from shared.sources.parsing.documents import read_strictly
from shared.sources.parsing.people import guest_entity, normalize_email, redaction_body
from shared.sources.shopify.context import Context
from shared.sources.shopify.headers import NAME
from shared.sources.shopify.payloads import Body, PrivacyRequest


def data_requested(context: Context) -> Translated:
    """Translate customers/data_request: the merchant must send a person the data stored of them."""
    body = read_strictly(context.body, PrivacyRequest)
    people = tuple(entity for entity, _ in _people(context, body))
    notice = DataRequested(people=people, orders=_orders(body.orders_requested))
    return Translated(notice=notice)


def redacted(context: Context) -> Translated:
    """Translate customers/redact: remove the person, under both entities, and the listed orders."""
    body = read_strictly(context.body, PrivacyRequest)
    version = context.deletion_version()
    people = _people(context, body)
    orders = _orders(body.orders_to_redact)
    changes: list[Change] = [
        PersonRemoved(entity=entity, version=version, user_id=name, redacted=True)
        for entity, name in people
    ]
    changes += [OrderRemoved(entity=entity, version=version, redacted=True) for entity in orders]
    notice = Redacted(people=tuple(entity for entity, _ in people), orders=orders)
    return Translated(changes=tuple(changes), notice=notice)


def manual_redaction(request: Forget, delivery_id: str, now: float) -> Envelope:
    """
    Return the customers/redact that Shopify would send; ``now`` is in epoch seconds.

    Raises NotUnderstood for a request that names nothing, and for an invalid id or address.
    """
    raw = redaction_body(request)
    read_strictly(raw, PrivacyRequest)
    moment = instant_at(now)
    return Envelope(
        id=delivery_id,
        source=NAME,
        topic="customers/redact",
        triggered_at=moment,
        received_at=moment,
        headers={"shopify-topic": "customers/redact", "shopify-webhook-id": delivery_id},
        body=raw,
    )


def shop_redacted(context: Context) -> Translated:
    """Translate shop/redact: delete all data of the shop, 48 hours after the app was removed."""
    read_strictly(context.body, Body)
    return Translated(notice=ShopRedacted())


def uninstalled(context: Context) -> Translated:
    """Translate app/uninstalled: the shop sends no more webhooks."""
    read_strictly(context.body, Body)
    return Translated(notice=Uninstalled())


def _people(context: Context, body: PrivacyRequest) -> tuple[tuple[Entity, str], ...]:
    found: list[tuple[Entity, str]] = []
    if body.customer and body.customer.id:
        found.append((Entity(Kind.PERSON, body.customer.id), body.customer.id))
    address = normalize_email(body.customer.email if body.customer else None)
    if address:
        found.append((guest_entity(context.ports, address), address))
    return tuple(found)


def _orders(ids: Iterable[str] | None) -> tuple[Entity, ...]:
    return tuple(Entity(Kind.ORDER, one) for one in ids or ())

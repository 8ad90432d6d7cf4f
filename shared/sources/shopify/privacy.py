"""What the law asks for (customers/data_request, customers/redact, shop/redact), and the end."""

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
from shared.sources.parsing.people import email, guest, wished
from shared.sources.parsing.scalars import read
from shared.sources.shopify.context import Context
from shared.sources.shopify.headers import NAME
from shared.sources.shopify.payloads import Body, PrivacyRequest


def data_requested(job: Context) -> Translated:
    """customers/data_request: the merchant must tell a person what is held about them."""
    body = read(job.body, PrivacyRequest)
    people = tuple(entity for entity, _ in _people(job, body))
    notice = DataRequested(people=people, orders=_orders(body.orders_requested))
    return Translated(notice=notice)


def redacted(job: Context) -> Translated:
    """customers/redact: the person, under both their names, and the orders listed must go."""
    body = read(job.body, PrivacyRequest)
    version = job.deletion()
    people = _people(job, body)
    orders = _orders(body.orders_to_redact)
    changes: list[Change] = [
        PersonRemoved(entity=entity, version=version, user_id=name, redacted=True)
        for entity, name in people
    ]
    changes += [OrderRemoved(entity=entity, version=version, redacted=True) for entity in orders]
    notice = Redacted(people=tuple(entity for entity, _ in people), orders=orders)
    return Translated(changes=tuple(changes), notice=notice)


def by_hand(wish: Forget, name: str, now: float) -> Envelope:
    """
    Write the customers/redact that Shopify would send; ``name`` is the delivery's id, ``now`` in
    epoch seconds.

    Raises NotUnderstood when nobody is named, and for a name that is none.
    """
    raw = wished(wish)
    read(raw, PrivacyRequest)
    moment = instant_at(now)
    return Envelope(
        id=name,
        source=NAME,
        topic="customers/redact",
        triggered_at=moment,
        received_at=moment,
        headers={"shopify-topic": "customers/redact", "shopify-webhook-id": name},
        body=raw,
    )


def shop_redacted(job: Context) -> Translated:
    """shop/redact: everything of the shop must go, 48 hours after the app did."""
    read(job.body, Body)
    return Translated(notice=ShopRedacted())


def uninstalled(job: Context) -> Translated:
    """app/uninstalled: no webhook will come any more."""
    read(job.body, Body)
    return Translated(notice=Uninstalled())


def _people(job: Context, body: PrivacyRequest) -> tuple[tuple[Entity, str], ...]:
    found: list[tuple[Entity, str]] = []
    if body.customer and body.customer.id:
        found.append((Entity(Kind.PERSON, body.customer.id), body.customer.id))
    address = email(body.customer.email if body.customer else None)
    if address:
        found.append((guest(job.ports, address), address))
    return tuple(found)


def _orders(ids: Iterable[str] | None) -> tuple[Entity, ...]:
    return tuple(Entity(Kind.ORDER, one) for one in ids or ())

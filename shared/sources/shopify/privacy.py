"""What the law asks for (customers/data_request, customers/redact, shop/redact), and the end."""

from __future__ import annotations

from collections.abc import Iterable

from shared.model.change import Change, OrderRemoved, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.sources.contract import (
    DataRequested,
    Redacted,
    ShopRedacted,
    Translated,
    Uninstalled,
)
from shared.sources.shopify.job import Job
from shared.sources.shopify.payloads import Body, PrivacyRequest
from shared.sources.shopify.people import email, guest
from shared.sources.shopify.scalars import read


def data_requested(job: Job) -> Translated:
    """customers/data_request: the merchant must tell a person what is held about them."""
    body = read(job.body, PrivacyRequest)
    people = tuple(entity for entity, _ in _people(job, body))
    notice = DataRequested(people=people, orders=_orders(body.orders_requested))
    return Translated(notice=notice)


def redacted(job: Job) -> Translated:
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


def shop_redacted(job: Job) -> Translated:
    """shop/redact: everything of the shop must go, 48 hours after the app did."""
    read(job.body, Body)
    return Translated(notice=ShopRedacted())


def uninstalled(job: Job) -> Translated:
    """app/uninstalled: no webhook will come any more."""
    read(job.body, Body)
    return Translated(notice=Uninstalled())


def _people(job: Job, body: PrivacyRequest) -> tuple[tuple[Entity, str], ...]:
    found: list[tuple[Entity, str]] = []
    if body.customer and body.customer.id:
        found.append((Entity(Kind.PERSON, body.customer.id), body.customer.id))
    address = email(body.customer.email if body.customer else None)
    if address:
        found.append((guest(job.ports, address), address))
    return tuple(found)


def _orders(ids: Iterable[str] | None) -> tuple[Entity, ...]:
    return tuple(Entity(Kind.ORDER, one) for one in ids or ())

"""
To forget somebody by hand. WooCommerce has no webhook that asks for it, so this one is of a topic
that no store sends, and of a shape that no store signs (`shapes.check` takes no other).
"""

from __future__ import annotations

import msgspec

from shared.errors import NotUnderstood
from shared.model.change import Change, OrderRemoved, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.model.version import Version, instant_at
from shared.queue.envelope import Envelope
from shared.sources.contract import Forget, Ports, Redacted, Translated
from shared.sources.parsing.people import email, guest, wished
from shared.sources.parsing.scalars import Id, ident, keys_of, read
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.headers import NAME
from shared.sources.woocommerce.product_payloads import Body

REDACT = "shoprelay.redact"
# Body's key -> the kind that its id is of, by what a topic is about.
_NAMES = {
    "order": {"id": Kind.ORDER, "customer_id": Kind.PERSON},
    "customer": {"id": Kind.PERSON},
}


class Named(Body, frozen=True):
    """A person under the names that are known."""

    id: Id | None = None
    email: str | None = None


class Redaction(Body, frozen=True):
    """Whom to forget; the keys are those of Shopify's customers/redact, the shop's left out."""

    customer: Named
    orders_to_redact: list[Id]


def redacted(job: Context) -> Translated:
    """shoprelay.redact: the person, under both their names, and the orders listed must go."""
    body = read(job.body, Redaction)
    version = Version.at(job.envelope.received_at)
    people = _people(job.ports, body.customer)
    orders = tuple(Entity(Kind.ORDER, one) for one in body.orders_to_redact)
    changes: list[Change] = [
        PersonRemoved(entity=entity, version=version, user_id=name, redacted=True)
        for entity, name in people.items()
    ]
    changes += [OrderRemoved(entity=entity, version=version, redacted=True) for entity in orders]
    return Translated(changes=tuple(changes), notice=Redacted(people=tuple(people), orders=orders))


def by_hand(wish: Forget, name: str, now: float) -> Envelope:
    """
    Write the redaction; ``name`` is the delivery's id, ``now`` in epoch seconds.

    Raises NotUnderstood when nobody is named, and for a name that is none.
    """
    raw = wished(wish)
    read(raw, Redaction)
    moment = instant_at(now)
    return Envelope(
        id=name,
        source=NAME,
        topic=REDACT,
        triggered_at=moment,
        received_at=moment,
        headers={},
        body=raw,
    )


def named(envelope: Envelope) -> frozenset[Entity] | None:
    """
    Tell which people and orders a body names by their ids, whatever else is wrong with it; None
    when it is no object at all. Ids here are small numbers: a count or a size may look like one.
    """
    kinds = _NAMES.get(envelope.topic.partition(".")[0], {})
    try:
        there = keys_of(envelope.body)
    except NotUnderstood:
        return None if kinds else frozenset()
    found = ((kind, _id(there[key])) for key, kind in kinds.items() if key in there)
    return frozenset(Entity(kind, one) for kind, one in found if one and one != "0")


def _id(raw: msgspec.Raw) -> str | None:
    try:
        return ident(msgspec.json.decode(raw))
    except (msgspec.DecodeError, ValueError):
        return None


def _people(ports: Ports, person: Named) -> dict[Entity, str]:
    address = email(person.email)
    found = {Entity(Kind.PERSON, person.id): person.id} if person.id else {}
    return found | ({guest(ports, address): address} if address else {})

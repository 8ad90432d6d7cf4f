"""
Manual erasure requests. WooCommerce has no webhook for them, so this one has a topic that no store
sends, and a shape that no store signs (`topic_check.check` accepts no other).
"""

from __future__ import annotations

import msgspec

from shared.errors import NotUnderstood
from shared.model.change import Change, OrderRemoved, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.model.version import Version, instant_at
from shared.queue.envelope import Envelope
from shared.sources.contract import Forget, Ports, Redacted, Translated
from shared.sources.parsing.documents import keys_of, read_strictly
from shared.sources.parsing.people import guest_entity, normalize_email, redaction_body
from shared.sources.parsing.scalars import Id, parse_id
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.headers import NAME
from shared.sources.woocommerce.product_payloads import Body

REDACT = "shoprelay.redact"
# Resource of a topic -> key of the body -> the kind of the id in it.
_ID_KINDS = {
    "order": {"id": Kind.ORDER, "customer_id": Kind.PERSON},
    "customer": {"id": Kind.PERSON},
}


class RedactedPerson(Body, frozen=True):
    """A person, by the known identifiers."""

    id: Id | None = None
    email: str | None = None


class Redaction(Body, frozen=True):
    """An erasure request, with the keys of Shopify's customers/redact except those of the shop."""

    customer: RedactedPerson
    orders_to_redact: list[Id]


def redacted(context: Context) -> Translated:
    """Translate shoprelay.redact: remove the person, under both entities, and the listed orders."""
    body = read_strictly(context.body, Redaction)
    version = Version.at(context.envelope.received_at)
    people = _people(context.ports, body.customer)
    orders = tuple(Entity(Kind.ORDER, one) for one in body.orders_to_redact)
    changes: list[Change] = [
        PersonRemoved(entity=entity, version=version, user_id=name, redacted=True)
        for entity, name in people.items()
    ]
    changes += [OrderRemoved(entity=entity, version=version, redacted=True) for entity in orders]
    return Translated(changes=tuple(changes), notice=Redacted(people=tuple(people), orders=orders))


def manual_redaction(request: Forget, delivery_id: str, now: float) -> Envelope:
    """
    Return the redaction; ``now`` is in epoch seconds.

    Raises NotUnderstood for a request that names nothing, and for an invalid id or address.
    """
    raw = redaction_body(request)
    read_strictly(raw, Redaction)
    moment = instant_at(now)
    return Envelope(
        id=delivery_id,
        source=NAME,
        topic=REDACT,
        triggered_at=moment,
        received_at=moment,
        headers={},
        body=raw,
    )


def find_person_ids(envelope: Envelope) -> frozenset[Entity] | None:
    """
    Return the people and orders whose ids are in a body, even in an otherwise invalid one.

    None if the body is no object. Ids here are small numbers: a count or a size may look like one.
    """
    kinds = _ID_KINDS.get(envelope.topic.partition(".")[0], {})
    try:
        keys = keys_of(envelope.body)
    except NotUnderstood:
        return None if kinds else frozenset()
    found = ((kind, _id(keys[key])) for key, kind in kinds.items() if key in keys)
    return frozenset(Entity(kind, one) for kind, one in found if one and one != "0")


def _id(raw: msgspec.Raw) -> str | None:
    try:
        return parse_id(msgspec.json.decode(raw))
    except (msgspec.DecodeError, ValueError):
        return None


def _people(ports: Ports, person: RedactedPerson) -> dict[Entity, str]:
    address = normalize_email(person.email)
    found = {Entity(Kind.PERSON, person.id): person.id} if person.id else {}
    return found | ({guest_entity(ports, address): address} if address else {})

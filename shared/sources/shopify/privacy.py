"""Privacy law (customers/data_request, customers/redact, shop/redact), and app/uninstalled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from shared.errors import StoreUnavailable
from shared.model.change import Change, OrderRemoved, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.model.version import Version, instant_at
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

_INSTALLED = "the store accepts our token, so that the app was not removed"


def data_requested(context: Context) -> Translated:
    """Translate customers/data_request: the merchant must send a person the data stored of them."""
    body = read_strictly(context.body, PrivacyRequest)
    people = tuple(entity for entity, _ in _people(context, body))
    notice = DataRequested(people=people, orders=_orders(body.orders_requested))
    return Translated(notice=notice)


def redacted(context: Context) -> Translated:
    """Translate customers/redact: remove the person, under both entities, and the listed orders."""
    body = read_strictly(context.body, PrivacyRequest)
    first = _first_requested_at(context)
    version = Version.at(first)
    people = _people(context, body)
    orders = _orders(body.orders_to_redact)
    changes: list[Change] = [
        PersonRemoved(entity=entity, version=version, user_id=name, redacted=True)
        for entity, name in people
    ]
    changes += [OrderRemoved(entity=entity, version=version, redacted=True) for entity in orders]
    repeats = first if first < context.envelope.triggered_at else ""
    who = tuple(entity for entity, _ in people)
    notice = Redacted(people=who, orders=orders, repeats=repeats)
    # A person must decide whether it is a second request, or a recorded one that was sent again.
    counts = ("redaction_repeated", "EraseByHand") if repeats else ()
    return Translated(changes=tuple(changes), notice=notice, counts=counts)


def _first_requested_at(context: Context) -> str:
    """
    Return when the first redaction with this body was triggered, and remember the first one.

    Nothing in the body says when it was sent, so that anyone who has recorded one could have a
    person deleted who came back. What Shopify requests again about a person who came back lists
    their new orders. A request of our own operator is never a repetition.
    """
    triggered = context.envelope.triggered_at
    if "shopify-shop-domain" not in context.envelope.headers:
        return triggered
    # A keyed hash: the body contains an address.
    digest = hashlib.sha256(context.body).hexdigest()
    name = f"redaction#{context.ports.pseudonym(digest)}"
    first = context.ports.recall(frozenset({name})).get(name)
    if first is None:
        context.ports.remember({name: triggered})
    # A time before the first is a header as well, and changes nothing of the first.
    return min(first or triggered, triggered)


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
    if _is_installed(context):
        return Translated(ignored=_INSTALLED, counts=("shop_redact_rejected",))
    return Translated(notice=ShopRedacted())


def _is_installed(context: Context) -> bool:
    """
    Return whether the app is surely installed: the store accepts its token.

    Nothing in the body says when it was sent, so that anyone who has recorded one could send it
    again. Without a response from the store nothing is known.
    """
    try:
        # No product has this id.
        return context.store is not None and context.store.product("0", context.deadline) is None
    except StoreUnavailable:
        return False


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

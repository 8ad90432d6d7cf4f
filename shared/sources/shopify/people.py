"""Customers, guests, and their consent to marketing e-mail."""

from __future__ import annotations

from shared.errors import NotUnderstood
from shared.model.change import ConsentChanged, PersonRemoved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.person import Person
from shared.sources.contract import Translated
from shared.sources.parsing import people
from shared.sources.parsing.people import email
from shared.sources.parsing.scalars import absent, read
from shared.sources.shopify import payloads
from shared.sources.shopify.context import Context

# All versions have these keys, null where the app may not see them; a body without them is trimmed,
# and what it leaves out is not known, which is not the same as empty.
_WHOLE = ("email", "first_name", "last_name")
# The states of shopify.dev's CustomerEmailMarketingState; "pending" waits for a double opt-in.
_CONSENT = {
    "subscribed": True,
    "not_subscribed": False,
    "unsubscribed": False,
    "redacted": False,
    "invalid": False,
}


def saved(job: Context) -> Translated:
    """customers/create, update, enable, disable: the customer as they are."""
    body = read(job.body, payloads.Customer)
    trimmed = absent(job.keys, _WHOLE)
    if trimmed:
        path = f"$.{trimmed}"
        raise NotUnderstood("missing; is include_fields set on the subscription?", path)
    if body.id is None:
        raise NotUnderstood("the customer has no id", "$.id")
    person = Person(
        id=body.id,
        email=email(body.email),
        first_name=body.first_name or None,
        last_name=body.last_name or None,
        phone=body.phone or None,
        location=location(body.default_address),
        subscribed=_subscribed(body),
        registered=body.created_at,
    )
    change = PersonSaved(
        entity=Entity(Kind.PERSON, body.id), version=job.version(body.updated_at), person=person
    )
    return Translated(changes=(change,))


def consented(job: Context) -> Translated:
    """customers_email_marketing_consent/update: the consent alone."""
    body = read(job.body, payloads.ConsentUpdate)
    consent = body.email_marketing_consent or payloads.Consent()
    answer = _consent(consent)
    if answer is None:
        return Translated(ignored="the consent is neither given nor refused yet")
    change = ConsentChanged(
        entity=Entity(Kind.PERSON, body.customer_id),
        at=job.heard(consent.consent_updated_at) or job.envelope.triggered_at,
        person_id=body.customer_id,
        subscribed=answer,
    )
    return Translated(changes=(change,))


def removed(job: Context) -> Translated:
    """customers/delete: an id, and what old versions leave beside it."""
    return _removal(job, read(job.body, payloads.Identified).id)


def merged(job: Context) -> Translated:
    """customers/merge: one of two customers is gone, once the merge is completed."""
    body = read(job.body, payloads.Merge)
    if (body.status or "").lower() != "completed":
        return Translated(ignored="the merge is not completed")
    if body.admin_graphql_api_customer_deleted_id is None:
        raise NotUnderstood("missing", "$.admin_graphql_api_customer_deleted_id")
    return _removal(job, body.admin_graphql_api_customer_deleted_id)


def location(address: payloads.Address | None) -> str | None:
    """Give the narrowest known place of an address: city, region, country."""
    if address is None:
        return None
    return people.narrowest(address.city, address.province, address.country)


def _removal(job: Context, customer_id: str) -> Translated:
    entity = Entity(Kind.PERSON, customer_id)
    removal = PersonRemoved(entity=entity, version=job.deletion(), user_id=customer_id)
    return Translated(changes=(removal,))


def _subscribed(customer: payloads.Customer) -> bool | None:
    if customer.email_marketing_consent is not None:
        return _consent(customer.email_marketing_consent)
    return customer.accepts_marketing


def _consent(consent: payloads.Consent) -> bool | None:
    return _CONSENT.get((consent.state or "").lower())

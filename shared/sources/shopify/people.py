"""Customers, guests, and their consent to marketing e-mail."""

from __future__ import annotations

from shared.errors import NotUnderstood
from shared.model.change import ConsentChanged, PersonRemoved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.person import Person
from shared.sources.contract import Translated
from shared.sources.parsing import people
from shared.sources.parsing.documents import first_missing, read
from shared.sources.parsing.people import normalize_email
from shared.sources.shopify import payloads
from shared.sources.shopify.context import Context

# All versions have these keys, with null where the app has no access. A body without them is
# trimmed, and an omitted field is unknown, which is not the same as empty.
_REQUIRED = ("email", "first_name", "last_name")
# The states of shopify.dev's CustomerEmailMarketingState; "pending" is an open double opt-in.
_NEVER_ASKED = "not_subscribed"
_NO_TIME = "an agreement without its time, which could be older than a refusal"
_CONSENT = {
    "subscribed": True,
    _NEVER_ASKED: False,
    "unsubscribed": False,
    "redacted": False,
    "invalid": False,
}


def saved(context: Context) -> Translated:
    """Translate customers/create, update, enable and disable: the current customer."""
    body = read(context.body, payloads.Customer)
    trimmed = first_missing(context.keys, _REQUIRED)
    if trimmed:
        path = f"$.{trimmed}"
        raise NotUnderstood("missing; is include_fields set on the subscription?", path)
    if body.id is None:
        raise NotUnderstood("the customer has no id", "$.id")
    subscribed, since = _consent_of(body)
    person = Person(
        id=body.id,
        email=normalize_email(body.email),
        first_name=body.first_name or None,
        last_name=body.last_name or None,
        phone=body.phone or None,
        location=location(body.default_address),
        subscribed=subscribed,
        subscribed_at=context.plausible_time(since),
        registered=body.created_at,
    )
    change = PersonSaved(
        entity=Entity(Kind.PERSON, body.id), version=context.version(body.updated_at), person=person
    )
    return Translated(changes=(change,))


def consented(context: Context) -> Translated:
    """Translate customers_email_marketing_consent/update: only the consent."""
    body = read(context.body, payloads.ConsentUpdate)
    consent = body.email_marketing_consent or payloads.Consent()
    subscribed = _consent(consent)
    if subscribed is None:
        return Translated(ignored="the consent is neither given nor refused yet")
    if subscribed and consent.consent_updated_at is None:
        # The trigger time is not signed: an old agreement could follow a later refusal.
        return Translated(ignored=_NO_TIME, counts=("consent_without_time",))
    change = ConsentChanged(
        entity=Entity(Kind.PERSON, body.customer_id),
        at=context.plausible_time(consent.consent_updated_at) or context.envelope.triggered_at,
        person_id=body.customer_id,
        subscribed=subscribed,
    )
    return Translated(changes=(change,))


def removed(context: Context) -> Translated:
    """Translate customers/delete: an id, and in old versions some more keys."""
    return _removal(context, read(context.body, payloads.OnlyId).id)


def merged(context: Context) -> Translated:
    """Translate customers/merge: one of two customers is removed, once the merge is completed."""
    body = read(context.body, payloads.Merge)
    if (body.status or "").lower() != "completed":
        return Translated(ignored="the merge is not completed")
    if body.admin_graphql_api_customer_deleted_id is None:
        raise NotUnderstood("missing", "$.admin_graphql_api_customer_deleted_id")
    return _removal(context, body.admin_graphql_api_customer_deleted_id)


def location(address: payloads.Address | None) -> str | None:
    """Return the narrowest known place of an address: city, region or country."""
    if address is None:
        return None
    return people.narrowest_place(address.city, address.province, address.country)


def _removal(context: Context, customer_id: str) -> Translated:
    entity = Entity(Kind.PERSON, customer_id)
    removal = PersonRemoved(entity=entity, version=context.deletion_version(), user_id=customer_id)
    return Translated(changes=(removal,))


def _consent_of(customer: payloads.Customer) -> tuple[bool | None, str | None]:
    """Return the consent in a customer, and since when; without a time as of the whole body."""
    consent = customer.email_marketing_consent
    if consent is None:
        return customer.accepts_marketing, customer.accepts_marketing_updated_at
    since = consent.consent_updated_at
    if since is None and (consent.state or "").lower() == _NEVER_ASKED:
        # As old as the customer: any answer is newer.
        since = customer.created_at
    return _consent(consent), since


def _consent(consent: payloads.Consent) -> bool | None:
    return _CONSENT.get((consent.state or "").lower())

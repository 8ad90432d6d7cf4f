"""Customers: customer.created, updated, and the hint customer.deleted."""

from __future__ import annotations

from shared.model.change import PersonRemoved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.person import Person
from shared.model.version import Version
from shared.sources.contract import Translated
from shared.sources.reading.people import email, narrowest
from shared.sources.reading.scalars import read
from shared.sources.woocommerce import hints, purchases
from shared.sources.woocommerce.goods import Hint
from shared.sources.woocommerce.job import Job


def saved(job: Job) -> Translated:
    """customer.created and updated: the user as they are now, if they are one who buys."""
    body = read(job.body, purchases.Customer)
    return _told(job, body, hints.found(_modified(body), job.envelope.received_at))


def hinted(job: Job) -> Translated:
    """customer.deleted: a user is deleted for good; there is no trash for them."""
    entity = Entity(Kind.PERSON, read(job.body, Hint).id)
    if job.store is None:
        received = Version.at(job.envelope.received_at)
        return hints.unasked(job, _removal(entity, received))
    asked = hints.asking(job)
    body = job.store.customer(entity.id, job.deadline)
    if body is None:
        return hints.gone(job, _removal(entity, hints.ended(asked)))
    return _told(job, body, hints.found(_modified(body), asked))


def location(address: purchases.Address) -> str | None:
    """Give the narrowest known place of an address; state and country are codes."""
    return narrowest(address.city, address.state, address.country)


def _modified(body: purchases.Customer) -> str | None:
    # Null for a user who was never changed: that state is as old as the user. When we heard of it
    # would be newer than the change that comes next, where the store's clock is behind ours.
    return body.date_modified_gmt or body.date_created_gmt


def _removal(entity: Entity, version: Version) -> PersonRemoved:
    return PersonRemoved(entity=entity, version=version, user_id=entity.id)


def _told(job: Job, body: purchases.Customer, version: Version) -> Translated:
    if body.role not in job.shop.roles:
        # Somebody who was a customer once stays as they were told: they did not go away.
        return Translated(ignored="a user of a role that does not buy")
    billing = body.billing or purchases.Address()
    first, last = _name(body, billing)
    person = Person(
        id=body.id,
        email=email(body.email) or email(billing.email),
        first_name=first or None,
        last_name=last or None,
        phone=billing.phone or None,
        location=location(billing),
        registered=body.date_created_gmt,
    )
    change = PersonSaved(entity=Entity(Kind.PERSON, body.id), version=version, person=person)
    return Translated(changes=(change,))


def _name(body: purchases.Customer, billing: purchases.Address) -> tuple[str | None, str | None]:
    # The username is no name: people log in by it, and where they chose none WooCommerce made it of
    # the e-mail address (wc_create_new_customer_username).
    if body.first_name or body.last_name:
        return body.first_name, body.last_name
    return billing.first_name, billing.last_name

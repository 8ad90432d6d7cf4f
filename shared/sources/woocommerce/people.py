"""Customers: customer.created, updated, and the hint customer.deleted."""

from __future__ import annotations

from shared.model.change import PersonRemoved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.person import Person
from shared.model.version import Version
from shared.sources.contract import Translated
from shared.sources.parsing.people import email, narrowest
from shared.sources.parsing.scalars import read
from shared.sources.woocommerce import deletes, order_payloads
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.product_payloads import Hint


def saved(job: Context) -> Translated:
    """customer.created and updated: the user as they are now, if they are one who buys."""
    body = read(job.body, order_payloads.Customer)
    return _told(job, body, deletes.found(_modified(body), job.envelope.received_at))


def hinted(job: Context) -> Translated:
    """customer.deleted: a user is deleted for good; there is no trash for them."""
    entity = Entity(Kind.PERSON, read(job.body, Hint).id)
    if job.store is None:
        received = Version.at(job.envelope.received_at)
        return deletes.unasked(job, _removal(entity, received))
    asked = deletes.asking(job)
    body = job.store.customer(entity.id, job.deadline)
    if body is None:
        return deletes.gone(job, _removal(entity, deletes.ended(asked)))
    return _told(job, body, deletes.found(_modified(body), asked))


def location(address: order_payloads.Address) -> str | None:
    """Give the narrowest known place of an address; state and country are codes."""
    return narrowest(address.city, address.state, address.country)


def _modified(body: order_payloads.Customer) -> str | None:
    # Null for a user who was never changed: that state is as old as the user. When we heard of it
    # would be newer than the change that comes next, where the store's clock is behind ours.
    return body.date_modified_gmt or body.date_created_gmt


def _removal(entity: Entity, version: Version) -> PersonRemoved:
    return PersonRemoved(entity=entity, version=version, user_id=entity.id)


def _told(job: Context, body: order_payloads.Customer, version: Version) -> Translated:
    if body.role not in job.shop.roles:
        # Somebody who was a customer once stays as they were told: they did not go away.
        return Translated(ignored="a user of a role that does not buy")
    billing = body.billing or order_payloads.Address()
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


def _name(
    body: order_payloads.Customer, billing: order_payloads.Address
) -> tuple[str | None, str | None]:
    # The username is no name: people log in by it, and where they chose none WooCommerce made it of
    # the e-mail address (wc_create_new_customer_username).
    if body.first_name or body.last_name:
        return body.first_name, body.last_name
    return billing.first_name, billing.last_name

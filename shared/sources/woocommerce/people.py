"""Customers: customer.created, updated, and the hint customer.deleted."""

from __future__ import annotations

from shared.model.change import PersonRemoved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.person import Person
from shared.model.version import Version
from shared.sources.contract import Translated
from shared.sources.parsing.documents import read
from shared.sources.parsing.people import narrowest_place, normalize_email
from shared.sources.woocommerce import deletes, order_payloads
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.product_payloads import Hint


def saved(context: Context) -> Translated:
    """Translate customer.created and updated: the current user, if their role is one that buys."""
    body = read(context.body, order_payloads.Customer)
    return _translate(
        context, body, deletes.version_of(_modified(body), context.envelope.received_at)
    )


def hinted(context: Context) -> Translated:
    """Translate customer.deleted: users are deleted permanently, without a trash."""
    entity = Entity(Kind.PERSON, read(context.body, Hint).id)
    if context.store is None:
        received = Version.at(context.envelope.received_at)
        return deletes.unverified_removal(context, _removal(entity, received))
    queried_at = deletes.query_time(context)
    body = context.store.customer(entity.id, context.deadline)
    if body is None:
        return deletes.confirmed_removal(
            context, _removal(entity, deletes.removal_version(queried_at))
        )
    return _translate(context, body, deletes.version_of(_modified(body), queried_at))


def location(address: order_payloads.Address) -> str | None:
    """Return the narrowest known place of an address; state and country are codes."""
    return narrowest_place(address.city, address.state, address.country)


def _modified(body: order_payloads.Customer) -> str | None:
    # Null for a user who was never changed: that state is as old as the user. The time of receipt
    # would be newer than the next change, where the store's clock is behind ours.
    return body.date_modified_gmt or body.date_created_gmt


def _removal(entity: Entity, version: Version) -> PersonRemoved:
    return PersonRemoved(entity=entity, version=version, user_id=entity.id)


def _translate(context: Context, body: order_payloads.Customer, version: Version) -> Translated:
    if body.role not in context.shop.roles:
        # A former customer stays as they were last sent: the user was not deleted.
        return Translated(ignored="a user of a role that does not buy")
    billing = body.billing or order_payloads.Address()
    first, last = _name(body, billing)
    person = Person(
        id=body.id,
        email=normalize_email(body.email) or normalize_email(billing.email),
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
    # The username is not a name: it is a login, and by default WooCommerce derives it from the
    # e-mail address (wc_create_new_customer_username).
    if body.first_name or body.last_name:
        return body.first_name, body.last_name
    return billing.first_name, billing.last_name

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
from shared.sources.woocommerce.context import Context, Store, read_once
from shared.sources.woocommerce.product_payloads import Hint


def saved(context: Context) -> Translated:
    """Translate customer.created and updated: the current user, if their role is one that buys."""
    if context.always_queried is not None:
        return _current(context, context.always_queried)
    body = read(context.body, order_payloads.Customer)
    return _translate(context, body, deletes.received_version(context, _modified(body)))


def hinted(context: Context) -> Translated:
    """Translate customer.deleted: users are deleted permanently, without a trash."""
    return deletes.bare_id(context) if context.store is None else _current(context, context.store)


def _current(context: Context, store: Store) -> Translated:
    entity = Entity(Kind.PERSON, read(context.body, Hint).id)
    return read_once(context, entity, lambda: _queried(context, store, entity))


def _queried(context: Context, store: Store, entity: Entity) -> Translated:
    queried_at = deletes.query_time(context)
    body = store.customer(entity.id, context.deadline)
    if body is None:
        version = deletes.removal_version(context, queried_at)
        removal = PersonRemoved(entity=entity, version=version, user_id=entity.id)
        return deletes.confirmed_removal(context, removal)
    return _translate(context, body, deletes.queried_version(context, _modified(body), queried_at))


def location(address: order_payloads.Address) -> str | None:
    """Return the narrowest known place of an address; state and country are codes."""
    return narrowest_place(address.city, address.state, address.country)


def _modified(body: order_payloads.Customer) -> str | None:
    # Null for a user who was never changed: that state is as old as the user. The time of receipt
    # would be newer than the next change, where the store's clock is behind ours.
    return body.date_modified_gmt or body.date_created_gmt


def _translate(context: Context, body: order_payloads.Customer, version: Version) -> Translated:
    if body.role not in context.shop.roles:
        # A former customer stays as they were last sent: the user was not deleted.
        return Translated(ignored="a user of a role that does not buy")
    change = PersonSaved(
        entity=Entity(Kind.PERSON, body.id),
        version=version,
        person=person_of(body),
        modified=_modified(body),
    )
    return Translated(changes=(change,))


def person_of(body: order_payloads.Customer) -> Person:
    """Return the person of an account."""
    billing = body.billing or order_payloads.Address()
    first, last = _name(body, billing)
    return Person(
        id=body.id,
        email=normalize_email(body.email) or normalize_email(billing.email),
        first_name=first or None,
        last_name=last or None,
        phone=billing.phone or None,
        location=location(billing),
        registered=body.date_created_gmt,
    )


def _name(
    body: order_payloads.Customer, billing: order_payloads.Address
) -> tuple[str | None, str | None]:
    # The username is not a name: it is a login, and by default WooCommerce derives it from the
    # e-mail address (wc_create_new_customer_username).
    if body.first_name or body.last_name:
        return body.first_name, body.last_name
    return billing.first_name, billing.last_name

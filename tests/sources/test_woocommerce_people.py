from __future__ import annotations

import json
from typing import Any

import pytest

from shared.errors import NotUnderstood, StoreUnavailable
from shared.model.change import PersonRemoved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.person import Person
from shared.model.version import Version
from shared.sources.contract import Translated
from tests.sources.woo import (
    QUERIED_AT,
    RECEIVED,
    REMOVED,
    FakeStore,
    address,
    capture,
    customer,
    ports,
    translate,
)

CREATED, UPDATED, DELETED = "customer.created", "customer.updated", "customer.deleted"
ANA = Entity(Kind.PERSON, "61")
MODIFIED = "2026-11-20T08:00:00.000000000Z"
REGISTERED = "2026-11-01T00:00:00.000000000Z"


def only(found: Translated) -> PersonSaved:
    (change,) = found.changes
    assert isinstance(change, PersonSaved)
    return change


def saved(**fields: Any) -> Person:
    return only(translate(UPDATED, customer(**fields))).person


@pytest.mark.parametrize("topic", [CREATED, UPDATED])
def test_a_customer_is_saved_as_they_are(topic: str) -> None:
    body = customer(email=" Ana.Sample@Example.com", billing=address(phone="+351 1"))

    found = only(translate(topic, body))

    assert found.entity == ANA
    assert found.version == Version(MODIFIED, RECEIVED)
    assert found.person == Person(
        id="61",
        email="ana.sample@example.com",
        first_name="Ana",
        last_name="Sample",
        phone="+351 1",
        location="Porto",
        subscribed=None,
        registered=REGISTERED,
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"first_name": "Ana", "last_name": ""}, ("Ana", None)),
        ({"first_name": "", "last_name": "Sample"}, (None, "Sample")),
        ({"first_name": "", "last_name": None}, ("Bill", "Payer")),
        # A first name of one and a last name of another person would be wrong.
        ({"first_name": "Ana", "last_name": None}, ("Ana", None)),
    ],
)
def test_a_user_without_a_name_has_the_billing_name(
    fields: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    found = saved(**fields, billing=address(first_name="Bill", last_name="Payer"))

    assert (found.first_name, found.last_name) == expected


def test_a_username_is_no_name() -> None:
    blank = address(first_name="", last_name="")

    found = saved(first_name="", last_name="", username="ana", billing=blank)

    assert (found.first_name, found.last_name) == (None, None)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"city": "Köln", "state": "NW", "country": "DE"}, "Köln"),
        ({"city": "", "state": "NW", "country": "DE"}, "NW"),
        ({"city": "", "state": "", "country": "DE"}, "DE"),
        ({"city": "", "state": "", "country": ""}, None),
    ],
)
def test_the_location_is_the_narrowest_place_of_the_billing_address(
    place: dict[str, str], expected: str | None
) -> None:
    assert saved(billing=address(**place)).location == expected


def test_a_customer_without_an_address_is_known_by_name() -> None:
    found = saved(billing=None, email="")

    assert (found.email, found.location, found.phone) == (None, None, None)
    assert found.first_name == "Ana"


def test_a_user_without_an_email_has_the_billing_email() -> None:
    assert saved(email="", billing=address(email="Bill@Example.com")).email == "bill@example.com"


@pytest.mark.parametrize("role", ["administrator", "subscriber", "shop_manager", "", None])
def test_only_users_with_a_buying_role_are_saved(role: str | None) -> None:
    found = translate(UPDATED, customer(role=role))

    assert found.changes == ()
    assert found.ignored == "a user of a role that does not buy"


def test_the_merchant_configures_which_roles_buy() -> None:
    roles = frozenset({"customer", "wholesale"})

    assert only(translate(UPDATED, customer(role="wholesale"), roles=roles)).entity == ANA
    assert only(translate(UPDATED, customer(role="customer"), roles=roles)).entity == ANA


def test_a_customer_who_never_changed_is_as_old_as_their_account() -> None:
    found = only(translate(CREATED, customer(date_modified_gmt=None)))

    assert found.version == Version(REGISTERED, RECEIVED)


def test_a_customer_without_any_time_is_as_new_as_the_webhook() -> None:
    found = only(translate(CREATED, customer(date_modified_gmt=None, date_created_gmt=None)))

    assert found.version == Version(RECEIVED, RECEIVED)
    assert found.person.registered is None


@pytest.mark.parametrize("known", [True, False])
def test_a_customer_that_the_store_no_longer_has_is_removed(
    known: bool,  # noqa: FBT001 - a case of the table
) -> None:
    sent = frozenset({ANA}) if known else frozenset()
    store = FakeStore()

    found = translate(DELETED, {"id": 61}, ports(sent=sent), store)

    removal = PersonRemoved(entity=ANA, version=REMOVED, user_id="61", phantom=not known)
    assert found.changes == (removal,)
    assert found.counts == (() if known else ("phantom_delete",))
    assert store.queries == ["customer 61"]


def test_a_customer_that_still_exists_is_saved() -> None:
    store = FakeStore(customers={61: customer(first_name="Anna")})

    found = only(translate(DELETED, {"id": 61}, ports(sent=frozenset({ANA})), store))

    assert found.person.first_name == "Anna"
    assert found.version == Version(MODIFIED, QUERIED_AT)


def test_a_customer_who_lost_the_role_is_not_changed() -> None:
    store = FakeStore(customers={61: customer(role="subscriber")})

    found = translate(DELETED, {"id": 61}, ports(sent=frozenset({ANA})), store)

    assert found.changes == ()
    assert found.ignored == "a user of a role that does not buy"


def test_nobody_is_removed_while_the_store_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        translate(DELETED, {"id": 61}, ports(sent=frozenset({ANA})), FakeStore(down=True))


def test_without_a_key_a_bare_id_removes_nobody() -> None:
    found = translate(DELETED, {"id": 61}, ports(sent=frozenset({ANA})))

    assert (found.changes, found.counts) == ((), ("unverified_delete",))
    assert "consumer key" in found.ignored


@pytest.mark.parametrize("topic", [CREATED, DELETED])
def test_a_customer_without_an_id_is_not_understood(topic: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate(topic, {"role": "customer"} if topic == CREATED else {})

    assert caught.value.path == "$"


def test_nothing_of_a_person_shows_in_a_repr() -> None:
    text = repr(translate(CREATED, customer()))

    assert "Ana" not in text
    assert "ana@" not in text
    assert "Porto" not in text


# The captures.


def test_0309_a_new_customer_with_umlauts() -> None:
    found = only(translate(*capture(309)))

    assert found.version.modified == "2026-11-21T06:47:29.000000000Z"
    assert found.person == Person(
        id="2",
        email="anna-a13add@example.test",
        first_name="Anna",
        last_name="Schön",
        phone="+49 221 1",
        location="Köln",
        registered="2026-11-21T06:47:29.000000000Z",
    )


@pytest.mark.parametrize(("number", "role"), [(315, "subscriber"), (1020, "administrator")])
def test_0315_and_1020_users_who_do_not_buy_send_webhooks_too(number: int, role: str) -> None:
    topic, raw = capture(number)

    assert json.loads(raw)["role"] == role
    assert translate(topic, raw).changes == ()
    assert only(translate(topic, raw, roles=frozenset({role}))).person.id is not None


def test_0318_a_deleted_customer_is_only_an_id() -> None:
    (change,) = translate(*capture(318), store=FakeStore()).changes

    assert isinstance(change, PersonRemoved)
    assert (change.entity, change.user_id) == (Entity(Kind.PERSON, "2"), "2")
    assert not change.redacted


def test_0351_a_paid_order_changes_its_customer() -> None:
    before, after = only(translate(*capture(332))), only(translate(*capture(351)))

    assert before.entity == after.entity
    assert before.version < after.version

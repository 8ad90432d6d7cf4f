from __future__ import annotations

from typing import Any

import pytest

from shared.destinations.contract import KnownState
from shared.errors import NotExpressible
from shared.model.change import ConsentChanged, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.model.person import Person
from tests.destinations.sample_shop import (
    AT,
    NEW,
    OLD,
    VERSION,
    Profile,
    customer,
    known,
    person_saved,
    planned,
    sent,
)

ADA = customer(
    last_name="Byron",
    location="London",
    subscribed=True,
    registered="2024-02-29T23:59:59.900000000Z",
)
ROW: dict[str, Any] = {
    "email": "ada@shop.example",
    "first_name": "Ada",
    "last_name": "Byron",
    "profile": {"location": "London"},
    "email_subscriber": True,
    "timestamp": "2024-02-29T23:59:59Z",
}


def row(person: Person, profile: Profile = OLD) -> dict[str, Any]:
    return dict(sent(planned(person_saved(person), profile=profile))[0][2])


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_a_new_customer_is_created(profile: Profile) -> None:
    plan = planned(person_saved(ADA), profile=profile)

    assert sent(plan) == [("POST", "/v1/users", ROW | {"user_id": "7"})]


def test_a_known_customer_is_updated_without_the_id_in_the_body() -> None:
    assert sent(planned(person_saved(ADA), known())) == [("PUT", "/v1/users/7", ROW)]


def test_in_2021_a_create_also_updates() -> None:
    calls = sent(planned(person_saved(ADA), known(), NEW))

    assert calls == [("POST", "/v1/users", ROW | {"user_id": "7"})]


def test_create_and_update_leave_the_same_state() -> None:
    assert planned(person_saved(ADA)).state == planned(person_saved(ADA), known()).state


def test_the_id_of_a_guest_is_the_normalised_e_mail_address() -> None:
    assert row(Person(id=None, email=" Bo.B@Shop.Example ", first_name="Bo")) == {
        "user_id": "bo.b@shop.example",
        "email": "bo.b@shop.example",
        "first_name": "Bo",
    }


def test_in_2021_a_guest_is_marked() -> None:
    guest = Person(id=None, email="bo@shop.example")

    assert row(guest, NEW)["guest_account"] is True
    assert "guest_account" not in row(guest, OLD)
    assert "guest_account" not in row(ADA, NEW)


def test_the_id_of_a_guest_is_percent_encoded_in_the_path() -> None:
    guest = Person(id=None, email="bo+moss/1@shop.example", first_name="Bo")

    path = sent(planned(person_saved(guest), known()))[0][1]

    assert path == "/v1/users/bo%2Bmoss%2F1%40shop.example"


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (customer(first_name=" Ada "), "Ada"),
        (customer(first_name="", last_name="Byron"), "Byron"),
        (customer(first_name=" ", last_name=None), "ada"),
        (customer(first_name=None, email=None), "7"),
    ],
)
def test_a_missing_first_name_falls_back_and_is_never_empty(person: Person, expected: str) -> None:
    assert row(person)["first_name"] == expected


def test_the_newest_consent_takes_precedence_over_the_persons() -> None:
    plan = planned(person_saved(ADA), KnownState(known=True, subscribed=False))

    assert sent(plan)[0][2]["email_subscriber"] is False


def test_an_unknown_consent_is_omitted() -> None:
    assert "email_subscriber" not in row(customer())


def test_a_person_without_an_address_is_no_subscriber() -> None:
    row_sent = row(customer(email=None, subscribed=True))

    assert row_sent["email_subscriber"] is False
    assert "email" not in row_sent


def test_an_invalid_e_mail_address_is_omitted() -> None:
    assert "email" not in row(customer(email="not an address"))


def test_a_person_without_an_id_and_an_address_is_rejected() -> None:
    with pytest.raises(NotExpressible) as error:
        planned(person_saved(Person(id=None, email=None)))

    assert error.value.path == "$.user_id"


def consent(*, subscribed: bool) -> ConsentChanged:
    entity = Entity(Kind.PERSON, "7")
    return ConsentChanged(entity=entity, at=AT, person_id="7", subscribed=subscribed)


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_consent_is_a_partial_update_that_leaves_no_state(profile: Profile) -> None:
    plan = planned(consent(subscribed=True), known(), profile)

    assert sent(plan) == [("PUT", "/v1/users/7", {"email_subscriber": True})]
    assert plan.state == b""


def test_a_newer_consent_is_what_is_sent() -> None:
    plan = planned(consent(subscribed=True), KnownState(known=True, subscribed=False))

    assert sent(plan)[0][2] == {"email_subscriber": False}


def test_the_consent_of_an_unknown_person_is_sent_with_their_row() -> None:
    plan = planned(consent(subscribed=True))

    assert plan.calls == ()
    assert plan.counts == ("consent_of_unknown_person",)


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_a_guest_is_removed_by_the_normalised_address(profile: Profile) -> None:
    change = PersonRemoved(
        entity=Entity(Kind.PERSON, "email:0123"),
        version=VERSION,
        user_id="Bo@Shop.example",
        redacted=True,
    )

    plan = planned(change, profile=profile)

    assert sent(plan) == [("DELETE", "/v1/users/bo%40shop.example", None)]
    assert plan.state == b"gone"


def test_the_repr_of_a_call_shows_no_personal_data() -> None:
    call = planned(person_saved(ADA), known()).calls[0]

    assert "Ada" not in repr(call)
    assert "ada@" not in repr(call.context)
    assert call.label == "PUT users"

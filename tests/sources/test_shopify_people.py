from __future__ import annotations

from typing import Any

import pytest

from shared.errors import NotUnderstood
from shared.model.change import ConsentChanged, PersonRemoved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.person import Person
from shared.model.version import Version
from tests.sources.shop import TRIGGERED, customer, translate

ANA = Entity(Kind.PERSON, "61")
CONSENT = "customers_email_marketing_consent/update"


def saved(topic: str = "customers/update", **fields: Any) -> PersonSaved:
    (change,) = translate(topic, customer(**fields)).changes
    assert isinstance(change, PersonSaved)
    return change


@pytest.mark.parametrize(
    "topic", ["customers/create", "customers/update", "customers/enable", "customers/disable"]
)
def test_a_customer_is_saved_as_they_are(topic: str) -> None:
    found = saved(topic)

    assert found.entity == ANA
    assert found.version == Version(
        "2026-11-20T13:00:00.000000000Z", "2026-11-20T13:01:00.000000000Z"
    )
    assert found.person == Person(
        id="61",
        email="ana.sample@example.com",
        first_name="Ana",
        last_name="Sample",
        phone=None,
        location="Porto",
        subscribed=None,
        registered="2026-11-01T00:00:00.000000000Z",
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ({"city": "Porto", "province": "Norte", "country": "Portugal"}, "Porto"),
        ({"city": "", "province": "Norte", "country": "Portugal"}, "Norte"),
        ({"city": None, "province": None, "country": "Portugal"}, "Portugal"),
        ({}, None),
        (None, None),
    ],
)
def test_the_location_is_the_narrowest_place(address: object, expected: str | None) -> None:
    assert saved(default_address=address).person.location == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"email_marketing_consent": {"state": "subscribed"}}, True),
        ({"email_marketing_consent": {"state": "SUBSCRIBED"}}, True),
        ({"email_marketing_consent": {"state": "not_subscribed"}}, False),
        ({"email_marketing_consent": {"state": "unsubscribed"}}, False),
        ({"email_marketing_consent": {"state": "redacted"}}, False),
        ({"email_marketing_consent": {"state": "invalid"}}, False),
        ({"email_marketing_consent": {"state": "pending"}}, None),
        ({"email_marketing_consent": {"state": None}}, None),
        ({"email_marketing_consent": None}, None),
        ({"accepts_marketing": True}, True),
        ({"accepts_marketing": False}, False),
        # the newer field decides where both are there
        ({"accepts_marketing": True, "email_marketing_consent": {"state": "unsubscribed"}}, False),
    ],
)
def test_consent_is_mapped_where_it_is_known(
    fields: dict[str, Any], *, expected: bool | None
) -> None:
    assert saved(**fields).person.subscribed is expected


def test_hidden_fields_are_unknown() -> None:
    found = saved(email=None, first_name=None, last_name="", phone="")

    assert (found.person.email, found.person.first_name) == (None, None)
    assert (found.person.last_name, found.person.phone) == (None, None)


@pytest.mark.parametrize("key", ["email", "first_name", "last_name"])
def test_a_trimmed_customer_is_not_understood(key: str) -> None:
    body = {name: value for name, value in customer().items() if name != key}

    with pytest.raises(NotUnderstood, match="include_fields") as caught:
        translate("customers/update", body)

    assert caught.value.path == f"$.{key}"


def test_a_customer_without_an_id_is_not_understood() -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate("customers/update", customer(id=None))

    assert caught.value.path == "$.id"


@pytest.mark.parametrize(
    ("at", "expected"),
    [("2026-11-20T08:00:00-05:00", "2026-11-20T13:00:00.000000000Z"), (None, TRIGGERED)],
)
def test_consent_has_a_timestamp_of_its_own(at: str | None, expected: str) -> None:
    body = {
        "customer_id": 61,
        "email_address": "ana@example.com",
        "email_marketing_consent": {"state": "unsubscribed", "consent_updated_at": at},
    }

    found = translate(CONSENT, body)

    assert found.changes == (
        ConsentChanged(entity=ANA, at=expected, person_id="61", subscribed=False),
    )


@pytest.mark.parametrize("consent", [{"state": "pending"}, {"state": None}, {}, None])
def test_consent_that_is_neither_given_nor_refused_is_ignored(consent: object) -> None:
    found = translate(CONSENT, {"customer_id": 61, "email_marketing_consent": consent})

    assert found.changes == ()
    assert found.ignored == "the consent is neither given nor refused yet"


def test_a_deleted_customer_is_removed() -> None:
    found = translate("customers/delete", {"id": 61, "phone": None, "addresses": []})

    version = Version(TRIGGERED, TRIGGERED)
    assert found.changes == (PersonRemoved(entity=ANA, version=version, user_id="61"),)


def merge(**fields: Any) -> dict[str, Any]:
    return {
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/60",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/61",
        "status": "completed",
        **fields,
    }


def test_a_merge_removes_the_customer_who_was_not_kept() -> None:
    (change,) = translate("customers/merge", merge()).changes

    assert isinstance(change, PersonRemoved)
    assert change.entity == ANA
    assert change.user_id == "61"
    assert not change.redacted


@pytest.mark.parametrize("status", ["failed", "in_progress", None])
def test_a_merge_that_is_not_completed_removes_nobody(status: str | None) -> None:
    found = translate("customers/merge", merge(status=status))

    assert found.changes == ()
    assert found.ignored == "the merge is not completed"


def test_a_completed_merge_names_the_deleted_customer() -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate("customers/merge", merge(admin_graphql_api_customer_deleted_id=None))

    assert caught.value.path == "$.admin_graphql_api_customer_deleted_id"


@pytest.mark.parametrize("at", [None, "absent"])
def test_an_agreement_without_its_signed_time_is_ignored_and_counted(at: str | None) -> None:
    consent = {"state": "subscribed"} | ({} if at else {"consent_updated_at": None})

    found = translate(CONSENT, {"customer_id": 61, "email_marketing_consent": consent})

    assert found.changes == ()
    assert found.counts == ("consent_without_time",)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "subscribed", "consent_updated_at": "2026-11-02T00:00:00Z"}, "2026-11-02"),
        ({"state": "unsubscribed", "consent_updated_at": "2026-11-02T00:00:00Z"}, "2026-11-02"),
        # never asked: as old as the customer
        ({"state": "not_subscribed", "consent_updated_at": None}, "2026-11-01"),
        # as of the whole body
        ({"state": "unsubscribed", "consent_updated_at": None}, None),
        ({"state": "subscribed"}, None),
    ],
)
def test_the_consent_in_a_customer_is_as_old_as_the_answer(
    fields: dict[str, Any], expected: str | None
) -> None:
    since = saved(email_marketing_consent=fields).person.subscribed_at

    assert (since and since[:10]) == expected


def test_the_consent_of_an_old_version_has_its_own_time_too() -> None:
    found = saved(
        email_marketing_consent=None,
        accepts_marketing=True,
        accepts_marketing_updated_at="2026-11-02T00:00:00Z",
    )

    assert found.person.subscribed_at == "2026-11-02T00:00:00.000000000Z"

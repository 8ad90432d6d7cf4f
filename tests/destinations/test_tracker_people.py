"""People, as they are sent to both trackers, and changes that have no call."""

from __future__ import annotations

from typing import Any

import pytest

from shared.destinations.contract import KnownState
from shared.errors import NotExpressible
from shared.model.change import ConsentChanged, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.model.version import Version
from shared.model.visitor import Visitor
from tests.destinations.sample_shop import AT, VERSION, customer, person_saved
from tests.destinations.tracker_harness import BOTH, SEEN, info, sent_bodies, yespo

ADA = Entity(Kind.PERSON, "7")


@pytest.mark.parametrize("build", BOTH)
def test_a_saved_customer_is_sent_as_customer_data(build: Any) -> None:
    ada = customer(last_name="Moss", phone="+1 (541) 754-3010")

    assert sent_bodies(person_saved(ada), to=build()) == [
        {
            "GeneralInfo": info(
                "CustomerData",
                externalCustomerId="7",
                user_email="ada@shop.example",
                user_name="Ada Moss",
                user_phone="15417543010",
            )
        }
    ]


@pytest.mark.parametrize("phone", ["1" * 33, "call me", ""])
def test_an_invalid_telephone_number_is_omitted(phone: str) -> None:
    [body] = sent_bodies(person_saved(customer(phone=phone)))

    assert "user_phone" not in body["GeneralInfo"]


def test_a_guest_is_sent_with_the_e_mail_address() -> None:
    guest = customer(id=None, email="Ada@Shop.example ", first_name=None)

    assert sent_bodies(person_saved(guest)) == [
        {"GeneralInfo": info("CustomerData", user_email="ada@shop.example")}
    ]


def test_a_person_without_any_identifier_is_not_sent() -> None:
    with pytest.raises(NotExpressible, match=r"GeneralInfo"):
        yespo().plan(person_saved(customer(id=None, email="ada", first_name="Ada")), SEEN)


def test_the_time_of_sending_is_no_part_of_a_persons_state() -> None:
    early = person_saved(customer())
    late = replace(early, version=Version.at("2026-11-22T09:00:00.000000000Z"))

    def state(change: Any, known_state: KnownState = SEEN) -> bytes:
        return yespo().plan(change, known_state).state

    assert state(early) == state(late)
    assert sent_bodies(early) != sent_bodies(late)
    assert state(early) != state(person_saved(customer(last_name="Moss")))
    # Another browser: the platform must receive the link to this person.
    assert state(early) != state(early, KnownState(visitor=Visitor(tracker_cookie="ANOTHER")))


@pytest.mark.parametrize(("redacted", "alarms"), [(True, ("EraseByHand",)), (False, ())])
def test_a_person_can_be_erased_only_by_hand(redacted: bool, alarms: tuple[str, ...]) -> None:  # noqa: FBT001
    removed = PersonRemoved(entity=ADA, version=VERSION, user_id="7", redacted=redacted)

    for build in BOTH:
        plan = build().plan(removed, SEEN)
        assert (plan.calls, plan.state, plan.alarms) == ((), b"gone", alarms)
        assert plan.counts == ("person_removal_not_expressible",)
        assert not build().forgets


def test_consent_has_no_field() -> None:
    plan = yespo().plan(ConsentChanged(entity=ADA, at=AT, person_id="7", subscribed=True), SEEN)

    assert (plan.calls, plan.state, plan.counts) == ((), b"", ("consent_not_expressible",))

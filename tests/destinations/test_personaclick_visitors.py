"""Visitors: the queries for their ids, and their fields in every event."""

from __future__ import annotations

from typing import Any

import pytest

from shared.destinations.contract import KnownState
from shared.errors import NotExpressible
from shared.http.call import Call
from shared.model.browsing import PageViewed, ProductViewed, Pushed
from shared.model.change import CheckoutStarted, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.order import Checkout
from shared.model.person import Buyer, Person
from shared.model.value import replace
from shared.model.visitor import NOBODY, Campaign, Visitor
from tests.destinations.personaclick_harness import (
    AT,
    SHOP,
    VERSION,
    VISITOR,
    browsed,
    cart,
    goods,
    line,
    order,
    personaclick,
    sent_body,
)

VIEW = browsed(ProductViewed(goods=goods()))


def at(clock: str, day: int = 21) -> str:
    return f"2026-11-{day:02}T{clock}.000000000Z"


def identified(change: Any, visitor: Visitor, **settings: Any) -> Call | Visitor:
    return personaclick(**settings).identify(change, visitor)


@pytest.mark.parametrize("change", [order(), cart(line())])
def test_for_an_unknown_visitor_the_platform_is_queried(change: Any) -> None:
    call = identified(change, NOBODY)

    assert isinstance(call, Call)
    assert (call.method, call.label, call.body) == ("GET", "GET init", b"")
    assert call.url == f"https://api.personaclick.com/init?shop_id={SHOP}&stream=web"


def test_a_page_view_of_an_unknown_device_is_rejected_without_a_query() -> None:
    assert identified(VIEW, NOBODY) == NOBODY
    with pytest.raises(NotExpressible) as error:
        personaclick().plan(VIEW, KnownState())

    assert (error.value.reason, error.value.path) == ("no visitor", "$.did")


@pytest.mark.parametrize(
    ("seen", "active"),
    [
        (at("07:00:00"), True),
        (at("06:59:59"), False),
        # The event is older than the last visit: the active session is the best one that is known.
        (at("12:00:00"), True),
        (None, False),
    ],
)
def test_a_session_ends_after_two_idle_hours(seen: str | None, *, active: bool) -> None:
    visitor = replace(VISITOR, seen_at=seen)

    assert isinstance(identified(order(), visitor), Visitor) is active


def test_an_expired_session_is_replaced_by_a_new_one_of_the_same_device() -> None:
    call = identified(
        order(), replace(VISITOR, device_id="a b&c", seen_at=at("01:00:00")), stream="shop1"
    )

    assert isinstance(call, Call)
    assert call.url.endswith(f"/init?shop_id={SHOP}&stream=shop1&did=a+b%26c")
    assert "a+b" not in repr(call)


def test_for_a_device_without_a_session_one_is_queried() -> None:
    assert isinstance(identified(VIEW, replace(VISITOR, session_id=None)), Call)


def test_a_session_in_the_browsing_event_itself_is_active() -> None:
    own = replace(VISITOR, seen_at=None)
    change = browsed(ProductViewed(goods=goods()), visitor=own)

    assert identified(change, own) == VISITOR
    other = replace(own, session_id="another")
    assert isinstance(identified(change, other), Call)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (at("08:45:00"), at("08:45:00")),
        (at("08:44:59"), AT),
        (at("10:00:00"), at("10:00:00")),
    ],
)
def test_the_last_use_is_stored_every_quarter_of_an_hour_and_never_moved_back(
    seen: str, expected: str
) -> None:
    known = identified(order(), replace(VISITOR, seen_at=seen))

    assert isinstance(known, Visitor)
    assert known.seen_at == expected


CHECKOUT = CheckoutStarted(
    entity=Entity(Kind.CHECKOUT, "c"),
    version=VERSION,
    checkout=Checkout(id="c", buyer=Buyer(), lines=(line(),), at=AT),
)
PERSON = PersonSaved(
    entity=Entity(Kind.PERSON, "7"), version=VERSION, person=Person(id="7", email=None)
)


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        (order(), True),
        (cart(), True),
        (VIEW, True),
        (browsed(PageViewed()), False),
        (browsed(Pushed(act="clicked", code="c", kind="bulk")), False),
        (CHECKOUT, False),
        (PERSON, False),
    ],
)
def test_a_visitor_is_looked_up_only_for_events_that_have_one(change: Any, *, needed: bool) -> None:
    brief = personaclick().brief(change)

    assert (brief.visitor, brief.cart) == (needed, None)


@pytest.mark.parametrize(("segment", "expected"), [("A", "A"), ("B", "B"), ("C", None)])
def test_a_segment_is_a_or_b(segment: str, expected: str | None) -> None:
    known_state = KnownState(visitor=replace(VISITOR, segment=segment))

    assert sent_body(order(), known_state).get("segment") == expected


def test_a_session_may_have_its_later_field_name() -> None:
    body = sent_body(order(), session="sid")

    assert body["sid"] == "R5eQXkrKCf"
    assert "seance" not in body


def test_the_page_of_an_event_is_its_referer() -> None:
    change = browsed(
        ProductViewed(goods=goods()), url="https://acme.example/p", referrer="https://x"
    )

    assert sent_body(change)["referer"] == "https://acme.example/p"
    assert "referer" not in sent_body(browsed(ProductViewed(goods=goods()), url=" "))


def campaign(since: str, **more: str) -> KnownState:
    facts = {"origin": "chain", "code": "abcdef-0123", "at": since} | more
    return KnownState(visitor=replace(VISITOR, campaign=Campaign(**facts)))


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (AT, True),
        (at("09:00:01", 19), True),
        (at("09:00:00", 19), False),
        # A campaign after the event cannot have led to it.
        (at("09:00:01"), False),
    ],
)
def test_a_campaign_is_sent_for_48_hours_as_a_json_string(since: str, *, expected: bool) -> None:
    body = sent_body(order(), campaign(since))

    assert body.get("source") == ('{"from":"chain","code":"abcdef-0123"}' if expected else None)


@pytest.mark.parametrize("missing", ["origin", "code"])
def test_an_incomplete_campaign_is_omitted(missing: str) -> None:
    assert "source" not in sent_body(order(), campaign(AT, **{missing: " "}))

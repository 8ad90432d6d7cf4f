"""Who did it: whom the platform is asked for, and what every event says of them."""

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
from tests.destinations.clicks import (
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
    told,
)

VIEW = browsed(ProductViewed(goods=goods()))


def at(clock: str, day: int = 21) -> str:
    return f"2026-11-{day:02}T{clock}.000000000Z"


def met(change: Any, visitor: Visitor, **settings: Any) -> Call | Visitor:
    return personaclick(**settings).meet(change, visitor)


@pytest.mark.parametrize("change", [order(), cart(line())])
def test_for_a_shopper_whom_nobody_knows_the_platform_is_asked(change: Any) -> None:
    call = met(change, NOBODY)

    assert isinstance(call, Call)
    assert (call.method, call.label, call.body) == ("GET", "GET init", b"")
    assert call.url == f"https://api.personaclick.com/init?shop_id={SHOP}&stream=web"


def test_a_page_view_of_nobody_asks_nobody_and_is_refused() -> None:
    assert met(VIEW, NOBODY) == NOBODY
    with pytest.raises(NotExpressible) as refused:
        personaclick().plan(VIEW, KnownState())

    assert (refused.value.reason, refused.value.path) == ("no visitor", "$.did")


@pytest.mark.parametrize(
    ("seen", "lives"),
    [
        (at("07:00:00"), True),
        (at("06:59:59"), False),
        # The event is older than the last visit: the session that lives is the best that is known.
        (at("12:00:00"), True),
        (None, False),
    ],
)
def test_a_session_ends_after_two_idle_hours(seen: str | None, *, lives: bool) -> None:
    visitor = replace(VISITOR, seen_at=seen)

    assert isinstance(met(order(), visitor), Visitor) is lives


def test_for_a_session_that_is_over_a_new_one_of_the_same_device_is_asked() -> None:
    call = met(order(), replace(VISITOR, device_id="a b&c", seen_at=at("01:00:00")), stream="shop1")

    assert isinstance(call, Call)
    assert call.url.endswith(f"/init?shop_id={SHOP}&stream=shop1&did=a+b%26c")
    assert "a+b" not in repr(call)


def test_a_device_without_a_session_is_asked_for_one() -> None:
    assert isinstance(met(VIEW, replace(VISITOR, session_id=None)), Call)


def test_a_session_that_the_browser_itself_names_lives() -> None:
    own = replace(VISITOR, seen_at=None)
    change = browsed(ProductViewed(goods=goods()), visitor=own)

    assert met(change, own) == VISITOR
    other = replace(own, session_id="another")
    assert isinstance(met(change, other), Call)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (at("08:45:00"), at("08:45:00")),
        (at("08:44:59"), AT),
        (at("10:00:00"), at("10:00:00")),
    ],
)
def test_the_last_use_is_written_down_each_quarter_of_an_hour_and_never_set_back(
    seen: str, expected: str
) -> None:
    known = met(order(), replace(VISITOR, seen_at=seen))

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
def test_a_visitor_is_looked_up_for_what_is_told_of_one(change: Any, *, needed: bool) -> None:
    need = personaclick().need(change)

    assert (need.visitor, need.cart) == (needed, None)


@pytest.mark.parametrize(("segment", "expected"), [("A", "A"), ("B", "B"), ("C", None)])
def test_a_segment_is_a_or_b(segment: str, expected: str | None) -> None:
    memory = KnownState(visitor=replace(VISITOR, segment=segment))

    assert told(order(), memory).get("segment") == expected


def test_a_session_may_have_its_later_name() -> None:
    body = told(order(), session="sid")

    assert body["sid"] == "R5eQXkrKCf"
    assert "seance" not in body


def test_the_page_of_an_event_is_its_referer() -> None:
    change = browsed(
        ProductViewed(goods=goods()), url="https://acme.example/p", referrer="https://x"
    )

    assert told(change)["referer"] == "https://acme.example/p"
    assert "referer" not in told(browsed(ProductViewed(goods=goods()), url=" "))


def campaign(since: str, **more: str) -> KnownState:
    facts = {"origin": "chain", "code": "abcdef-0123", "at": since} | more
    return KnownState(visitor=replace(VISITOR, campaign=Campaign(**facts)))


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (AT, True),
        (at("09:00:01", 19), True),
        (at("09:00:00", 19), False),
        # It came after the event, which it cannot have led to.
        (at("09:00:01"), False),
    ],
)
def test_a_campaign_is_told_for_48_hours_as_a_text_of_json(since: str, *, expected: bool) -> None:
    body = told(order(), campaign(since))

    assert body.get("source") == ('{"from":"chain","code":"abcdef-0123"}' if expected else None)


@pytest.mark.parametrize("missing", ["origin", "code"])
def test_half_a_campaign_is_none(missing: str) -> None:
    assert "source" not in told(order(), campaign(AT, **{missing: " "}))

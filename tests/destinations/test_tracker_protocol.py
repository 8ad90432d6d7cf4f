"""What all calls to both trackers have in common: whose they are, how they go, what is answered."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from shared.destinations.contract import Destination, KnownState
from shared.destinations.esputnik.destination import build as build_esputnik
from shared.destinations.yespo.destination import build as build_yespo
from shared.errors import NotConfigured, NotExpressible
from shared.http.call import Call
from shared.http.verdict import Delivered, Rejected, Response, Retry
from shared.model.browsing import ProductViewed
from shared.model.change import (
    Change,
    ConsentChanged,
    PersonRemoved,
    ProductRemoved,
    StockChanged,
)
from shared.model.entity import Entity, Kind
from shared.model.order import Status
from shared.model.person import Buyer
from shared.model.visitor import Visitor
from shared.settings import Secrets, Yespo
from tests.destinations.browsing_events import SHIRT, happened
from tests.destinations.shop import (
    AT,
    NOTHING,
    VERSION,
    customer,
    line,
    order_saved,
    person_saved,
    product_saved,
    variant,
)
from tests.destinations.tracked import (
    BOTH,
    SC,
    SEEN,
    SITE,
    cart_saved,
    checkout_started,
    esputnik,
    merchant,
    told,
    yespo,
)

GUEST = Buyer(email=" Ada@Shop.example")
NAMED = Buyer(id="7", email="ada@shop.example")
# uuid5(uuid5(NAMESPACE_URL, "https://shoprelay.example/tracker"), "acme/customer/7").
CUSTOMER_7 = "9D437694-9E55-5108-9C75-1F73F67E51C1"


def sc(change: Change, to: Destination | None = None, memory: KnownState = NOTHING) -> Any:
    return told(change, memory, to)[-1]["GeneralInfo"]["cookies"]["sc"]


def bought(buyer: Buyer = NAMED, **more: Any) -> Change:
    return order_saved(buyer=buyer, **more)


@pytest.mark.parametrize("build", BOTH)
def test_the_cookie_that_is_known_is_the_visitors(build: Any) -> None:
    for change in (
        person_saved(customer()),
        bought(),
        cart_saved(line()),
        happened(ProductViewed(goods=SHIRT)),
    ):
        assert sc(change, build(), SEEN) == SC


@pytest.mark.parametrize("to", [yespo(), esputnik(degraded_sc=True)])
def test_a_cookie_of_ours_is_the_same_for_one_person_and_another_for_the_next(
    to: Destination,
) -> None:
    ada = sc(person_saved(customer()), to)

    assert ada == CUSTOMER_7
    assert sc(bought(), to) == ada
    assert sc(bought(Buyer(id="7")), to) == ada
    assert sc(bought(Buyer(id="8", email="ada@shop.example")), to) != ada


def test_a_guest_is_the_same_by_address_however_it_is_written() -> None:
    guest = customer(id=None, email="ada@shop.example")

    assert sc(bought(GUEST)) == sc(person_saved(guest)) != sc(bought(NAMED))


def test_an_order_of_nobody_is_its_carts_and_else_its_own() -> None:
    nobody = Buyer()
    of_cart = bought(nobody, cart_token="token-1")

    assert sc(of_cart) == sc(cart_saved(line())) != sc(bought(nobody))
    assert sc(bought(nobody)) != sc(bought(nobody, id="901"))
    to = esputnik(degraded_sc=True, checkout_event="go")
    assert sc(checkout_started(line()), to) == sc(of_cart)


def test_an_anonymous_shopper_is_known_by_their_browser() -> None:
    def viewed(anonymous: str | None) -> Change:
        return happened(ProductViewed(goods=SHIRT), buyer=Buyer(anonymous=anonymous))

    assert sc(viewed("browser-1")) == sc(viewed("browser-1")) != sc(viewed("browser-2"))
    with pytest.raises(NotExpressible, match="no visitor"):
        yespo().plan(viewed(None), NOTHING)


def test_two_merchants_have_no_shopper_in_common() -> None:
    shop = merchant(yespo=Yespo(site_id=SITE))
    other = build_yespo(msgspec.structs.replace(shop, name="another"), Secrets())

    assert sc(bought(), other) != sc(bought())


@pytest.mark.parametrize(
    "change",
    [person_saved(customer()), bought(), cart_saved(line()), happened(ProductViewed(goods=SHIRT))],
)
def test_esputnik_takes_no_cookie_of_ours_unless_it_is_asked_for_and_then_it_is_counted(
    change: Change,
) -> None:
    with pytest.raises(NotExpressible) as refused:
        esputnik().plan(change, NOTHING)

    assert (refused.value.reason, refused.value.path) == (
        "no visitor",
        "$.GeneralInfo.cookies.sc",
    )
    assert esputnik(degraded_sc=True).plan(change, NOTHING).counts == ("degraded_sc",)
    assert esputnik(degraded_sc=True).plan(change, SEEN).counts == ()
    assert yespo().plan(change, NOTHING).counts == ()


def test_a_cookie_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(NotExpressible) as refused:
        yespo().plan(bought(), KnownState(visitor=Visitor(tracker_cookie='a"b; c')))

    assert refused.value.path == "$.GeneralInfo.cookies.sc"
    assert 'a"b' not in str(refused.value)


PERSON = Entity(Kind.PERSON, "7")
PRODUCT = Entity(Kind.PRODUCT, "1")


@pytest.mark.parametrize("build", BOTH)
def test_the_visitor_is_looked_up_for_what_names_one_and_for_nothing_else(
    build: Callable[[], Destination],
) -> None:
    needing = (
        person_saved(customer()),
        bought(),
        cart_saved(line()),
        happened(ProductViewed(goods=SHIRT)),
    )
    others = (
        product_saved(variant()),
        ProductRemoved(entity=PRODUCT, version=VERSION),
        StockChanged(entity=PRODUCT, at=AT, variant_id="11", default=False, stock=1),
        PersonRemoved(entity=PERSON, version=VERSION, user_id="7"),
        ConsentChanged(entity=PERSON, at=AT, person_id="7", subscribed=True),
        bought(status=Status.CANCELLED),
        bought(placed_at="2026-01-01T00:00:00.000000000Z"),
        bought(lines=()),
    )

    assert [build().need(one).visitor for one in needing] == [True] * 4
    assert [build().need(one).visitor for one in others] == [False] * 8


@pytest.mark.parametrize(
    ("to", "url"),
    [
        (yespo(), "https://tracker.yespo.io/api/v2"),
        (esputnik(), "https://tracker.esputnik.com/api/v2"),
    ],
)
def test_every_call_is_posted_to_one_address(to: Destination, url: str) -> None:
    for change in (product_saved(variant()), person_saved(customer()), bought()):
        for call in to.plan(change, SEEN).calls:
            assert (call.method, call.url) == ("POST", url)


@pytest.mark.parametrize("build", BOTH)
def test_no_authorization_is_sent_unless_there_is_a_key(build: Any) -> None:
    [call] = build().plan(cart_saved(line()), SEEN).calls
    token = base64.b64encode(b":the-key").decode()

    assert build().sign(call) == {"Content-Type": "application/json"}
    assert build(key="the-key").sign(call) == {
        "Content-Type": "application/json",
        "Authorization": f"Basic {token}",
    }


@pytest.mark.parametrize("build", BOTH)
@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, Delivered) for status in (200, 201, 204)),
        *((status, Rejected) for status in (301, 400, 401, 403, 404, 413, 422, 501)),
        *((status, Retry) for status in (408, 425, 429, 500, 502, 503, 504)),
    ],
)
def test_every_success_is_one_and_a_bad_request_is_never_taken_for_one(
    build: Any, status: int, verdict: type
) -> None:
    call = Call(method="POST", url="https://tracker.example", label="POST StatusCart")

    assert isinstance(build().judge(call, Response(status=status), 0.0), verdict)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [(b"\n<!DOCTYPE html>", Retry), (b"", Delivered), (b'{"ok":"<"}', Delivered)],
    ids=["a page", "nothing", "an answer"],
)
def test_a_page_is_no_answer(body: bytes, verdict: type) -> None:
    call = Call(method="POST", url="https://tracker.example", label="POST StatusCart")

    assert isinstance(yespo().judge(call, Response(status=200, body=body), 0.0), verdict)


def test_what_the_platform_holds_is_told_apart_by_all_that_decides_it() -> None:
    prints = {
        to.fingerprint
        for to in (
            yespo(),
            esputnik(),
            yespo(site_id="ANOTHER"),
            yespo(url="https://tracker.example/api/v2"),
            yespo(feed_id="sku"),
            yespo(key="a"),
            yespo(key="b"),
        )
    }

    assert len(prints) == 7
    # What is told, and when, decides nothing of what is held.
    assert yespo(searches="all").fingerprint == yespo().fingerprint


@pytest.mark.parametrize("build", [build_yespo, build_esputnik])
def test_without_its_section_it_refuses_to_start(build: Any) -> None:
    with pytest.raises(NotConfigured, match="section"):
        build(merchant(), Secrets())


def test_no_call_shows_who_it_is_about() -> None:
    for change in (person_saved(customer()), bought(), cart_saved(line(), buyer=NAMED)):
        for call in yespo().plan(change, SEEN).calls:
            assert "ada" not in f"{call!r} {call.context!r}".lower()
            assert SITE not in repr(call)

"""The common parts of all calls to both trackers: visitors, requests and responses."""

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
from tests.destinations.browsing_events import SHIRT, browsing_event
from tests.destinations.sample_shop import (
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
from tests.destinations.tracker_harness import (
    BOTH,
    SC,
    SEEN,
    SITE,
    cart_saved,
    checkout_started,
    esputnik,
    merchant,
    sent_bodies,
    yespo,
)

GUEST = Buyer(email=" Ada@Shop.example")
NAMED = Buyer(id="7", email="ada@shop.example")
# uuid5(uuid5(NAMESPACE_URL, "https://shoprelay.example/tracker"), "acme/customer/7").
CUSTOMER_7 = "9D437694-9E55-5108-9C75-1F73F67E51C1"


def sc(change: Change, to: Destination | None = None, known_state: KnownState = NOTHING) -> Any:
    return sent_bodies(change, known_state, to)[-1]["GeneralInfo"]["cookies"]["sc"]


def bought(buyer: Buyer = NAMED, **more: Any) -> Change:
    return order_saved(buyer=buyer, **more)


@pytest.mark.parametrize("build", BOTH)
def test_a_known_cookie_is_used(build: Any) -> None:
    for change in (
        person_saved(customer()),
        bought(),
        cart_saved(line()),
        browsing_event(ProductViewed(goods=SHIRT)),
    ):
        assert sc(change, build(), SEEN) == SC


@pytest.mark.parametrize("to", [yespo(), esputnik()])
def test_a_generated_cookie_is_stable_and_unique_per_person(
    to: Destination,
) -> None:
    ada = sc(person_saved(customer()), to)

    assert ada == CUSTOMER_7
    assert sc(bought(), to) == ada
    assert sc(bought(Buyer(id="7")), to) == ada
    assert sc(bought(Buyer(id="8", email="ada@shop.example")), to) != ada


def test_a_guests_cookie_is_the_same_for_every_spelling_of_the_address() -> None:
    guest = customer(id=None, email="ada@shop.example")

    assert sc(bought(GUEST)) == sc(person_saved(guest)) != sc(bought(NAMED))


def test_the_cookie_of_an_anonymous_order_is_its_carts_or_its_own() -> None:
    unknown = Buyer()
    of_cart = bought(unknown, cart_token="token-1")

    assert sc(of_cart) == sc(cart_saved(line())) != sc(bought(unknown))
    assert sc(bought(unknown)) != sc(bought(unknown, id="901"))
    to = esputnik(checkout_event="go")
    assert sc(checkout_started(line()), to) == sc(of_cart)


def test_the_cookie_of_an_anonymous_visitor_is_generated_from_the_browser() -> None:
    def viewed(anonymous: str | None) -> Change:
        return browsing_event(ProductViewed(goods=SHIRT), buyer=Buyer(anonymous=anonymous))

    assert sc(viewed("browser-1")) == sc(viewed("browser-1")) != sc(viewed("browser-2"))
    with pytest.raises(NotExpressible, match="no visitor"):
        yespo().plan(viewed(None), NOTHING)


def test_two_merchants_have_no_cookie_in_common() -> None:
    shop = merchant(yespo=Yespo(site_id=SITE))
    other = build_yespo(msgspec.structs.replace(shop, name="another"), Secrets())

    assert sc(bought(), other) != sc(bought())


@pytest.mark.parametrize(
    "change",
    [
        person_saved(customer()),
        bought(),
        cart_saved(line()),
        browsing_event(ProductViewed(goods=SHIRT)),
    ],
)
def test_a_generated_cookie_for_esputnik_is_counted(change: Change) -> None:
    assert esputnik().plan(change, NOTHING).counts == ("degraded_sc",)
    assert esputnik().plan(change, SEEN).counts == ()
    assert yespo().plan(change, NOTHING).counts == ()


@pytest.mark.parametrize(
    "change", [bought(), cart_saved(line()), browsing_event(ProductViewed(goods=SHIRT))]
)
def test_a_visitor_without_a_cookie_is_a_dead_letter_where_none_is_generated(
    change: Change,
) -> None:
    strict = esputnik(degraded_sc=False)

    with pytest.raises(NotExpressible) as error:
        strict.plan(change, NOTHING)

    assert (error.value.reason, error.value.path) == (
        "no visitor",
        "$.GeneralInfo.cookies.sc",
    )
    assert strict.plan(change, SEEN).calls


def test_a_customer_whose_cookie_nobody_can_know_is_counted_and_no_dead_letter() -> None:
    strict = esputnik(degraded_sc=False)

    plan = strict.plan(person_saved(customer()), NOTHING)

    # Without a state: the first webhook after the cookie is known sends it.
    assert (plan.calls, plan.state) == ((), b"")
    assert plan.counts == ("customer_of_unknown_visitor",)
    assert strict.plan(person_saved(customer()), SEEN).calls


def test_an_invalid_cookie_is_rejected_and_not_shown() -> None:
    with pytest.raises(NotExpressible) as error:
        yespo().plan(bought(), KnownState(visitor=Visitor(tracker_cookie='a"b; c')))

    assert error.value.path == "$.GeneralInfo.cookies.sc"
    assert 'a"b' not in str(error.value)


PERSON = Entity(Kind.PERSON, "7")
PRODUCT = Entity(Kind.PRODUCT, "1")


@pytest.mark.parametrize("build", BOTH)
def test_a_visitor_is_looked_up_only_for_changes_that_have_one(
    build: Callable[[], Destination],
) -> None:
    needing = (
        person_saved(customer()),
        bought(),
        cart_saved(line()),
        browsing_event(ProductViewed(goods=SHIRT)),
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

    assert [build().brief(one).visitor for one in needing] == [True] * 4
    assert [build().brief(one).visitor for one in others] == [False] * 8


@pytest.mark.parametrize(
    ("to", "url"),
    [
        (yespo(), "https://tracker.yespo.io/api/v2"),
        (esputnik(), "https://tracker.esputnik.com/api/v2"),
    ],
)
def test_every_call_is_posted_to_one_url(to: Destination, url: str) -> None:
    for change in (product_saved(variant()), person_saved(customer()), bought()):
        for call in to.plan(change, SEEN).calls:
            assert (call.method, call.url) == ("POST", url)


@pytest.mark.parametrize("build", BOTH)
def test_no_authorization_is_sent_unless_there_is_a_key(build: Any) -> None:
    [call] = build().plan(cart_saved(line()), SEEN).calls
    token = base64.b64encode(b":the-key").decode()

    assert build().sign(call).headers == {
        "Content-Type": "application/json",
        "User-Agent": "Shoprelay",
    }
    assert build(key="the-key").sign(call).headers == {
        "Content-Type": "application/json",
        "User-Agent": "Shoprelay",
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
def test_every_2xx_is_delivered_and_no_bad_request_is(
    build: Any, status: int, verdict: type
) -> None:
    call = Call(method="POST", url="https://tracker.example", label="POST StatusCart")

    assert isinstance(build().judge(call, Response(status=status), 0.0), verdict)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [(b"\n<!DOCTYPE html>", Retry), (b"", Delivered), (b'{"ok":"<"}', Delivered)],
    ids=["an HTML page", "an empty body", "JSON"],
)
def test_an_html_page_is_no_response(body: bytes, verdict: type) -> None:
    call = Call(method="POST", url="https://tracker.example", label="POST StatusCart")

    assert isinstance(yespo().judge(call, Response(status=200, body=body), 0.0), verdict)


def test_the_fingerprint_changes_with_everything_that_determines_the_state() -> None:
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
    # Settings for which events are sent do not affect the stored state.
    assert yespo(searches="all").fingerprint == yespo().fingerprint


@pytest.mark.parametrize("build", [build_yespo, build_esputnik])
def test_without_its_section_a_tracker_raises_not_configured(build: Any) -> None:
    with pytest.raises(NotConfigured, match="section"):
        build(merchant(), Secrets())


def test_the_repr_of_a_tracker_call_shows_no_personal_data() -> None:
    for change in (person_saved(customer()), bought(), cart_saved(line(), buyer=NAMED)):
        for call in yespo().plan(change, SEEN).calls:
            assert "ada" not in f"{call!r} {call.context!r}".lower()
            assert SITE not in repr(call)

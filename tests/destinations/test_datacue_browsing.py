"""The browser events of DataCue's document, built from our changes and compared word by word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.sandbox.datacue.edition import EDITIONS
from cli.sandbox.datacue.events import event_plan
from shared.destinations.contract import Event, Rule
from shared.http.call import Effect
from shared.model.browsing import (
    BannerClicked,
    BrowsingAction,
    CategoryViewed,
    Goods,
    LoggedIn,
    PageViewed,
    ProductClicked,
    ProductViewed,
    Searched,
    WishlistAdded,
    WishlistRemoved,
)
from shared.model.change import Browsed
from shared.model.order import Visit
from shared.model.person import Buyer
from tests.destinations.browsing_events import CUP, HAPPENINGS, SHIRT, SOMEBODY, happened
from tests.destinations.shop import NEW, NOTHING, OLD, Profile, datacue

HOME = {"type": "pageview", "subtype": "home"}
UNTOLD = {
    "other_page_viewed",
    "category_viewed_without_a_name",
    "wishlist_set",
    "wishlist_emptied",
    "cart_added",
    "cart_removed",
    "impressions",
    "custom",
    "push_received",
    "push_clicked",
    "push_closed",
    "sms_clicked",
}


def told(change: Browsed, profile: Profile = OLD, **settings: Any) -> Any:
    [call] = datacue(profile, **settings).plan(change, NOTHING).calls
    assert (call.method, call.url) == ("POST", "https://events.datacue.co/")
    assert call.effect is Effect.EVENT
    return json.loads(call.body)


def own(what: BrowsingAction, profile: Profile = OLD) -> Any:
    return told(happened(what), profile)["event"]


def test_an_event_tells_who_what_when_and_where() -> None:
    assert told(happened(PageViewed(home=True))) == {
        "user": {
            "user_id": "7",
            "anonymous_id": "browser-1",
            "profile": {"sex": "female", "location": "Santiago", "segment": "platinum"},
        },
        "event": HOME,
        "timestamp": "2026-11-21T09:00:00Z",
        "context": {"ip": "203.0.113.9", "user_agent": "Mozilla/5.0"},
    }


def test_what_nobody_knows_is_left_out() -> None:
    bare = happened(PageViewed(home=True), buyer=SOMEBODY, profile={}, visit=Visit())

    assert told(bare) == {
        "user": {"anonymous_id": "browser-1"},
        "event": HOME,
        "timestamp": "2026-11-21T09:00:00Z",
    }


@pytest.mark.parametrize("profile", [OLD, NEW])
@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (PageViewed(home=True), HOME),
        (
            ProductViewed(goods=SHIRT),
            {"type": "pageview", "subtype": "product", "product_id": "1", "variant_id": "11"},
        ),
        (
            CategoryViewed(id="146", names=("Men", "Shirts")),
            {"type": "pageview", "subtype": "category", "category_name": "Shirts"},
        ),
        (Searched(query=" moss shirt "), {"type": "search", "term": "moss shirt"}),
        (
            WishlistAdded(goods=SHIRT),
            {"type": "wishlist", "subtype": "add", "product_id": "1", "variant_id": "11"},
        ),
        (
            WishlistRemoved(goods=SHIRT),
            {"type": "wishlist", "subtype": "remove", "product_id": "1", "variant_id": "11"},
        ),
        (
            BannerClicked(banner_id="b1"),
            {"type": "click", "subtype": "banner", "banner_id": "b1"},
        ),
        (LoggedIn(), {"type": "login"}),
    ],
)
def test_each_event_is_the_document_s(
    what: BrowsingAction, expected: dict[str, str], profile: Profile
) -> None:
    assert own(what, profile) == expected


@pytest.mark.parametrize(
    ("goods", "expected"),
    [
        (Goods(product_id="2"), {"product_id": "2"}),
        (CUP, {"product_id": "2", "variant_id": "no-variants"}),
        (Goods(product_id="2", default=True), {"product_id": "2", "variant_id": "no-variants"}),
        (
            Goods(product_id="2", variant_id="21", default=None),
            {"product_id": "2", "variant_id": "21"},
        ),
    ],
)
def test_a_variant_is_named_as_in_its_row_and_left_out_where_a_page_names_none(
    goods: Goods, expected: dict[str, str]
) -> None:
    named = {"type": "pageview", "subtype": "product"}

    assert own(ProductViewed(goods=goods)) == {**named, **expected}
    assert own(WishlistAdded(goods=goods)) == {"type": "wishlist", "subtype": "add", **expected}


@pytest.mark.parametrize(
    ("block", "subtype"),
    [
        ("related", "related"),
        ("similar", "similar"),
        ("recent", "recent"),
        # What the sample says, of a click anywhere else.
        (None, "product"),
        ("1253", "product"),
    ],
)
def test_a_click_on_a_product_tells_its_block(block: str | None, subtype: str) -> None:
    assert own(ProductClicked(goods=SHIRT, block=block)) == {
        "type": "click",
        "subtype": subtype,
        "product_id": "1",
    }


def test_in_2021_a_click_on_a_banner_may_tell_its_category() -> None:
    click = BannerClicked(banner_id="b1", category_id="146")
    named = {"type": "click", "subtype": "banner", "banner_id": "b1"}

    assert own(click, NEW) == {**named, "category_id": "146"}
    assert own(click, OLD) == named
    assert own(BannerClicked(banner_id="b1"), NEW) == named


@pytest.mark.parametrize("carts", ["known-visitors", "cart-token"])
def test_a_browser_s_own_id_is_told_whatever_becomes_of_carts(carts: str) -> None:
    change = happened(PageViewed(home=True), buyer=SOMEBODY)

    assert told(change, carts=carts)["user"]["anonymous_id"] == "browser-1"


def test_a_guest_is_known_by_e_mail_address() -> None:
    change = happened(PageViewed(home=True), buyer=Buyer(email="Bo@Shop.example"))

    assert told(change)["user"]["user_id"] == "bo@shop.example"


def test_nobody_known_is_not_told_but_counted() -> None:
    change = happened(PageViewed(home=True), buyer=Buyer())
    plan = datacue().plan(change, NOTHING)

    assert (plan.calls, plan.counts) == ((), ("browsing_of_unknown_visitor",))
    assert datacue().event(change) is None


def test_a_login_of_nobody_is_not_told_but_counted() -> None:
    change = happened(LoggedIn(), buyer=SOMEBODY)
    plan = datacue().plan(change, NOTHING)

    assert (plan.calls, plan.counts) == ((), ("browsing_of_unknown_visitor",))
    assert datacue().event(change) is None


@pytest.mark.parametrize("name", sorted(UNTOLD))
def test_what_the_document_has_no_event_for_is_counted(name: str) -> None:
    plan = datacue().plan(HAPPENINGS[name], NOTHING)

    assert (plan.calls, plan.counts, plan.state) == ((), ("browsing_not_expressible",), b"")
    assert datacue().event(HAPPENINGS[name]) is None


@pytest.mark.parametrize("name", sorted({*HAPPENINGS} - UNTOLD))
def test_every_other_event_is_told_once_and_never_again(name: str) -> None:
    destination = datacue()

    assert destination.event(HAPPENINGS[name]) == Event(
        name="browsing", rule=Rule.ONCE, again=False
    )
    assert len(destination.plan(HAPPENINGS[name], NOTHING).calls) == 1


@pytest.mark.parametrize("profile", [OLD, NEW])
@pytest.mark.parametrize("name", sorted({*HAPPENINGS} - UNTOLD))
def test_the_sandbox_finds_no_fault_in_any_event(name: str, profile: Profile) -> None:
    event_plan(told(HAPPENINGS[name], profile), EDITIONS[profile].events)

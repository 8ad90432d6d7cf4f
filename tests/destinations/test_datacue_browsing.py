"""The browsing events in DataCue's document, built from changes and compared field by field."""

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
from tests.destinations.browsing_events import (
    ANONYMOUS,
    BROWSING_EVENTS,
    CUP,
    SHIRT,
    browsing_event,
)
from tests.destinations.sample_shop import NEW, NOTHING, OLD, Profile, datacue

HOME = {"type": "pageview", "subtype": "home"}
NOT_SENT = {
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


def sent_body(change: Browsed, profile: Profile = OLD, **settings: Any) -> Any:
    [call] = datacue(profile, **settings).plan(change, NOTHING).calls
    assert (call.method, call.url) == ("POST", "https://events.datacue.co/")
    assert call.effect is Effect.EVENT
    return json.loads(call.body)


def own(action: BrowsingAction, profile: Profile = OLD) -> Any:
    return sent_body(browsing_event(action), profile)["event"]


def test_an_event_has_user_body_time_and_client() -> None:
    assert sent_body(browsing_event(PageViewed(home=True))) == {
        "user": {
            "user_id": "7",
            "anonymous_id": "browser-1",
            "profile": {"sex": "female", "location": "Santiago", "segment": "platinum"},
        },
        "event": HOME,
        "timestamp": "2026-11-21T09:00:00Z",
        "context": {"ip": "203.0.113.9", "user_agent": "Mozilla/5.0"},
    }


def test_unknown_values_are_omitted() -> None:
    bare = browsing_event(PageViewed(home=True), buyer=ANONYMOUS, profile={}, visit=Visit())

    assert sent_body(bare) == {
        "user": {"anonymous_id": "browser-1"},
        "event": HOME,
        "timestamp": "2026-11-21T09:00:00Z",
    }


@pytest.mark.parametrize("profile", [OLD, NEW])
@pytest.mark.parametrize(
    ("action", "expected"),
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
def test_each_event_is_as_in_the_document(
    action: BrowsingAction, expected: dict[str, str], profile: Profile
) -> None:
    assert own(action, profile) == expected


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
def test_a_variant_has_the_id_of_its_row_and_is_omitted_if_the_page_has_none(
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
        # The value in the sample, for a click anywhere else.
        (None, "product"),
        ("1253", "product"),
    ],
)
def test_a_click_on_a_product_has_its_block(block: str | None, subtype: str) -> None:
    assert own(ProductClicked(goods=SHIRT, block=block)) == {
        "type": "click",
        "subtype": subtype,
        "product_id": "1",
    }


def test_in_2021_a_click_on_a_banner_may_have_a_category() -> None:
    click = BannerClicked(banner_id="b1", category_id="146")
    named = {"type": "click", "subtype": "banner", "banner_id": "b1"}

    assert own(click, NEW) == {**named, "category_id": "146"}
    assert own(click, OLD) == named
    assert own(BannerClicked(banner_id="b1"), NEW) == named


@pytest.mark.parametrize("carts", ["known-visitors", "cart-token"])
def test_a_browsers_own_id_is_sent_whatever_the_setting_for_carts_is(carts: str) -> None:
    change = browsing_event(PageViewed(home=True), buyer=ANONYMOUS)

    assert sent_body(change, carts=carts)["user"]["anonymous_id"] == "browser-1"


def test_a_guest_is_identified_by_the_e_mail_address() -> None:
    change = browsing_event(PageViewed(home=True), buyer=Buyer(email="Bo@Shop.example"))

    assert sent_body(change)["user"]["user_id"] == "bo@shop.example"


def test_an_event_of_an_unknown_visitor_is_counted_and_not_sent() -> None:
    change = browsing_event(PageViewed(home=True), buyer=Buyer())
    plan = datacue().plan(change, NOTHING)

    assert (plan.calls, plan.counts) == ((), ("browsing_of_unknown_visitor",))
    assert datacue().brief(change).event is None


def test_a_login_of_an_unknown_user_is_counted_and_not_sent() -> None:
    change = browsing_event(LoggedIn(), buyer=ANONYMOUS)
    plan = datacue().plan(change, NOTHING)

    assert (plan.calls, plan.counts) == ((), ("browsing_of_unknown_visitor",))
    assert datacue().brief(change).event is None


@pytest.mark.parametrize("name", sorted(NOT_SENT))
def test_an_action_without_an_event_in_the_document_is_counted(name: str) -> None:
    plan = datacue().plan(BROWSING_EVENTS[name], NOTHING)

    assert (plan.calls, plan.counts, plan.state) == ((), ("browsing_not_expressible",), b"")
    assert datacue().brief(BROWSING_EVENTS[name]).event is None


@pytest.mark.parametrize("name", sorted({*BROWSING_EVENTS} - NOT_SENT))
def test_every_other_event_is_sent_once_and_never_again(name: str) -> None:
    destination = datacue()

    assert destination.brief(BROWSING_EVENTS[name]).event == Event(
        name="browsing", rule=Rule.ONCE, again=False
    )
    assert len(destination.plan(BROWSING_EVENTS[name], NOTHING).calls) == 1


@pytest.mark.parametrize("profile", [OLD, NEW])
@pytest.mark.parametrize("name", sorted({*BROWSING_EVENTS} - NOT_SENT))
def test_the_sandbox_accepts_every_event(name: str, profile: Profile) -> None:
    event_plan(sent_body(BROWSING_EVENTS[name], profile), EDITIONS[profile].events)

"""Carts, and browsing events in the storefront."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.destinations.building.fields import encode_body
from shared.destinations.contract import Event, Rule
from shared.destinations.personaclick.payloads import (
    BoughtItem,
    CartAdd,
    CartWhole,
    Item,
    Purchase,
    View,
)
from shared.errors import NotExpressible
from shared.model.browsing import (
    BannerClicked,
    CartAdded,
    CartRemoved,
    CategoryViewed,
    Custom,
    Impressions,
    LoggedIn,
    PageViewed,
    ProductClicked,
    ProductViewed,
    Pushed,
    Recommended,
    Searched,
    WishlistAdded,
    WishlistRemoved,
    WishlistSet,
)
from tests.destinations.personaclick_harness import (
    BASICS,
    SHOP,
    URL,
    body_of,
    browsed,
    cart,
    goods,
    line,
    personaclick,
    planned,
    sent_body,
)

MOSS = [{"id": "100500"}]
BY = Recommended(by="dynamic", code="3d045e1b")


def test_a_cart_is_sent_whole_with_quantities() -> None:
    body = sent_body(cart(line(), line(variant_id="100123", quantity=1)))

    assert body == {
        **BASICS,
        "event": "cart",
        "items": [{"id": "100500", "quantity": 2}, {"id": "100123", "quantity": 1}],
        "full_cart": True,
    }


def test_a_cart_is_sent_once_per_state_and_not_again_after_an_unknown_outcome() -> None:
    assert personaclick().brief(cart(line())).event == Event(
        name="cart", rule=Rule.PER_VERSION, again=False
    )


@pytest.mark.parametrize("lines", [(), (line(quantity=0),)])
def test_an_emptied_cart_has_no_items_at_all_or_none(lines: Any) -> None:
    assert sent_body(cart(*lines)) == {**BASICS, "event": "cart", "full_cart": True}
    assert sent_body(cart(*lines), clear="empty")["items"] == []


def test_two_cart_lines_of_one_product_are_one_item() -> None:
    plan = planned(cart(line(quantity=600), line(quantity=600)))

    assert body_of(plan.calls[0])["items"] == [{"id": "100500", "quantity": 1000}]
    assert plan.counts == ("amount_clamped",)


def test_a_cart_without_products_in_the_feed_does_not_look_emptied() -> None:
    plan = planned(cart(line(sku=None)), feed_id="sku")

    assert (plan.calls, plan.counts) == ((), ("line_without_feed_id",))
    assert personaclick(feed_id="sku").brief(cart(line(sku=None))).event is None


EVENTS: list[tuple[Any, str, dict[str, Any]]] = [
    (ProductViewed(goods=goods()), "view", {"event": "view", "items": MOSS}),
    (
        ProductViewed(goods=goods(), recommended=BY),
        "view",
        {
            "event": "view",
            "items": MOSS,
            "recommended_by": "dynamic",
            "recommended_code": "3d045e1b",
        },
    ),
    (CategoryViewed(id="146"), "category", {"event": "category", "category_id": "146"}),
    (
        CartAdded(goods=goods(), quantity=3),
        "cart",
        {"event": "cart", "items": [{"id": "100500", "amount": 3}]},
    ),
    (
        CartRemoved(goods=goods()),
        "remove_from_cart",
        {"event": "remove_from_cart", "items": MOSS},
    ),
    (Searched(query="apple"), "search", {"event": "search", "search_query": "apple"}),
    (
        Searched(query="apple", recommended=Recommended(by="", code="apple")),
        "search",
        {"event": "search", "search_query": "apple", "recommended_code": "apple"},
    ),
    (WishlistAdded(goods=goods()), "wish", {"event": "wish", "items": MOSS}),
    (
        WishlistRemoved(goods=goods()),
        "remove_wish",
        {"event": "remove_wish", "items": MOSS},
    ),
    (
        WishlistSet(goods=(goods(), goods("100123"), goods())),
        "full_wish",
        {"event": "wish", "items": [*MOSS, {"id": "100123"}], "full_wish": True},
    ),
    (WishlistSet(goods=()), "full_wish", {"event": "wish", "full_wish": True}),
]


@pytest.mark.parametrize(("action", "name", "own"), EVENTS)
def test_a_browsing_event_is_pushed_once(action: Any, name: str, own: dict[str, Any]) -> None:
    change = browsed(action)
    [call] = planned(change).calls

    assert (call.method, call.url) == ("POST", f"{URL}push")
    assert body_of(call) == {**BASICS, **own}
    assert personaclick().brief(change).event == Event(name=name, rule=Rule.ONCE, again=False)


def test_an_emptied_wishlist_may_be_sent_as_an_empty_list() -> None:
    assert sent_body(browsed(WishlistSet(goods=())), clear="empty")["items"] == []


def test_more_than_a_thousand_pieces_added_to_the_cart_are_clamped_and_counted() -> None:
    plan = planned(browsed(CartAdded(goods=goods(), quantity=5000)))

    assert body_of(plan.calls[0])["items"] == [{"id": "100500", "amount": 1000}]
    assert plan.counts == ("amount_clamped",)


@pytest.mark.parametrize(
    "half", [Recommended(by="dynamic", code=" "), Recommended(by="", code="c")]
)
def test_an_incomplete_recommendation_is_omitted(half: Recommended) -> None:
    body = sent_body(browsed(CartAdded(goods=goods(), recommended=half)))

    assert not body.keys() & {"recommended_by", "recommended_code"}


def test_a_custom_event_has_its_own_endpoint() -> None:
    [call] = planned(browsed(Custom(name="quiz", category="c", label="l", value=7))).calls

    assert call.url == f"{URL}push/custom"
    own = {"event": "quiz", "category": "c", "label": "l", "value": 7}
    assert body_of(call) == {**BASICS, **own}


def test_a_custom_event_may_have_only_a_name() -> None:
    assert sent_body(browsed(Custom(name="quiz", label=""))) == {**BASICS, "event": "quiz"}


@pytest.mark.parametrize("act", ["received", "clicked", "closed"])
def test_a_message_event_has_no_visitor(act: str) -> None:
    [call] = planned(browsed(Pushed(act=act, code="731d5e0c", kind="chain"))).calls

    assert call.url == f"{URL}track/{act}"
    assert body_of(call) == {
        "shop_id": SHOP, "code": "731d5e0c", "type": "chain", "stream": "web"
    }  # fmt: skip


def test_a_click_in_an_sms_has_another_stream() -> None:
    assert (
        sent_body(browsed(Pushed(act="clicked", code="c", kind="bulk", sms=True)))["stream"]
        == "sms"
    )


def test_an_undocumented_message_event_is_rejected() -> None:
    with pytest.raises(NotExpressible) as error:
        planned(browsed(Pushed(act="lost", code="c", kind="bulk")))

    assert error.value.path == "$.act"


@pytest.mark.parametrize(
    "action",
    [
        PageViewed(),
        BannerClicked(banner_id="b"),
        ProductClicked(goods=goods()),
        Impressions(shown=()),
        LoggedIn(),
        Pushed(act="received", code="c", kind="bulk", sms=True),
        Pushed(act="closed", code="c", kind="bulk", sms=True),
    ],
)
def test_an_action_without_an_event_in_the_document_is_counted(action: Any) -> None:
    plan = planned(browsed(action))

    assert (plan.calls, plan.counts) == ((), ("browsing_not_expressible",))
    assert personaclick().brief(browsed(action)).event is None


def test_a_product_without_an_id_in_the_feed_is_rejected() -> None:
    with pytest.raises(NotExpressible) as error:
        planned(browsed(ProductViewed(goods=goods(sku=None))), feed_id="sku")

    assert (error.value.reason, error.value.path) == ("no id in the feed", "$.items[0].id")


FACTS: dict[str, Any] = {**BASICS}
ONE = (Item(id="1"),)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: View(**FACTS | {"shop_id": "0D42"}, items=ONE), "$.shop_id"),
        (lambda: View(**FACTS | {"did": ""}, items=ONE), "$.did"),
        (lambda: View(**FACTS | {"stream": "my-shop"}, items=ONE), "$.stream"),
        (lambda: View(**FACTS | {"stream": "a" * 17}, items=ONE), "$.stream"),
        (lambda: View(**FACTS | {"segment": "C"}, items=ONE), "$.segment"),
        (lambda: View(**FACTS | {"referer": " "}, items=ONE), "$.referer"),
        (lambda: View(**FACTS | {"sid": "also"}, items=ONE), "$.seance"),
        (lambda: View(**FACTS, items=(*ONE, *ONE)), "$.items"),  # type: ignore[arg-type]  # two
        (lambda: View(**FACTS, items=(Item(id="1" * 256),)), "$.items[0].id"),
        (lambda: View(**FACTS, items=ONE, recommended_by="x"), "$.recommended_by"),
        (lambda: Purchase(**FACTS, items=(), order_id="1"), "$.items"),
        (lambda: CartAdd(**FACTS, items=({"id": "1", "amount": 0},)), "$.items[0].amount"),  # type: ignore[arg-type]  # as JSON
        (lambda: CartWhole(**FACTS, full_cart=False), "$.full_cart"),  # type: ignore[arg-type]  # always true
    ],
)
def test_an_invalid_body_is_never_encoded(make: Any, path: str) -> None:
    with pytest.raises(NotExpressible) as error:
        encode_body(make())

    assert error.value.path == path


def test_a_free_item_has_the_price_zero() -> None:
    assert BoughtItem(id="1", amount=1, price=Decimal("0.00")).price == 0

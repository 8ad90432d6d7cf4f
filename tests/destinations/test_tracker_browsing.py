"""Browsing events, as they are sent to both trackers."""

from __future__ import annotations

from typing import Any

import pytest

from shared.destinations.contract import Event, Rule
from shared.model.browsing import (
    CategoryViewed,
    Custom,
    Goods,
    Impressions,
    LoggedIn,
    ProductViewed,
    Searched,
    Shown,
    WishlistAdded,
)
from shared.model.change import Browsed
from shared.model.person import Buyer
from tests.destinations.browsing_events import BROWSING_EVENTS, SC, SHIRT, browsing_event
from tests.destinations.sample_shop import usd
from tests.destinations.tracker_harness import BOTH, SEEN, SITE, esputnik, sent_bodies, yespo

INFO = {
    "siteId": SITE,
    "datetime": 1795251600250,
    "externalCustomerId": "7",
    "user_phone": "15417543010",
    "user_email": "ada@shop.example",
    "user_name": "Ada Moss",
    "cookies": {"sc": SC},
}
SEEN_SHIRT = {
    "Product": {
        "productKey": "11",
        "price": "24.50",
        "isInStock": "1",
        "tag_season": ["autumn", "winter"],
    },
    "Tags": {"theme": ["dark"]},
}
SENT = {
    "product_viewed": ("ProductPage", "ProductPage", SEEN_SHIRT),
    "wishlist_added": ("AddToWishlist", "AddToWishlist", SEEN_SHIRT),
    "category_viewed": (
        "CategoryPage",
        "CategoryPage",
        {"Category": {"categoryKey": "146"}, "Tags": {"theme": ["dark"]}},
    ),
    "impressions": (
        "ProductImpressions",
        "ProductImpression",
        {
            "Products": [
                {"product_id": "11", "container_type": "1253"},
                {"product_id": "146", "container_type": "1254"},
            ],
            "Tags": {"theme": ["dark"]},
        },
    ),
}
NOT_SENT = (
    "home_viewed", "other_page_viewed", "wishlist_removed", "wishlist_set", "wishlist_emptied",
    "cart_added", "cart_removed", "banner_clicked", "product_clicked", "push_received",
    "push_clicked", "push_closed", "sms_clicked",
)  # fmt: skip


@pytest.mark.parametrize("build", BOTH)
@pytest.mark.parametrize("name", SENT)
def test_an_action_with_an_event_in_the_documents_is_sent(build: Any, name: str) -> None:
    event, key, content = SENT[name]

    assert sent_bodies(BROWSING_EVENTS[name], to=build()) == [
        {"GeneralInfo": {"eventName": event, **INFO}, key: content}
    ]
    assert build().brief(BROWSING_EVENTS[name]).event == Event(
        name="browsing", rule=Rule.ONCE, again=False
    )


@pytest.mark.parametrize("build", BOTH)
@pytest.mark.parametrize("name", NOT_SENT)
def test_an_action_without_an_event_in_the_documents_is_counted(build: Any, name: str) -> None:
    plan = build().plan(BROWSING_EVENTS[name], SEEN)

    assert (plan.calls, plan.state, plan.counts) == ((), b"", ("browsing_not_expressible",))
    assert build().brief(BROWSING_EVENTS[name]).event is None
    assert not build().brief(BROWSING_EVENTS[name]).visitor


@pytest.mark.parametrize(
    "goods",
    [Goods(product_id="1", variant_id="11"), Goods(product_id="1", price=usd("1"))],
    ids=["no price", "no id of the feed"],
)
def test_a_page_without_a_required_value_is_counted(goods: Goods) -> None:
    for action in (ProductViewed(goods=goods), WishlistAdded(goods=goods)):
        assert yespo().brief(browsing_event(action)).event is None
        assert yespo().plan(browsing_event(action), SEEN).counts == ("browsing_not_expressible",)


@pytest.mark.parametrize(("in_stock", "flag"), [(True, "1"), (False, "0"), (None, None)])
def test_the_availability_is_sent_if_the_page_has_it(
    in_stock: bool | None,  # noqa: FBT001 - a value of a page
    flag: str | None,
) -> None:
    goods = Goods(product_id="1", variant_id="11", price=usd("1"), in_stock=in_stock)
    [body] = sent_bodies(browsing_event(ProductViewed(goods=goods)))

    assert body["ProductPage"]["Product"].get("isInStock") == flag


def test_a_tag_of_a_product_is_beside_its_fields() -> None:
    goods = Goods(product_id="1", variant_id="11", price=usd("1"), tags={"a b": (" c ",)})
    [body] = sent_bodies(browsing_event(ProductViewed(goods=goods), tags={}))

    assert body["ProductPage"] == {
        "Product": {"productKey": "11", "price": "1.00", "tag_a b": ["c"]}
    }


@pytest.mark.parametrize("level", ["product", "variant", "sku"])
def test_a_viewed_product_has_its_id_in_the_feed(level: str) -> None:
    own = {"product": "1", "variant": "11", "sku": "MOSS-S"}[level]
    to = yespo(feed_id=level)
    shown = Impressions(shown=(Shown(block="b", goods=SHIRT),))
    [page] = sent_bodies(browsing_event(ProductViewed(goods=SHIRT)), to=to)

    assert page["ProductPage"]["Product"]["productKey"] == own
    assert sent_bodies(browsing_event(shown), to=to)[0]["ProductImpression"]["Products"] == [
        {"product_id": own, "container_type": "b"}
    ]


def test_impressions_without_products_in_the_feed_are_counted() -> None:
    unknown = browsing_event(Impressions(shown=(Shown(block="b", goods=Goods(product_id="1")),)))

    assert yespo().plan(unknown, SEEN).counts == ("browsing_not_expressible",)


@pytest.mark.parametrize("build", BOTH)
@pytest.mark.parametrize(
    ("found", "searches", "is_sent"),
    [
        (False, "without-results", True),
        (True, "without-results", False),
        (None, "without-results", False),
        (False, "all", True),
        (True, "all", True),
        (None, "all", True),
    ],
)
def test_searches_are_sent_as_configured(
    build: Any,
    found: bool | None,  # noqa: FBT001 - a value of a page
    searches: str,
    is_sent: bool,  # noqa: FBT001 - as above
) -> None:
    change = browsing_event(Searched(query="moss", found=found))
    to = build(searches=searches)

    assert (to.brief(change).event is not None) is is_sent
    assert to.plan(change, SEEN).counts == (() if is_sent else ("search_not_wanted",))


@pytest.mark.parametrize(
    ("found", "flag"), [(True, {"isFound": 1}), (False, {"isFound": 0}), (None, {})]
)
def test_only_yespo_has_a_flag_for_the_results_of_a_search(
    found: bool | None,  # noqa: FBT001 - a value of a page
    flag: dict[str, int],
) -> None:
    change = browsing_event(Searched(query="moss", found=found))

    assert (
        sent_bodies(change, to=yespo(searches="all"))[0]["SearchRequest"]
        == {"search": "moss"} | flag
    )
    assert sent_bodies(change, to=esputnik(searches="all"))[0]["SearchRequest"] == {
        "search": "moss"
    }


@pytest.mark.parametrize("build", BOTH)
def test_a_login_is_sent_as_customer_data(build: Any) -> None:
    assert sent_bodies(browsing_event(LoggedIn()), to=build()) == [
        {"GeneralInfo": {"eventName": "CustomerData", **INFO}}
    ]
    unknown = browsing_event(LoggedIn(), buyer=Buyer(anonymous="browser-1"))
    assert build().plan(unknown, SEEN).counts == ("browsing_not_expressible",)


def test_only_esputnik_has_custom_events() -> None:
    change = browsing_event(
        Custom(name="guide", category="help", label="opened", value=3, tags={"table": ("men",)})
    )

    assert sent_bodies(change, to=esputnik()) == [
        {
            "GeneralInfo": {
                "eventName": "CustomEvent",
                **INFO,
                "s_location": "https://acme.example/products/moss-shirt",
                "referrer": "https://search.example/",
            },
            "CustomEvent": {
                "EventName": "guide",
                "Tags": {
                    "theme": ["dark"],
                    "category": ["help"],
                    "label": ["opened"],
                    "value": ["3"],
                    "table": ["men"],
                },
            },
        }
    ]
    assert yespo().plan(change, SEEN).counts == ("browsing_not_expressible",)


def test_a_category_has_its_id_in_the_feed() -> None:
    change: Browsed = browsing_event(CategoryViewed(id="146", names=("Men",)), tags={})

    assert sent_bodies(change)[0]["CategoryPage"] == {"Category": {"categoryKey": "146"}}

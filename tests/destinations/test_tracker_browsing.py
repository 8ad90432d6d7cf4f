"""What both trackers are told of the storefront's pages."""

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
from tests.destinations.browsing_events import HAPPENINGS, SC, SHIRT, happened
from tests.destinations.shop import usd
from tests.destinations.tracked import BOTH, SEEN, SITE, esputnik, told, yespo

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
SPOKEN = {
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
UNSPOKEN = (
    "home_viewed", "other_page_viewed", "wishlist_removed", "wishlist_set", "wishlist_emptied",
    "cart_added", "cart_removed", "banner_clicked", "product_clicked", "push_received",
    "push_clicked", "push_closed", "sms_clicked",
)  # fmt: skip


@pytest.mark.parametrize("build", BOTH)
@pytest.mark.parametrize("name", SPOKEN)
def test_what_the_documents_have_an_event_for_is_told(build: Any, name: str) -> None:
    event, key, said = SPOKEN[name]

    assert told(HAPPENINGS[name], to=build()) == [
        {"GeneralInfo": {"eventName": event, **INFO}, key: said}
    ]
    assert build().event(HAPPENINGS[name]) == Event(name="browsing", rule=Rule.ONCE, again=False)


@pytest.mark.parametrize("build", BOTH)
@pytest.mark.parametrize("name", UNSPOKEN)
def test_what_they_have_none_for_is_counted(build: Any, name: str) -> None:
    plan = build().plan(HAPPENINGS[name], SEEN)

    assert (plan.calls, plan.state, plan.counts) == ((), b"", ("browsing_not_expressible",))
    assert build().event(HAPPENINGS[name]) is None
    assert not build().need(HAPPENINGS[name]).visitor


@pytest.mark.parametrize(
    "goods",
    [Goods(product_id="1", variant_id="11"), Goods(product_id="1", price=usd("1"))],
    ids=["no price", "no id of the feed"],
)
def test_a_page_that_does_not_tell_what_is_required_is_counted(goods: Goods) -> None:
    for what in (ProductViewed(goods=goods), WishlistAdded(goods=goods)):
        assert yespo().event(happened(what)) is None
        assert yespo().plan(happened(what), SEEN).counts == ("browsing_not_expressible",)


@pytest.mark.parametrize(("in_stock", "flag"), [(True, "1"), (False, "0"), (None, None)])
def test_whether_it_can_be_had_is_told_where_the_page_knows(
    in_stock: bool | None,  # noqa: FBT001 - what a page knows
    flag: str | None,
) -> None:
    goods = Goods(product_id="1", variant_id="11", price=usd("1"), in_stock=in_stock)
    [body] = told(happened(ProductViewed(goods=goods)))

    assert body["ProductPage"]["Product"].get("isInStock") == flag


def test_a_fact_of_a_product_stands_beside_its_fields() -> None:
    goods = Goods(product_id="1", variant_id="11", price=usd("1"), tags={"a b": (" c ",)})
    [body] = told(happened(ProductViewed(goods=goods), tags={}))

    assert body["ProductPage"] == {
        "Product": {"productKey": "11", "price": "1.00", "tag_a b": ["c"]}
    }


@pytest.mark.parametrize("level", ["product", "variant", "sku"])
def test_goods_have_the_id_of_the_feed(level: str) -> None:
    own = {"product": "1", "variant": "11", "sku": "MOSS-S"}[level]
    to = yespo(feed_id=level)
    shown = Impressions(shown=(Shown(block="b", goods=SHIRT),))

    assert told(happened(ProductViewed(goods=SHIRT)), to=to)[0]["ProductPage"]["Product"][
        "productKey"
    ] == own  # fmt: skip
    assert told(happened(shown), to=to)[0]["ProductImpression"]["Products"] == [
        {"product_id": own, "container_type": "b"}
    ]


def test_impressions_of_nothing_that_the_feed_knows_are_counted() -> None:
    unknown = happened(Impressions(shown=(Shown(block="b", goods=Goods(product_id="1")),)))

    assert yespo().plan(unknown, SEEN).counts == ("browsing_not_expressible",)


@pytest.mark.parametrize("build", BOTH)
@pytest.mark.parametrize(
    ("found", "searches", "is_told"),
    [
        (False, "without-results", True),
        (True, "without-results", False),
        (None, "without-results", False),
        (False, "all", True),
        (True, "all", True),
        (None, "all", True),
    ],
)
def test_searches_are_told_as_is_wished(
    build: Any,
    found: bool | None,  # noqa: FBT001 - what a page knows
    searches: str,
    is_told: bool,  # noqa: FBT001 - as above
) -> None:
    change = happened(Searched(query="moss", found=found))
    to = build(searches=searches)

    assert (to.event(change) is not None) is is_told
    assert to.plan(change, SEEN).counts == (() if is_told else ("search_not_wanted",))


@pytest.mark.parametrize(
    ("found", "flag"), [(True, {"isFound": 1}), (False, {"isFound": 0}), (None, {})]
)
def test_whether_a_search_found_something_is_yespos_alone(
    found: bool | None,  # noqa: FBT001 - what a page knows
    flag: dict[str, int],
) -> None:
    change = happened(Searched(query="moss", found=found))

    assert told(change, to=yespo(searches="all"))[0]["SearchRequest"] == {"search": "moss"} | flag
    assert told(change, to=esputnik(searches="all"))[0]["SearchRequest"] == {"search": "moss"}


@pytest.mark.parametrize("build", BOTH)
def test_who_logs_in_is_a_customer(build: Any) -> None:
    assert told(happened(LoggedIn()), to=build()) == [
        {"GeneralInfo": {"eventName": "CustomerData", **INFO}}
    ]
    nobody = happened(LoggedIn(), buyer=Buyer(anonymous="browser-1"))
    assert build().plan(nobody, SEEN).counts == ("browsing_not_expressible",)


def test_events_of_the_shops_own_are_esputniks_alone() -> None:
    change = happened(
        Custom(name="guide", category="help", label="opened", value=3, tags={"table": ("men",)})
    )

    assert told(change, to=esputnik()) == [
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


def test_a_category_is_named_by_its_id_in_the_feed() -> None:
    change: Browsed = happened(CategoryViewed(id="146", names=("Men",)), tags={})

    assert told(change)[0]["CategoryPage"] == {"Category": {"categoryKey": "146"}}

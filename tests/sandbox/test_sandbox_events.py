"""The events host: every event of the guides, and what each must say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import KEY, Client, banner, modern, product

GLANCE = {"product_id": "p1", "variant_id": "v1"}
PRICED = {**GLANCE, "quantity": 1, "price": 24, "currency": "USD"}
UNIT = {**GLANCE, "quantity": 1, "unit_price": 24, "currency": "USD"}


def of(kind: Any, subtype: Any = None, **own: Any) -> dict[str, Any]:
    named = {"type": kind} if subtype is None else {"type": kind, "subtype": subtype}
    return {**named, **own}


SILENT = [
    of("pageview", "category", category_name="lamps"),
    of("wishlist", "add", product_id="p1"),
    of("wishlist", "remove", **GLANCE),
    of("click", "related", product_id="p1"),
    of("click", "similar", product_id="p1"),
    of("click", "recent", product_id="p1"),
    of("click", "product", product_id="p1"),
    of("click", "banner", banner_id="b1"),
]
EVENTS_2018 = [
    *SILENT,
    of("cart", "update", cart=[GLANCE, {"product_id": "p2"}]),
    of("cart", "update", cart=[]),
    of("checkout", "started", cart=[PRICED]),
]
EVENTS_2021 = [
    *SILENT,
    of("click", "banner", banner_id="b1", category_id="c1"),
    of("cart", "update", cart=[UNIT], cart_link="/cart/1"),
    of("checkout", "started", cart=[UNIT], cart_link="/cart/1"),
]


@pytest.mark.parametrize("event", EVENTS_2018)
def test_an_event_of_2018_is_recorded(old: Client, event: dict[str, Any]) -> None:
    answer = old.tell(event)

    assert (answer.status_code, answer.content) == (204, b"")
    assert old.wrongs == []
    assert old.state["events"] == [{"user": {"anonymous_id": "visitor-1"}, "event": event}]


@pytest.mark.parametrize("event", EVENTS_2021)
def test_an_event_of_2021_is_recorded(new: Client, event: dict[str, Any]) -> None:
    assert (new.tell(event).status_code, new.wrongs) == (204, [])


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        ({}, "event.type: must be a string"),
        (of("jump"), "event: unknown type or subtype"),
        (of("viewcart", cart=["p1"]), "event: unknown type or subtype"),
        (of("pageview"), "event: unknown type or subtype"),
        (of("login", "again"), "event: unknown type or subtype"),
        (of("pageview", "related", product_id="p1"), "event: unknown type or subtype"),
        (of("pageview", "home", page="x"), "event: unknown field page"),
        (of("pageview", "product"), "event: Please specify a product_id"),
        (of("pageview", "category"), "event: Please specify a category_name"),
        (of("search"), "event: Please specify a term"),
        (of("search", term=""), "event.term: empty string"),
        (of("wishlist", "add", product_id=1), "event.product_id: must be a string"),
        (of("click", "banner"), "event: Please specify a banner_id"),
        (of("click", "related"), "event: Please specify a product_id"),
        (of("cart", "update"), "event: Please specify a cart"),
        (of("cart", "update", cart=["p1"]), "event.cart[0]: must be an object"),
        (of("cart", "update", cart=[UNIT]), "event.cart[0]: unknown field quantity"),
        (of("cart", "update", cart=[], cart_link="/c"), "event: unknown field cart_link"),
        (of("checkout", "started"), "event: Please specify a cart"),
        (of("checkout", "started", cart=[UNIT]), "event.cart[0]: unknown field unit_price"),
        (of("checkout", "started", cart=[GLANCE]), "event.cart[0]: Please specify a quantity"),
        (of(7), "event.type: must be a string"),
        (of("login", 7), "event.subtype: must be a string"),
    ],
)
def test_a_wrong_event_is_refused(old: Client, event: dict[str, Any], wrong: str) -> None:
    assert old.tell(event).status_code == 400
    assert old.wrongs == [wrong]
    assert old.state["events"] == []


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        (of("cart", "update", cart=[GLANCE], cart_link="/c"), "event.cart[0]: Please specify"),
        (of("cart", "update", cart=[UNIT]), "event: Please specify a cart_link"),
        (of("checkout", "started", cart=[PRICED], cart_link="/c"), "event.cart[0]: unknown field"),
    ],
)
def test_2021_wants_whole_lines_and_the_link(
    new: Client, event: dict[str, Any], wrong: str
) -> None:
    assert new.tell(event).status_code == 400
    assert new.wrongs[0].startswith(wrong)


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"user": {}}, "user: Please specify a user_id or anonymous_id"),
        ({"user": {"user_id": ""}}, "user.user_id: empty string"),
        ({"user": {"user_id": 0}}, "user.user_id: must be a string"),
        ({"user": {"user_id": "u1", "name": "Ann"}}, "user: unknown field name"),
        ({"user": {"user_id": "u1", "profile": []}}, "user.profile: must be an object"),
        ({"user": "u1"}, "user: must be an object"),
        ({"event": []}, "event: must be an object"),
        ({"context": {"user-agent": "x"}}, "context: unknown field user-agent"),
        ({"context": {"ip": "here"}}, "context.ip: must be an IP address"),
        ({"timestamp": "2018-01-23 00:30:08Z"}, "timestamp: must be YYYY-MM-DDTHH:MM:SSZ"),
        ({"extra": 1}, "unknown field extra"),
    ],
)
def test_what_stands_around_an_event_is_checked(
    old: Client, more: dict[str, Any], wrong: str
) -> None:
    assert old.tell(of("login"), **more).status_code == 400
    assert old.wrongs == [wrong]


@pytest.mark.parametrize("user", [{"user_id": "u1"}, {"user_id": "u1", "anonymous_id": "v"}])
def test_a_login_is_of_somebody_who_is_known(old: Client, user: dict[str, str]) -> None:
    assert old.tell(of("login")).status_code == 400
    assert old.wrongs == ["user: Please specify a user_id"]
    assert old.tell(of("login"), user=user).status_code == 204


def test_an_event_may_say_who_where_and_when(old: Client) -> None:
    answer = old.tell(
        of("login"),
        user={"user_id": "u1", "anonymous_id": "v", "profile": {"sex": "female", "age": 40}},
        context={"ip": "2001:db8::1", "user_agent": "Browser"},
        timestamp="2026-01-02T03:04:05Z",
    )

    assert (answer.status_code, old.wrongs) == (204, [])


def test_several_events_in_one_array_are_undocumented(old: Client) -> None:
    assert old.raw("POST", "/datacue/events/", b"[]", (KEY, "")).status_code == 400


def test_a_home_page_gets_banners_and_products(old: Client) -> None:
    old.call("POST", "products", product())
    old.call("POST", "banners", banner())
    old.call("POST", "banners", banner(banner_id="b2", type="sub"))
    answer = old.tell(of("pageview", "home"))

    sign = {"photo_url": "/b1.png", "link": "/lamps"}
    lamp = {"product_id": "p1", "name": "Reading lamp", "price": 24.5, "category_1": "lamps"}
    assert answer.status_code == 200
    assert answer.json() == {
        "main_banners": [{"banner_id": "b1", **sign}],
        "sub_banners": [{"banner_id": "b2", **sign}],
        "related_product_skus": [
            {**lamp, "photo_url": "https://shop.example/p1.png", "link": "/products/p1"}
        ],
        "recent_product_skus": [],
    }


def test_a_product_page_gets_others_and_is_remembered(old: Client) -> None:
    for number in ("p1", "p2"):
        old.call("POST", "products", product(product_id=number))
    answer = old.tell(of("pageview", "product", product_id="p1"))

    assert answer.status_code == 200
    assert sorted(answer.json()) == [
        "recent_product_skus",
        "related_product_skus",
        "similar_product_skus",
    ]
    assert [row["product_id"] for row in answer.json()["similar_product_skus"]] == ["p2"]
    found = old.tell(of("search", term="lamp")).json()
    assert [(row["product_id"], row["price"]) for row in found["recent_product_skus"]] == [
        ("p1", "24.50")
    ]
    other = old.tell(of("search", term="lamp"), user={"user_id": "u1"}).json()
    assert other == {"recent_product_skus": []}


def test_2021_answers_page_views_too(new: Client) -> None:
    new.call("POST", "products", modern())

    assert new.tell(of("pageview", "product", product_id="p1")).status_code == 200

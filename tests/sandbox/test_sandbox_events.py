"""The events host: every event of the guides, and the fields of each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import KEY, Client, banner, modern, product

VIEWED = {"product_id": "p1", "variant_id": "v1"}
PRICED = {**VIEWED, "quantity": 1, "price": 24, "currency": "USD"}
UNIT = {**VIEWED, "quantity": 1, "unit_price": 24, "currency": "USD"}


def event_of(kind: Any, subtype: Any = None, **fields: Any) -> dict[str, Any]:
    named = {"type": kind} if subtype is None else {"type": kind, "subtype": subtype}
    return {**named, **fields}


WITHOUT_RESPONSE = [
    event_of("pageview", "category", category_name="lamps"),
    event_of("wishlist", "add", product_id="p1"),
    event_of("wishlist", "remove", **VIEWED),
    event_of("click", "related", product_id="p1"),
    event_of("click", "similar", product_id="p1"),
    event_of("click", "recent", product_id="p1"),
    event_of("click", "product", product_id="p1"),
    event_of("click", "banner", banner_id="b1"),
]
EVENTS_2018 = [
    *WITHOUT_RESPONSE,
    event_of("cart", "update", cart=[VIEWED, {"product_id": "p2"}]),
    event_of("cart", "update", cart=[]),
    event_of("checkout", "started", cart=[PRICED]),
]
EVENTS_2021 = [
    *WITHOUT_RESPONSE,
    event_of("click", "banner", banner_id="b1", category_id="c1"),
    event_of("cart", "update", cart=[UNIT], cart_link="/cart/1"),
    event_of("checkout", "started", cart=[UNIT], cart_link="/cart/1"),
]


@pytest.mark.parametrize("event", EVENTS_2018)
def test_an_event_of_2018_is_recorded(old: Client, event: dict[str, Any]) -> None:
    response = old.send_event(event)

    assert (response.status_code, response.content) == (204, b"")
    assert old.violation_texts == []
    assert old.state["events"] == [{"user": {"anonymous_id": "visitor-1"}, "event": event}]


@pytest.mark.parametrize("event", EVENTS_2021)
def test_an_event_of_2021_is_recorded(new: Client, event: dict[str, Any]) -> None:
    assert (new.send_event(event).status_code, new.violation_texts) == (204, [])


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        ({}, "event.type: must be a string"),
        (event_of("jump"), "event: unknown type or subtype"),
        (event_of("viewcart", cart=["p1"]), "event: unknown type or subtype"),
        (event_of("pageview"), "event: unknown type or subtype"),
        (event_of("login", "again"), "event: unknown type or subtype"),
        (event_of("pageview", "related", product_id="p1"), "event: unknown type or subtype"),
        (event_of("pageview", "home", page="x"), "event: unknown field page"),
        (event_of("pageview", "product"), "event: Please specify a product_id"),
        (event_of("pageview", "category"), "event: Please specify a category_name"),
        (event_of("search"), "event: Please specify a term"),
        (event_of("search", term=""), "event.term: empty string"),
        (event_of("wishlist", "add", product_id=1), "event.product_id: must be a string"),
        (event_of("click", "banner"), "event: Please specify a banner_id"),
        (event_of("click", "related"), "event: Please specify a product_id"),
        (event_of("cart", "update"), "event: Please specify a cart"),
        (event_of("cart", "update", cart=["p1"]), "event.cart[0]: must be an object"),
        (event_of("cart", "update", cart=[UNIT]), "event.cart[0]: unknown field quantity"),
        (event_of("cart", "update", cart=[], cart_link="/c"), "event: unknown field cart_link"),
        (event_of("checkout", "started"), "event: Please specify a cart"),
        (event_of("checkout", "started", cart=[UNIT]), "event.cart[0]: unknown field unit_price"),
        (
            event_of("checkout", "started", cart=[VIEWED]),
            "event.cart[0]: Please specify a quantity",
        ),
        (event_of(7), "event.type: must be a string"),
        (event_of("login", 7), "event.subtype: must be a string"),
    ],
)
def test_an_invalid_event_is_rejected(old: Client, event: dict[str, Any], wrong: str) -> None:
    assert old.send_event(event).status_code == 400
    assert old.violation_texts == [wrong]
    assert old.state["events"] == []


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        (
            event_of("cart", "update", cart=[VIEWED], cart_link="/c"),
            "event.cart[0]: Please specify",
        ),
        (event_of("cart", "update", cart=[UNIT]), "event: Please specify a cart_link"),
        (
            event_of("checkout", "started", cart=[PRICED], cart_link="/c"),
            "event.cart[0]: unknown field",
        ),
    ],
)
def test_2021_requires_complete_lines_and_the_link(
    new: Client, event: dict[str, Any], wrong: str
) -> None:
    assert new.send_event(event).status_code == 400
    assert new.violation_texts[0].startswith(wrong)


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
def test_the_fields_around_an_event_are_checked(
    old: Client, more: dict[str, Any], wrong: str
) -> None:
    assert old.send_event(event_of("login"), **more).status_code == 400
    assert old.violation_texts == [wrong]


@pytest.mark.parametrize("user", [{"user_id": "u1"}, {"user_id": "u1", "anonymous_id": "v"}])
def test_a_login_requires_a_user_id(old: Client, user: dict[str, str]) -> None:
    assert old.send_event(event_of("login")).status_code == 400
    assert old.violation_texts == ["user: Please specify a user_id"]
    assert old.send_event(event_of("login"), user=user).status_code == 204


def test_an_event_may_have_user_context_and_time(old: Client) -> None:
    response = old.send_event(
        event_of("login"),
        user={"user_id": "u1", "anonymous_id": "v", "profile": {"sex": "female", "age": 40}},
        context={"ip": "2001:db8::1", "user_agent": "Browser"},
        timestamp="2026-01-02T03:04:05Z",
    )

    assert (response.status_code, old.violation_texts) == (204, [])


def test_an_array_of_events_is_rejected(old: Client) -> None:
    assert old.raw("POST", "/datacue/events/", b"[]", (KEY, "")).status_code == 400


def test_a_home_page_view_returns_banners_and_products(old: Client) -> None:
    old.call("POST", "products", product())
    old.call("POST", "banners", banner())
    old.call("POST", "banners", banner(banner_id="b2", type="sub"))
    response = old.send_event(event_of("pageview", "home"))

    sign = {"photo_url": "/b1.png", "link": "/lamps"}
    lamp = {"product_id": "p1", "name": "Reading lamp", "price": 24.5, "category_1": "lamps"}
    assert response.status_code == 200
    assert response.json() == {
        "main_banners": [{"banner_id": "b1", **sign}],
        "sub_banners": [{"banner_id": "b2", **sign}],
        "related_product_skus": [
            {**lamp, "photo_url": "https://shop.example/p1.png", "link": "/products/p1"}
        ],
        "recent_product_skus": [],
    }


def test_a_product_page_view_returns_other_products_and_is_recorded(old: Client) -> None:
    for number in ("p1", "p2"):
        old.call("POST", "products", product(product_id=number))
    response = old.send_event(event_of("pageview", "product", product_id="p1"))

    assert response.status_code == 200
    assert sorted(response.json()) == [
        "recent_product_skus",
        "related_product_skus",
        "similar_product_skus",
    ]
    assert [row["product_id"] for row in response.json()["similar_product_skus"]] == ["p2"]
    found = old.send_event(event_of("search", term="lamp")).json()
    assert [(row["product_id"], row["price"]) for row in found["recent_product_skus"]] == [
        ("p1", "24.50")
    ]
    other = old.send_event(event_of("search", term="lamp"), user={"user_id": "u1"}).json()
    assert other == {"recent_product_skus": []}


def test_2021_answers_page_views_too(new: Client) -> None:
    new.call("POST", "products", modern())

    assert new.send_event(event_of("pageview", "product", product_id="p1")).status_code == 200

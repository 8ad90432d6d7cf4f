"""Every rule of the field tables, with values that violate it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import Client, banner, bought, modern, order, product, user

FULL = product(
    category_2="desk",
    category_3="led",
    category_4="small",
    category_extra={"category_5": "white"},
    brand="Lumen",
    description="A lamp",
    color="white",
    size="M",
    available=False,
    extra={"sku": "L-1", "tags": ["a"], "full_price": 30.25},
    owner_id="u9",
)
WHOLE = user(
    anonymous_id="visitor-1",
    title="Ms",
    last_name="Lee",
    profile={"sex": "female", "segment": "gold", "location": "Lima"},
    email_subscriber=True,
    cart=[{"product_id": "p1", "variant_id": "v1"}],
    timestamp="2026-02-28T23:59:59Z",
)


def test_every_field_of_the_tables_of_2018_is_accepted(old: Client) -> None:
    order_row = order(order_status="cancelled", timestamp="2026-01-02T03:04:05Z")
    banner_row = banner(
        name="Lamps",
        category_2="a",
        category_3="b",
        category_4="c",
        extra={"a": 1},
        photos={"mobile": "/m.png"},
        other_photos={"mobile": "/m.png"},
    )

    for path, row in (
        ("products", FULL),
        ("users", WHOLE),
        ("orders", order_row),
        ("banners", banner_row),
    ):
        assert old.call("POST", path, row).status_code == 201
    assert old.violation_texts == []
    assert old.state["users"] == {"u1": WHOLE}
    assert old.state["orders"] == {"o1": order_row}
    assert old.state["banners"] == {"b1": banner_row}


def test_every_field_of_the_tables_of_2021_is_accepted(new: Client) -> None:
    row = modern(rating=100, available=True, owner_id="u9", brand="Lumen", extra={})
    user_row = user(guest_account=True, wishlist=["p1"], email_subscriber=False)
    category_row = {"category_id": "c1", "name": "Lamps", "link": "/lamps", "active": True}

    for path, order_row in (("products", row), ("users", user_row), ("categories", category_row)):
        assert new.call("POST", path, order_row).status_code == 201
    assert new.violation_texts == []
    assert new.state["categories"] == {"c1": category_row}


@pytest.mark.parametrize(
    "name",
    ["product_id", "variant_id", "category_1", "name", "price", "stock", "photo_url", "link"],
)
def test_a_product_of_2018_requires_its_fields(old: Client, name: str) -> None:
    response = old.call("POST", "products", product(**{name: None}))

    assert (response.status_code, response.json()) == (400, {"error": f"Please specify a {name}"})
    assert old.violation_texts == [f"Please specify a {name}"]
    assert old.state["products"] == {}


@pytest.mark.parametrize("name", ["category_ids", "full_price", "name", "stock"])
def test_a_product_of_2021_requires_its_fields(new: Client, name: str) -> None:
    assert new.call("POST", "products", modern(**{name: None})).status_code == 400
    assert new.violation_texts == [f"Please specify a {name}"]


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("product_id", 1, "must be a string"),
        ("product_id", "", "empty string"),
        ("name", "  ", "empty string"),
        ("name", None, "must be a string"),
        ("price", "24.50", "must be a number"),
        ("price", True, "must be a number"),
        ("price", -0.01, "below zero"),
        ("price", 24.505, "more than 2 decimals"),
        ("stock", 3.0, "must be an integer"),
        ("stock", "3", "must be an integer"),
        ("stock", False, "must be an integer"),
        ("stock", -1, "out of range"),
        ("available", 1, "must be a boolean"),
        ("available", "true", "must be a boolean"),
        ("extra", [], "must be an object"),
        ("category_extra", "x", "must be an object"),
        ("photo_url", "", "empty string"),
        ("link", "", "empty string"),
    ],
)
def test_an_invalid_product_is_rejected(old: Client, name: str, value: Any, wrong: str) -> None:
    response = old.call("POST", "products", {**product(), name: value})

    assert (response.status_code, response.json()) == (400, {"error": f"{name}: {wrong}"})
    assert old.violation_texts == [f"{name}: {wrong}"]


@pytest.mark.parametrize("price", [0, 24, 24.5, 24.55, 10**9])
def test_a_price_is_a_number_with_two_decimals_at_most(old: Client, price: float) -> None:
    assert old.call("POST", "products", product(price=price)).status_code == 201


def test_trailing_zeros_of_a_price_are_not_decimals(old: Client) -> None:
    body = b'{"product_id":"p","variant_id":"v","category_1":"c","name":"n","price":24.5000,'
    response = old.call("POST", "products", body + b'"stock":1,"photo_url":"/p","link":"/l"}')

    assert response.status_code == 201
    assert old.state["products"]["p"]["v"]["price"] == 24.5


def test_a_nested_empty_string_is_rejected(old: Client) -> None:
    row = product(extra={"options": [{"name": ""}]})

    assert old.call("POST", "products", row).json() == {
        "error": "extra.options[0].name: empty string"
    }


@pytest.mark.parametrize("name", ["full_price", "category_ids", "rating", "guest_account", "x"])
def test_a_field_of_another_edition_is_unknown_in_2018(old: Client, name: str) -> None:
    response = old.call("POST", "products", {**product(), name: 1})

    assert (response.status_code, response.json()) == (400, {"error": f"unknown field {name}"})
    assert old.violation_texts == [f"unknown field {name}"]


@pytest.mark.parametrize("name", ["category_1", "category_extra"])
def test_a_field_of_another_edition_is_unknown_in_2021(new: Client, name: str) -> None:
    assert new.call("POST", "products", {**modern(), name: "a"}).status_code == 400
    assert new.violation_texts == [f"unknown field {name}"]


@pytest.mark.parametrize(("rating", "status"), [(0, 201), (100, 201), (101, 400), (-1, 400)])
def test_a_rating_is_from_0_to_100(new: Client, rating: int, status: int) -> None:
    assert new.call("POST", "products", modern(rating=rating)).status_code == status


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"user_id": None}, "Please specify a user_id"),
        ({"first_name": None}, "Please specify a first_name"),
        ({"email": "ann"}, "email: not an e-mail address"),
        ({"email": "Ann@shop.example"}, "email: an e-mail address must be trimmed and lower-case"),
        ({"user_id": "A@b.c"}, "user_id: an e-mail address must be trimmed and lower-case"),
        ({"email": None, "email_subscriber": True}, "Please specify a email"),
        ({"email_subscriber": 1}, "email_subscriber: must be a boolean"),
        ({"profile": []}, "profile: must be an object"),
        ({"profile": {"location": ""}}, "profile.location: empty string"),
        ({"anonymous_ids": "v1"}, "unknown field anonymous_ids"),
        ({"guest_account": True}, "unknown field guest_account"),
        ({"cart": {}}, "cart: must be an array"),
        ({"cart": [{"product_id": "p1"}]}, "cart[0]: Please specify a variant_id"),
        ({"timestamp": "2026-01-02 03:04:05Z"}, "timestamp: must be YYYY-MM-DDTHH:MM:SSZ"),
    ],
)
def test_an_invalid_user_is_rejected(old: Client, changes: dict[str, Any], wrong: str) -> None:
    assert old.call("POST", "users", user(**changes)).status_code == 400
    assert old.violation_texts == [wrong]


def test_a_user_without_an_address_cannot_be_a_subscriber(old: Client) -> None:
    assert old.call("POST", "users", user(email=None, email_subscriber=False)).status_code == 201


def test_a_first_name_is_optional_since_2021_and_a_cart_unknown(new: Client) -> None:
    assert new.call("POST", "users", user(first_name=None)).status_code == 201
    assert new.call("POST", "users", user(cart=[])).status_code == 400


@pytest.mark.parametrize(
    "instant",
    [
        "2026-02-30T00:00:00Z",
        "2026-01-02T24:61:00Z",
        "2026-01-02T03:04:05.000Z",
        "2026-01-02T03:04:05+00:00",
        "2026-01-02T03:04:05",
        1767323045,
    ],
)
def test_a_timestamp_has_one_form(old: Client, instant: Any) -> None:
    assert old.call("POST", "orders", order(timestamp=instant)).status_code == 400


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"order_id": None}, "Please specify a order_id"),
        ({"user_id": None}, "Please specify a user_id"),
        ({"order_status": "paid"}, "order_status: must be one of completed, cancelled"),
        ({"total": 3}, "unknown field total"),
        ({"cart": [bought(product_id=None)]}, "cart[0]: Please specify a product_id"),
        ({"cart": [bought(variant_id=None)]}, "cart[0]: Please specify a variant_id"),
        ({"cart": [bought(quantity=None)]}, "cart[0]: Please specify a quantity"),
        ({"cart": [bought(unit_price=None)]}, "cart[0]: Please specify a unit_price"),
        ({"cart": [bought(), bought(quantity=0)]}, "cart[1].quantity: out of range"),
        ({"cart": [bought(unit_price="24")]}, "cart[0].unit_price: must be a number"),
        ({"cart": [bought(unit_price=1.005)]}, "cart[0].unit_price: more than 2 decimals"),
        ({"cart": [bought(currency="usd")]}, "cart[0].currency: must be a currency code"),
        ({"cart": [bought(variant="v1")]}, "cart[0]: unknown field variant"),
        ({"cart": [bought(product_id=7)]}, "cart[0].product_id: must be a string"),
    ],
)
def test_an_invalid_order_is_rejected(old: Client, changes: dict[str, Any], wrong: str) -> None:
    assert old.call("POST", "orders", order(**changes)).status_code == 400
    assert old.violation_texts == [wrong]


@pytest.mark.parametrize(
    "changes",
    [
        {"cart": None},
        {"cart": []},
        {"cart": [bought(currency=None)]},
        {"cart": [bought(currency="KWD", unit_price=1.005)]},
        {"cart": [bought(unit_price=0)]},
        {"user_id": "guest@shop.example"},
        {"user_id": "no-user"},
    ],
)
def test_a_valid_order_is_accepted(old: Client, changes: dict[str, Any]) -> None:
    assert old.call("POST", "orders", order(**changes)).status_code == 201


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"type": "side"}, "type: must be one of main, sub"),
        ({"category_1": None}, "Please specify a category_1"),
        ({"photo_url": None}, "Please specify a photo_url"),
        ({"banner_id": ""}, "banner_id: empty string"),
    ],
)
def test_an_invalid_banner_is_rejected(old: Client, changes: dict[str, Any], wrong: str) -> None:
    assert old.call("POST", "banners", banner(**changes)).status_code == 400
    assert old.violation_texts == [wrong]


@pytest.mark.parametrize("row", [{"category_id": "c1"}, {"name": "Lamps"}])
def test_an_invalid_category_is_rejected(new: Client, row: dict[str, Any]) -> None:
    assert new.call("POST", "categories", row).status_code == 400

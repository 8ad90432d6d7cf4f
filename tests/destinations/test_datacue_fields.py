"""The tables of the document, and the rejection of bodies that violate them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from shared.destinations.building.fields import Body, encode_body
from shared.destinations.datacue.events import Context, EventBody
from shared.destinations.datacue.events import User as Visitor
from shared.destinations.datacue.fields import without_ids
from shared.destinations.datacue.order_payloads import Order, OrderLine, User, User2021, UserUpdate
from shared.destinations.datacue.payloads import (
    Banner,
    Category,
    Extra,
    Product,
    Product2021,
    ProductId,
    ProductUpdate,
)
from shared.errors import NotExpressible

IDS = {"product_id", "variant_id"}
GOODS = {
    "name", "brand", "description", "color", "size", "price", "available", "stock", "extra",
    "photo_url", "link", "owner_id",
}  # fmt: skip
LEVELS = {"category_1", "category_2", "category_3", "category_4"}
WHO = {
    "user_id", "anonymous_id", "email", "title", "first_name", "last_name", "profile",
    "email_subscriber", "cart", "timestamp",
}  # fmt: skip
# All fields of each table, and the required ones.
TABLES: dict[type[Body], tuple[set[str], set[str]]] = {
    Product: (
        IDS | LEVELS | {"category_extra"} | GOODS,
        IDS | {"category_1", "name", "price", "stock", "photo_url", "link"},
    ),
    Product2021: (
        IDS | {"category_ids", "full_price"} | GOODS,
        IDS | {"category_ids", "full_price", "name", "price", "stock", "photo_url", "link"},
    ),
    User: (WHO, {"user_id", "first_name"}),
    User2021: (WHO | {"guest_account"}, {"user_id", "first_name"}),
    Order: (
        {"order_id", "user_id", "order_status", "cart", "timestamp"},
        # Status, cart and time are optional in the table; they are always known.
        {"order_id", "user_id", "order_status", "cart", "timestamp"},
    ),
    OrderLine: (
        IDS | {"unit_price", "quantity", "currency"},
        IDS | {"unit_price", "quantity", "currency"},
    ),
    Banner: (
        {"banner_id", "type", "name", "photo_url", "photos", "other_photos", "link", "extra"}
        | LEVELS,
        {"banner_id", "type", "category_1", "photo_url", "link"},
    ),
    Category: ({"category_id", "name", "link"}, {"category_id", "name", "link"}),
    EventBody: ({"user", "event", "context", "timestamp"}, {"user", "event", "timestamp"}),
    Visitor: ({"user_id", "anonymous_id", "profile"}, set()),
    Context: ({"ip", "user_agent"}, set()),
}


@pytest.mark.parametrize("row", TABLES)
def test_a_row_has_the_fields_of_its_table_and_requires_what_it_requires(row: type[Body]) -> None:
    fields = msgspec.structs.fields(row)

    assert {field.name for field in fields} == TABLES[row][0]
    assert {field.name for field in fields if field.required} == TABLES[row][1]


def product(**more: Any) -> Product:
    facts: dict[str, Any] = {
        "product_id": "1",
        "variant_id": "11",
        "category_1": "Men",
        "name": "Moss Shirt",
        "price": Decimal("24.5"),
        "stock": 5,
        "photo_url": "/moss.jpg",
        "link": "/products/moss",
    }
    return Product(**facts | more)


def user(**more: Any) -> User:
    facts: dict[str, Any] = {"user_id": "7", "first_name": "Ada"}
    return User(**facts | more)


def order(**more: Any) -> Order:
    facts: dict[str, Any] = {
        "order_id": "900",
        "user_id": "7",
        "order_status": "completed",
        "cart": (),
        "timestamp": "2026-11-21T09:00:00Z",
    }
    return Order(**facts | more)


def order_line(**more: Any) -> OrderLine:
    facts: dict[str, Any] = {
        "product_id": "1",
        "variant_id": "11",
        "quantity": 1,
        "unit_price": Decimal(1),
        "currency": "USD",
    }
    return OrderLine(**facts | more)


@pytest.mark.parametrize("row", [product(), user(), order(cart=(order_line(),))])
def test_a_valid_body_is_encoded_and_can_be_decoded(row: Body) -> None:
    assert msgspec.json.decode(encode_body(row), type=type(row)) == row


@pytest.mark.parametrize(
    ("row", "fields", "path"),
    [
        (product, {"price": Decimal("1.005")}, "$.price"),
        (product, {"price": Decimal("-0.01")}, "$.price"),
        (product, {"price": Decimal("Infinity")}, "$.price"),
        (product, {"stock": -1}, "$.stock"),
        (product, {"stock": "5"}, "$.stock"),
        (product, {"stock": 5.5}, "$.stock"),
        (product, {"product_id": 1}, "$.product_id"),
        (product, {"variant_id": ""}, "$.variant_id"),
        (product, {"category_1": "\t "}, "$.category_1"),
        (product, {"brand": None}, "$.brand"),
        (product, {"brand": "\u3000"}, "$.brand"),
        (product, {"name": "\x85\u2003"}, "$.name"),
        (product, {"link": "\x1c"}, "$.link"),
        (product, {"extra": Extra(tags=("moss", "\n"))}, "$.extra.tags[1]"),
        (product, {"extra": Extra(options={"\xa0": "M"})}, "$.extra.options[...]"),
        (product, {"category_extra": {"category_5": ""}}, "$.category_extra[...]"),
        (product, {"available": "yes"}, "$.available"),
        (user, {"email": "Ada@shop.example"}, "$.email"),
        (user, {"email": "ada"}, "$.email"),
        (user, {"email_subscriber": True}, "$.email"),
        (user, {"timestamp": "2026-11-21 09:00:00Z"}, "$.timestamp"),
        (user, {"timestamp": "2026-11-21T09:00:00.000Z"}, "$.timestamp"),
        (user, {"cart": (ProductId(product_id="1", variant_id=""),)}, "$.cart[0].variant_id"),
        (order, {"order_status": "pending"}, "$.order_status"),
        (order, {"timestamp": "2026-11-21T06:00:00-03:00"}, "$.timestamp"),
        (order, {"cart": (None,)}, "$.cart[0]"),
        (order_line, {"quantity": 0}, "$.quantity"),
        (order_line, {"currency": "usd"}, "$.currency"),
        (order_line, {"currency": "USD\n"}, "$.currency"),
        (order, {"timestamp": "2026-11-21T09:00:00Z\n"}, "$.timestamp"),
        (user, {"email": "ada@shop.example\n"}, "$.email"),
        (order_line, {"unit_price": Decimal("1.005")}, "$.unit_price"),
    ],
)
def test_an_invalid_body_cannot_be_encoded(row: Any, fields: dict[str, Any], path: str) -> None:
    with pytest.raises(NotExpressible) as error:
        encode_body(row(**fields))

    assert error.value.path == path


@pytest.mark.parametrize("text", [" moss", "\tmoss", "\u3000moss", 'say " "', '"', "\\ "])
def test_a_text_that_starts_like_a_blank_one_is_encoded(text: str) -> None:
    assert msgspec.json.decode(encode_body(product(name=text)))["name"] == text


def test_the_price_may_have_two_decimals() -> None:
    assert b'"price":0.01,' in encode_body(product(price=Decimal("0.01")))


def test_an_update_is_its_create_without_the_ids() -> None:
    update = without_ids(product())

    assert type(update) is ProductUpdate
    assert b"product_id" not in encode_body(update)


@pytest.mark.parametrize("row", [order(), ProductUpdate(), UserUpdate()])
def test_a_row_without_an_update_type_raises(row: Body) -> None:
    with pytest.raises(TypeError):
        without_ids(row)


def test_the_repr_of_a_body_shows_no_values() -> None:
    body = user(email="ada@shop.example")

    assert repr(body) == "User(...)"
    assert list(body.__rich_repr__()) == []

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.errors import NotUnderstood
from shared.model.change import CartSaved, CheckoutStarted
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Checkout
from shared.model.person import Buyer
from shared.model.version import Version
from tests.sources.shop import share, sums, translate

TOKEN = "hWN1a2VkLXVzLWNlbnRyYWwx"
WITH_KEY = f"{TOKEN}?key=abcdef0123"


def cart_line(**fields: Any) -> dict[str, Any]:
    return {
        "id": 21,
        "product_id": 11,
        "variant_id": 21,
        "title": "Tee - Red",
        "sku": "TEE-RM",
        "gift_card": False,
        "quantity": 2,
        "price": "20.00",
        "discounted_price": "18.00",
        "line_price": "36.00",
        **fields,
    }


def cart(**fields: Any) -> dict[str, Any]:
    return {
        "id": WITH_KEY,
        "token": WITH_KEY,
        "line_items": [cart_line()],
        "updated_at": "2026-11-20T13:00:00.250Z",
        **fields,
    }


def checkout(**fields: Any) -> dict[str, Any]:
    item = {
        "product_id": 11,
        "variant_id": 21,
        "variant_title": "Red",
        "title": "Tee",
        "sku": "TEE-RM",
        "quantity": 2,
        "price": "20.00",
        "variant_price": "19.00",
        "discount_allocations": [],
    }
    return {
        "token": "check-1",
        "cart_token": TOKEN,
        "email": None,
        "customer": None,
        "currency": "EUR",
        "line_items": [item],
        "created_at": "2026-11-20T08:00:00-05:00",
        "updated_at": "2026-11-20T08:05:00-05:00",
        **fields,
    }


def saved(**fields: Any) -> Cart:
    (change,) = translate("carts/update", cart(**fields)).changes
    assert isinstance(change, CartSaved)
    return change.cart


def started(**fields: Any) -> Checkout:
    (change,) = translate("checkouts/update", checkout(**fields)).changes
    assert isinstance(change, CheckoutStarted)
    return change.checkout


def usd(text: str) -> Money:
    return Money(Decimal(text), "USD")


def test_a_cart_is_identified_by_its_token_and_has_no_customer() -> None:
    (change,) = translate("carts/create", cart()).changes

    assert isinstance(change, CartSaved)
    # The first half of SHA-256 of "hWN1a2VkLXVzLWNlbnRyYWwx".
    assert change.entity == Entity(Kind.CART, "ef7a2b8ef08be09992e9bcb9c640621f")
    assert change.version == Version(
        "2026-11-20T13:00:00.250000000Z", "2026-11-20T13:01:00.250000000Z"
    )
    assert change.cart.buyer == Buyer(anonymous=TOKEN)
    assert change.cart.at == "2026-11-20T13:00:00.250000000Z"


def test_a_line_of_a_cart_does_not_know_whether_its_variant_is_the_default() -> None:
    (found,) = saved().lines

    assert found.default is None
    assert (found.product_id, found.variant_id, found.quantity) == ("11", "21", 2)
    assert (found.price, found.list_price) == (usd("18.00"), usd("20.00"))


def test_an_emptied_cart_has_no_lines() -> None:
    assert saved(line_items=[]).lines == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"discounted_price": None}, "18.00"),
        ({"discounted_price": None, "line_price": "31.00"}, "15.50"),
        ({"discounted_price": None, "line_price": ""}, "20.00"),
        ({"discounted_price": "0.00"}, "0.00"),
    ],
)
def test_a_unit_costs_the_discounted_price_or_its_share_of_the_line(
    fields: dict[str, Any], expected: str
) -> None:
    assert saved(line_items=[cart_line(**fields)]).lines[0].price == usd(expected)


def test_the_sets_of_a_cart_name_the_currency() -> None:
    item = cart_line(discounted_price_set=sums("18.0", "2700"), price_set=sums("20.0", "3000"))
    body = cart(line_items=[item])

    (shop,) = translate("carts/update", body).changes
    (shown,) = translate("carts/update", body, money="presentment").changes

    assert isinstance(shop, CartSaved)
    assert isinstance(shown, CartSaved)
    assert shop.cart.lines[0].price == usd("18.0")
    assert shown.cart.lines[0].price == Money(Decimal(2700), "JPY", usd("18.0"))


def test_gift_cards_and_custom_lines_of_a_cart_are_counted() -> None:
    items = [cart_line(gift_card=True), cart_line(product_id=None), cart_line(quantity=0)]

    found = translate("carts/update", cart(line_items=items))

    assert found.counts == ("gift_card_lines", "lines_without_product")
    (change,) = found.changes
    assert isinstance(change, CartSaved)
    assert change.cart.lines == ()


@pytest.mark.parametrize(
    ("topic", "body"), [("carts/update", cart), ("checkouts/update", checkout)]
)
def test_a_trimmed_body_is_no_empty_cart(topic: str, body: Any) -> None:
    trimmed = {name: value for name, value in body().items() if name != "line_items"}

    with pytest.raises(NotUnderstood, match="include_fields") as caught:
        translate(topic, trimmed)

    assert caught.value.path == "$.line_items"


def test_a_cart_is_the_same_with_and_without_its_key() -> None:
    (with_key,) = translate("carts/update", cart()).changes
    (without,) = translate("carts/update", cart(token=TOKEN)).changes
    (body,) = translate("checkouts/create", checkout(cart_token=WITH_KEY, customer=None)).changes

    assert with_key.entity == without.entity
    assert isinstance(body, CheckoutStarted)
    assert body.checkout.cart_token == TOKEN
    assert body.checkout.buyer.anonymous == TOKEN


def test_entities_are_logged_so_they_contain_no_token() -> None:
    entities = [
        translate(topic, body).changes[0].entity
        for topic, body in (("carts/update", cart()), ("checkouts/update", checkout()))
    ]

    assert not any(token in str(entities) for token in (TOKEN, "abcdef0123", "check-1"))


@pytest.mark.parametrize("token", ["", " ", "?key=abcdef0123"])
def test_a_cart_without_a_token_is_not_understood(token: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate("carts/update", cart(token=token))

    assert caught.value.path == "$.token"


def test_a_checkout_is_identified_by_its_token() -> None:
    (change,) = translate("checkouts/create", checkout()).changes

    assert isinstance(change, CheckoutStarted)
    # The first half of SHA-256 of "check-1".
    assert change.entity == Entity(Kind.CHECKOUT, "1b8f9a4c240cd7cd72dad55f6dd41eb1")
    assert change.version == Version(
        "2026-11-20T13:05:00.000000000Z", "2026-11-20T13:06:00.000000000Z"
    )
    assert change.checkout.at == "2026-11-20T13:00:00.000000000Z"
    assert change.checkout.cart_token == TOKEN


def test_a_checkout_without_a_customer_is_anonymous_by_its_cart() -> None:
    assert started().buyer == Buyer(anonymous=TOKEN)
    assert started(cart_token=None).buyer == Buyer(anonymous="check-1")


def test_a_checkout_of_a_customer_has_them_as_buyer() -> None:
    found = started(customer={"id": 61, "email": "Ana@example.com"})

    assert found.buyer == Buyer(
        id="61", email="ana@example.com", entity=Entity(Kind.PERSON, "61"), anonymous=TOKEN
    )


def test_a_checkout_with_an_email_saves_no_customer_yet() -> None:
    found = translate("checkouts/update", checkout(email="Gil@example.net"))

    (change,) = found.changes
    assert isinstance(change, CheckoutStarted)
    assert change.checkout.buyer == Buyer(
        email="gil@example.net",
        entity=Entity(Kind.PERSON, "email:" + b"gil@example.net".hex()),
        anonymous=TOKEN,
    )


def test_a_line_of_a_checkout_costs_what_is_paid_in_its_currency() -> None:
    item = checkout()["line_items"][0] | {"discount_allocations": [share("3.00")]}

    (found,) = started(line_items=[item]).lines

    assert found.price == Money(Decimal("18.50"), "EUR")
    assert found.list_price == Money(Decimal("20.00"), "EUR")
    assert found.default is False


def test_the_variants_price_is_the_fallback_for_a_missing_price() -> None:
    item = checkout()["line_items"][0] | {"price": None, "variant_title": ""}

    (found,) = started(line_items=[item]).lines

    assert found.price == Money(Decimal("19.00"), "EUR")
    assert found.default is True


def test_a_checkout_line_without_any_price_is_not_understood() -> None:
    item = checkout()["line_items"][0] | {"price": None, "variant_price": None}

    with pytest.raises(NotUnderstood) as caught:
        translate("checkouts/update", checkout(line_items=[item]))

    assert caught.value.path == "$.line_items[0].price"

"""What both trackers are told of orders: that something was bought, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.destinations.contract import Event, KnownState, Rule
from shared.model.change import OrderRemoved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Status
from shared.model.value import replace
from shared.model.version import Version
from shared.model.visitor import Visitor
from tests.destinations.shop import VERSION, line, order_saved, usd
from tests.destinations.tracked import (
    ADA,
    ADA_INFO,
    BOTH,
    CART,
    NOBODY,
    SC,
    SEEN,
    cart_saved,
    esputnik,
    info,
    told,
    yespo,
)

BOUGHT = order_saved(buyer=ADA, cart_token="token-1")


@pytest.mark.parametrize("build", BOTH)
def test_a_customer_is_told_before_what_they_bought(build: Any) -> None:
    assert told(BOUGHT, to=build()) == [
        {"GeneralInfo": info("CustomerData", **ADA_INFO)},
        {
            "GeneralInfo": info("PurchasedItems", **ADA_INFO),
            "PurchasedItems": {
                "Products": [{"product_id": "11", "unit_price": "24.50", "quantity": 2}],
                "OrderNumber": "1001",
            },
        },
    ]


def test_a_guest_is_a_change_of_their_own() -> None:
    guest = order_saved(buyer=ADA.__class__(email="ada@shop.example"))

    [body] = told(guest)

    assert body["GeneralInfo"] == info("PurchasedItems", user_email="ada@shop.example")


@pytest.mark.parametrize(
    ("number", "told_as"),
    [("#1001", "1001"), ("123/2017", "123/2017"), (None, "900"), ("#", "900")],
)
def test_the_number_is_what_the_shopper_sees(number: str | None, told_as: str) -> None:
    assert told(order_saved(number=number))[-1]["PurchasedItems"]["OrderNumber"] == told_as


def test_a_purchase_is_told_once_and_again_after_an_unknown_outcome() -> None:
    for build in BOTH:
        assert build().event(BOUGHT) == Event(name="purchase", rule=Rule.ONCE, again=True)


@pytest.mark.parametrize("build", BOTH)
def test_a_cancelled_order_is_counted_and_told_nowhere(build: Any) -> None:
    change = order_saved(status=Status.CANCELLED)
    plan = build().plan(change, SEEN)

    assert (plan.calls, plan.state) == ((), b"cancelled")
    assert plan.counts == ("order_cancellation_not_expressible",)
    assert build().event(change) is None


def test_a_removed_order_is_counted_and_told_nowhere() -> None:
    plan = yespo().plan(OrderRemoved(entity=Entity(Kind.ORDER, "900"), version=VERSION), SEEN)

    assert (plan.calls, plan.state) == ((), b"gone")
    assert plan.counts == ("order_cancellation_not_expressible",)


@pytest.mark.parametrize(
    ("placed_at", "is_told"),
    [
        ("2026-11-14T09:00:00.123456789Z", True),
        ("2026-11-14T09:00:00.123455000Z", False),
        ("2026-11-21T09:00:05.000000000Z", True),
    ],
)
def test_a_purchase_of_more_than_a_week_ago_is_not_told(placed_at: str, is_told: bool) -> None:  # noqa: FBT001
    change = order_saved(placed_at=placed_at)
    plan = yespo().plan(change, SEEN)

    assert (yespo().event(change) is not None) is bool(plan.calls) is is_told
    assert plan.counts == (() if is_told else ("purchase_too_old",))


def test_how_old_a_purchase_is_counts_from_its_webhook_not_from_its_last_change() -> None:
    untouched = order_saved(placed_at="2026-01-01T00:00:00.000000000Z")
    version = Version(modified="2026-01-01T00:00:00.000000000Z", tie=VERSION.tie)

    assert yespo().event(replace(untouched, version=version)) is None


def test_how_old_a_purchase_may_be_is_a_setting() -> None:
    change = order_saved(placed_at="2026-11-18T09:00:00.000000000Z")

    assert yespo(max_purchase_age_days=2).event(change) is None
    assert yespo(max_purchase_age_days=4).event(change) is not None


@pytest.mark.parametrize("lines", [(), (line(quantity=0),)])
def test_an_order_of_nothing_that_the_shop_sells_is_counted(lines: tuple[Any, ...]) -> None:
    change = order_saved(lines=lines)
    plan = yespo().plan(change, SEEN)

    assert (plan.calls, plan.counts) == ((), ("purchase_without_products",))
    assert yespo().event(change) is None


@pytest.mark.parametrize(("level", "own"), [("product", "1"), ("variant", "11"), ("sku", "MOSS-S")])
def test_what_was_bought_has_the_id_of_the_feed(level: str, own: str) -> None:
    change = order_saved(lines=(line(sku="MOSS-S"), line(sku=None, product_id="1")))
    products = told(change, to=yespo(feed_id=level))[-1]["PurchasedItems"]["Products"]

    assert {one["product_id"] for one in products} == {own}
    assert len(products) == (1 if level == "sku" else 2)
    unnamed = ("line_without_feed_id",) if level == "sku" else ()
    assert yespo(feed_id=level).plan(change, SEEN).counts == unnamed


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1499", "JPY", "1499"),
        ("0.125", "USD", "0.13"),
        ("1.2345", "KWD", "1.23"),
        ("7", "EUR", "7.00"),
    ],
)
def test_prices_are_decimal_texts_of_what_was_paid(amount: str, currency: str, text: str) -> None:
    change = order_saved(
        lines=(line(price=Money(Decimal(amount), currency), list_price=usd("999")),)
    )

    assert told(change)[-1]["PurchasedItems"]["Products"][0]["unit_price"] == text


def test_esputnik_learns_the_cart_state_that_a_purchase_came_from() -> None:
    [cart] = told(cart_saved(line()), to=esputnik())
    memory = KnownState(visitor=Visitor(tracker_cookie=SC), cart_sent=str(VERSION))

    bought = told(BOUGHT, memory, esputnik())[-1]["PurchasedItems"]

    assert bought["GUID"] == cart["StatusCart"]["GUID"]
    assert "GUID" not in told(BOUGHT, memory, yespo())[-1]["PurchasedItems"]


def test_the_cart_of_an_order_is_asked_for_where_its_state_is_named() -> None:
    assert esputnik().need(BOUGHT).cart == CART
    assert yespo().need(BOUGHT).cart is None
    assert esputnik().need(order_saved()).cart is None
    assert esputnik().need(order_saved(cart_token="t", status=Status.CANCELLED)).cart is None


def test_nothing_of_a_shop_is_a_contact_of_the_platform() -> None:
    for body in told(order_saved(buyer=NOBODY)) + told(BOUGHT):
        assert "user_es_contact_id" not in body["GeneralInfo"]

"""Orders, as they are sent to both trackers: one purchase per order."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.destinations.contract import Destination, Event, KnownState, Rule
from shared.errors import NotExpressible
from shared.model.change import OrderRemoved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Status
from shared.model.value import replace
from shared.model.version import Version
from shared.model.visitor import Visitor
from tests.destinations.sample_shop import VERSION, line, order_saved, usd
from tests.destinations.tracker_harness import (
    ADA,
    ADA_INFO,
    BOTH,
    CART,
    SC,
    SEEN,
    UNKNOWN_BUYER,
    cart_saved,
    esputnik,
    info,
    sent_bodies,
    yespo,
)

BOUGHT = order_saved(buyer=ADA, cart_token="token-1")


@pytest.mark.parametrize("build", BOTH)
def test_the_data_of_a_customer_is_sent_before_the_purchase(build: Any) -> None:
    assert sent_bodies(BOUGHT, to=build()) == [
        {"GeneralInfo": info("CustomerData", **ADA_INFO)},
        {
            "GeneralInfo": info("PurchasedItems", **ADA_INFO),
            "PurchasedItems": {
                "Products": [{"product_id": "11", "unit_price": "24.50", "quantity": 2}],
                "OrderNumber": "900",
            },
        },
    ]


def test_the_data_of_a_guest_is_a_change_of_its_own() -> None:
    guest = order_saved(buyer=ADA.__class__(email="ada@shop.example"))

    [body] = sent_bodies(guest)

    assert body["GeneralInfo"] == info("PurchasedItems", user_email="ada@shop.example")


@pytest.mark.parametrize("number", ["#1001", "123/2017", None, "#"])
def test_the_order_number_is_the_id_whatever_a_plugin_shows(number: str | None) -> None:
    assert sent_bodies(order_saved(number=number))[-1]["PurchasedItems"]["OrderNumber"] == "900"


def test_a_purchase_is_sent_once_and_again_after_an_unknown_outcome() -> None:
    for build in BOTH:
        assert build().brief(BOUGHT).event == Event(name="purchase", rule=Rule.ONCE, again=True)


@pytest.mark.parametrize("build", BOTH)
def test_a_cancelled_order_is_counted_and_not_sent(build: Any) -> None:
    change = order_saved(status=Status.CANCELLED)
    plan = build().plan(change, SEEN)

    assert (plan.calls, plan.state) == ((), b"cancelled")
    assert plan.counts == ("order_cancellation_not_expressible",)
    assert build().brief(change).event is None


def test_a_removed_order_is_counted_and_not_sent() -> None:
    plan = yespo().plan(OrderRemoved(entity=Entity(Kind.ORDER, "900"), version=VERSION), SEEN)

    assert (plan.calls, plan.state) == ((), b"gone")
    assert plan.counts == ("order_cancellation_not_expressible",)


@pytest.mark.parametrize(
    ("placed_at", "is_sent"),
    [
        ("2026-11-14T09:00:00.123456789Z", True),
        ("2026-11-14T09:00:00.123455000Z", False),
        ("2026-11-21T09:00:05.000000000Z", True),
    ],
)
def test_a_purchase_older_than_a_week_is_not_sent(placed_at: str, is_sent: bool) -> None:  # noqa: FBT001
    change = order_saved(placed_at=placed_at)
    plan = yespo().plan(change, SEEN)

    assert (yespo().brief(change).event is not None) is bool(plan.calls) is is_sent
    assert plan.counts == (() if is_sent else ("purchase_too_old",))


def test_the_age_of_a_purchase_is_measured_at_its_webhook_not_at_its_last_change() -> None:
    untouched = order_saved(placed_at="2026-01-01T00:00:00.000000000Z")
    version = Version(modified="2026-01-01T00:00:00.000000000Z", tie=VERSION.tie)

    assert yespo().brief(replace(untouched, version=version)).event is None


def test_the_maximum_age_of_a_purchase_is_a_setting() -> None:
    change = order_saved(placed_at="2026-11-18T09:00:00.000000000Z")

    assert yespo(max_purchase_age_days=2).brief(change).event is None
    assert yespo(max_purchase_age_days=4).brief(change).event is not None


@pytest.mark.parametrize("lines", [(), (line(quantity=0),)])
def test_an_order_without_products_is_counted(lines: tuple[Any, ...]) -> None:
    change = order_saved(lines=lines)
    plan = yespo().plan(change, SEEN)

    assert (plan.calls, plan.counts) == ((), ("purchase_without_products",))
    assert yespo().brief(change).event is None


@pytest.mark.parametrize(("level", "own"), [("product", "1"), ("variant", "11"), ("sku", "MOSS-S")])
def test_a_purchased_product_has_its_id_in_the_feed(level: str, own: str) -> None:
    change = order_saved(lines=(line(sku="MOSS-S"), line(sku=None, product_id="1")))
    products = sent_bodies(change, to=yespo(feed_id=level))[-1]["PurchasedItems"]["Products"]

    assert {one["product_id"] for one in products} == {own}
    assert len(products) == (1 if level == "sku" else 2)
    unnamed = ("line_without_feed_id",) if level == "sku" else ()
    assert yespo(feed_id=level).plan(change, SEEN).counts == unnamed


@pytest.mark.parametrize(
    ("amount", "text"), [("0.125", "0.13"), ("1.2345", "1.23"), ("7", "7.00"), ("0", "0.00")]
)
def test_prices_are_decimal_texts_of_the_price_paid(amount: str, text: str) -> None:
    change = order_saved(lines=(line(price=usd(amount), list_price=usd("999")),))

    assert sent_bodies(change)[-1]["PurchasedItems"]["Products"][0]["unit_price"] == text


def test_a_purchase_has_the_shops_own_amounts() -> None:
    price = Money(Decimal(15000), "JPY", usd("100"))
    change = order_saved(lines=(line(price=price),), currency="JPY")

    assert sent_bodies(change)[-1]["PurchasedItems"]["Products"][0]["unit_price"] == "100.00"


@pytest.mark.parametrize("to", [yespo, esputnik])
def test_an_amount_in_another_currency_is_never_sent(to: Callable[..., Destination]) -> None:
    change = order_saved(lines=(line(price=Money(Decimal(15000), "JPY")),), currency="JPY")

    plan = to().plan(change, SEEN)

    assert (plan.calls, plan.counts) == ((), ("purchase_in_foreign_currency",))
    assert plan.alarms == ("ForeignCurrency",)
    assert to().brief(change).event is None
    with pytest.raises(NotExpressible) as error:
        to(foreign_currency="dead-letter").plan(change, SEEN)
    assert error.value.path == "$.PurchasedItems.Products[0].unit_price"


def test_a_purchase_at_esputnik_refers_to_its_cart_state() -> None:
    [cart] = sent_bodies(cart_saved(line()), to=esputnik())
    known_state = KnownState(visitor=Visitor(tracker_cookie=SC), cart_sent=str(VERSION))

    bought = sent_bodies(BOUGHT, known_state, esputnik())[-1]["PurchasedItems"]

    assert bought["GUID"] == cart["StatusCart"]["GUID"]
    assert "GUID" not in sent_bodies(BOUGHT, known_state, yespo())[-1]["PurchasedItems"]


def test_the_cart_of_an_order_is_looked_up_if_the_purchase_refers_to_it() -> None:
    assert esputnik().brief(BOUGHT).cart == CART
    assert yespo().brief(BOUGHT).cart is None
    assert esputnik().brief(order_saved()).cart is None
    assert esputnik().brief(order_saved(cart_token="t", status=Status.CANCELLED)).cart is None


def test_no_id_of_a_shop_is_sent_as_a_contact_id() -> None:
    for body in sent_bodies(order_saved(buyer=UNKNOWN_BUYER)) + sent_bodies(BOUGHT):
        assert "user_es_contact_id" not in body["GeneralInfo"]


@pytest.mark.parametrize("to", [yespo, esputnik])
def test_an_order_is_a_purchase_once_it_is_paid(to: Callable[..., Destination]) -> None:
    unpaid = order_saved(status=Status.PENDING)

    plan = to().plan(unpaid, SEEN)

    assert (plan.calls, plan.counts) == ((), ("purchase_not_paid",))
    assert plan.state
    assert to().brief(unpaid).event is None
    assert to().brief(order_saved()).event


def test_an_order_that_was_paid_late_is_not_too_old() -> None:
    late = order_saved(placed_at="2026-10-01T09:00:00.000000000Z")

    assert yespo().plan(late, SEEN).counts == ("purchase_too_old",)
    paid = replace(late, order=replace(late.order, paid_at=late.version.tie))
    assert yespo().plan(paid, SEEN).calls

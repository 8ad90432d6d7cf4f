"""Purchases and cancellations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.destinations.contract import Event, KnownState, Rule
from shared.errors import NotExpressible
from shared.model.change import OrderRemoved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Status
from shared.model.version import Version
from tests.destinations.personaclick_harness import (
    BASICS,
    KNOWN,
    SECRET,
    SHOP,
    URL,
    VERSION,
    body_of,
    line,
    order,
    personaclick,
    planned,
    sent_body,
    usd,
)

PURCHASE = Event(name="purchase", rule=Rule.ONCE, again=True)
CANCELLED = order(status=Status.CANCELLED)
UUID = "c2a1c6de-3f5b-4c8e-9d51-0d4c2f1e7a90"


def items(*lines: Any, **settings: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sent_body(order(*lines), **settings)["items"]
    return found


def test_an_order_is_a_purchase_with_every_field_of_the_shop() -> None:
    change = order(
        total=usd("54"),
        shipping=usd("10"),
        discount=usd("5"),
        promo_code=" MOSS10 ",
        payment="card",
        delivery="courier",
    )

    assert sent_body(change) == {
        **BASICS,
        "event": "purchase",
        "items": [{"id": "100500", "amount": 2, "price": Decimal("24.50")}],
        "order_id": "900",
        "order_price": Decimal("54.00"),
        "order_delivery": Decimal("10.00"),
        "order_discount": Decimal("5.00"),
        "promocode": "MOSS10",
        "delivery_type": "courier",
        "payment_type": "card",
    }


def test_a_purchase_is_pushed_once_and_again_after_an_unknown_outcome() -> None:
    [call] = planned(order()).calls

    assert (call.method, call.url, call.label) == ("POST", f"{URL}push", "POST push purchase")
    assert call.effect.value == "event"
    assert personaclick().brief(order()).event == PURCHASE


def test_unknown_fields_of_an_order_are_omitted() -> None:
    assert sent_body(order(total=None, promo_code=" ", payment="", delivery=None)) == {
        **BASICS,
        "event": "purchase",
        "items": [{"id": "100500", "amount": 2, "price": Decimal("24.50")}],
        "order_id": "900",
    }


def test_an_address_is_sent_only_if_the_merchant_enables_it() -> None:
    change = order(address="1 Moss Lane, Fern")

    assert "delivery_address" not in sent_body(change)
    assert sent_body(change, delivery_address=True)["delivery_address"] == "1 Moss Lane, Fern"


@pytest.mark.parametrize("number", ["#1001", "W-77", None, "INV 2026/1"])
def test_an_order_has_one_id_in_all_calls_whatever_its_number(number: str | None) -> None:
    # A plugin may change the number, and a removal has only the id.
    assert sent_body(order(number=number))["order_id"] == "900"


def test_two_lines_of_one_product_are_one_item_at_the_mean_price() -> None:
    # 1 x 10.00 and 2 x 7.00 are 3 pieces for 24.00.
    two = (line(quantity=1, price=usd("10")), line(quantity=2, price=usd("7")))

    assert items(*two) == [{"id": "100500", "amount": 3, "price": Decimal("8.00")}]


def test_a_mean_price_is_rounded_to_the_decimals_of_the_currency() -> None:
    yen = [Money(Decimal(1), "JPY", usd(one)) for one in ("100", "101")]
    two = (line(quantity=1, price=yen[0]), line(quantity=2, price=yen[1]))

    sent = sent_body(order(*two, currency="JPY", total=Money(Decimal(1), "JPY", usd("302"))))

    assert sent["items"] == [{"id": "100500", "amount": 3, "price": Decimal("100.67")}]
    assert sent["order_price"] == Decimal("302.00")


def test_an_amount_in_another_currency_is_never_sent() -> None:
    yen = Money(Decimal(15000), "JPY")
    foreign = order(line(price=yen), total=yen, currency="JPY")

    plan = planned(foreign)

    assert (plan.calls, plan.counts) == ((), ("purchase_in_foreign_currency",))
    assert plan.alarms == ("ForeignCurrency",)
    assert personaclick().brief(foreign).event is None
    with pytest.raises(NotExpressible) as error:
        planned(foreign, foreign_currency="dead-letter")
    assert error.value.path == "$.items[0].price"


def test_a_total_in_another_currency_alone_is_omitted() -> None:
    price = Money(Decimal(15000), "JPY", usd("100"))
    sent = sent_body(order(line(price=price), total=Money(Decimal(30000), "JPY"), currency="JPY"))

    assert "order_price" not in sent
    assert sent["items"][0]["price"] == Decimal("100.00")


def test_more_than_a_thousand_pieces_are_clamped_and_counted() -> None:
    plan = planned(order(line(quantity=1001)))

    assert body_of(plan.calls[0])["items"][0]["amount"] == 1000
    assert plan.counts == ("amount_clamped",)
    assert planned(order(line(quantity=1000))).counts == ()


def test_a_free_item_has_the_price_zero() -> None:
    assert items(line(price=usd("0"))) == [{"id": "100500", "amount": 2, "price": 0}]


@pytest.mark.parametrize(
    ("level", "expected"), [("variant", "100500"), ("product", "1"), ("sku", "MOSS-S")]
)
def test_an_item_has_its_id_in_the_feed(level: str, expected: str) -> None:
    assert items(line(sku="MOSS-S"), feed_id=level)[0]["id"] == expected


def test_a_line_without_an_id_in_the_feed_is_omitted_and_counted() -> None:
    plan = planned(order(line(sku="MOSS-S"), line(sku=None)), feed_id="sku")

    assert [one["id"] for one in body_of(plan.calls[0])["items"]] == ["MOSS-S"]
    assert plan.counts == ("line_without_feed_id",)


@pytest.mark.parametrize("lines", [(line(quantity=0),), (line(sku=None),)])
def test_an_order_without_products_in_the_feed_is_counted_and_not_sent(lines: Any) -> None:
    change = order(*lines)
    plan = planned(change, feed_id="sku")

    assert (plan.calls, plan.counts) == ((), ("purchase_without_products",))
    assert personaclick(feed_id="sku").brief(change).event is None
    assert personaclick(feed_id="sku").brief(change).visitor is False


@pytest.mark.parametrize(
    ("seen", "is_sent"),
    [("2026-11-28T09:00:00.000000000Z", True), ("2026-11-28T09:00:00.000001000Z", False)],
)
def test_an_old_purchase_is_counted_and_not_sent(seen: str, *, is_sent: bool) -> None:
    change = order(version=Version(modified="2026-11-21T09:00:00.000000000Z", tie=seen))
    plan = planned(change)

    assert bool(plan.calls) is is_sent
    assert plan.counts == (() if is_sent else ("purchase_too_old",))
    assert (personaclick().brief(change).event is not None) is is_sent
    assert personaclick().brief(change).visitor is is_sent


def test_the_merchant_sets_the_maximum_age_of_a_purchase() -> None:
    change = order(version=Version.at("2026-11-28T10:00:00.000000000Z"))

    assert len(planned(change, max_purchase_age_days=8).calls) == 1


def test_a_purchase_without_a_visitor_is_rejected() -> None:
    with pytest.raises(NotExpressible) as error:
        planned(order(), KnownState())

    assert (error.value.reason, error.value.path) == ("no visitor", "$.did")


REMOVED = OrderRemoved(entity=Entity(Kind.ORDER, "900"), version=VERSION)


@pytest.mark.parametrize(("change", "state"), [(CANCELLED, b"cancelled"), (REMOVED, b"gone")])
def test_the_cancellation_or_removal_of_an_order_has_no_call_and_is_counted(
    change: Any, state: bytes
) -> None:
    plan = planned(change, KnownState())

    assert (plan.calls, plan.state) == ((), state)
    assert plan.counts == ("order_cancellation_not_expressible",)
    assert personaclick().brief(change).event is None
    assert personaclick().brief(change).visitor is False


def test_with_order_status_a_cancellation_has_the_order_id_of_the_purchase() -> None:
    plan = planned(CANCELLED, KnownState(), order_status=True)

    [call] = plan.calls
    assert (call.method, call.url) == ("POST", f"{URL}sync/orders")
    assert body_of(call) == {"shop_id": SHOP, "orders": [{"id": "900", "status": "cancelled"}]}
    assert (call.effect.value, plan.state, plan.counts) == ("state", b"cancelled", ())


def test_with_order_status_an_order_that_comes_back_is_completed() -> None:
    to = personaclick(order_status=True)

    plan = to.after_event(order())

    assert plan is not None
    assert [body_of(call)["orders"] for call in plan.calls] == [
        [{"id": "900", "status": "completed"}]
    ]
    assert plan.state == b"completed"
    assert personaclick().after_event(order()) is None
    # Never bought, but perhaps cancelled: both are corrected.
    first, purchase = to.plan(order(), KnownState(touched=True, visitor=KNOWN.visitor)).calls
    assert (first.label, purchase.effect.value) == (plan.calls[0].label, "event")
    assert len(to.plan(order(), KNOWN).calls) == 1


def test_with_order_status_a_removed_order_is_cancelled() -> None:
    plan = planned(REMOVED, KnownState(), order_status=True)

    [call] = plan.calls
    assert body_of(call) == {"shop_id": SHOP, "orders": [{"id": "900", "status": "cancelled"}]}
    assert (plan.state, plan.counts) == (b"cancelled", ())


def test_the_secret_is_added_when_the_call_is_sent_and_not_before() -> None:
    destination = personaclick(order_status=True)
    [call] = destination.plan(CANCELLED, KnownState()).calls

    sealed = destination.sign(call).call

    assert SECRET.encode() not in call.body
    assert body_of(sealed) == {
        "shop_id": SHOP,
        "orders": [{"id": "900", "status": "cancelled"}],
        "shop_secret": SECRET,
    }
    assert SECRET not in repr(sealed)


def test_no_event_contains_the_secret() -> None:
    destination = personaclick()
    [call] = planned(order()).calls

    assert destination.sign(call).call is call


def test_an_order_is_a_purchase_once_it_is_paid() -> None:
    unpaid = order(status=Status.PENDING)

    assert planned(unpaid).calls == ()
    assert planned(unpaid).counts == ("purchase_not_paid",)
    assert personaclick().brief(unpaid).event is None

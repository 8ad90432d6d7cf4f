"""Purchases, and what became of them."""

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
from tests.destinations.clicks import (
    BASICS,
    SECRET,
    SHOP,
    URL,
    VERSION,
    body_of,
    line,
    order,
    personaclick,
    planned,
    told,
    usd,
)

PURCHASE = Event(name="purchase", rule=Rule.ONCE, again=True)
CANCELLED = order(status=Status.CANCELLED)
UUID = "c2a1c6de-3f5b-4c8e-9d51-0d4c2f1e7a90"


def items(*lines: Any, **settings: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = told(order(*lines), **settings)["items"]
    return found


def test_an_order_is_a_purchase_with_all_that_the_shop_says() -> None:
    change = order(
        total=usd("54"),
        shipping=usd("10"),
        discount=usd("5"),
        promo_code=" MOSS10 ",
        payment="card",
        delivery="courier",
    )

    assert told(change) == {
        **BASICS,
        "event": "purchase",
        "items": [{"id": "100500", "amount": 2, "price": Decimal("24.50")}],
        "order_id": "1001",
        "order_price": Decimal("54.00"),
        "order_delivery": Decimal("10.00"),
        "order_discount": Decimal("5.00"),
        "promocode": "MOSS10",
        "delivery_type": "courier",
        "payment_type": "card",
    }


def test_it_goes_to_push_as_an_event_that_is_told_once_and_again_after_silence() -> None:
    [call] = planned(order()).calls

    assert (call.method, call.url, call.label) == ("POST", f"{URL}push", "POST push purchase")
    assert call.effect.value == "event"
    assert personaclick().event(order()) == PURCHASE


def test_what_the_shop_does_not_say_is_left_out() -> None:
    assert told(order(total=None, promo_code=" ", payment="", delivery=None)) == {
        **BASICS,
        "event": "purchase",
        "items": [{"id": "100500", "amount": 2, "price": Decimal("24.50")}],
        "order_id": "1001",
    }


def test_an_address_is_told_only_where_the_merchant_wants_it() -> None:
    change = order(address="1 Moss Lane, Fern")

    assert "delivery_address" not in told(change)
    assert told(change, delivery_address=True)["delivery_address"] == "1 Moss Lane, Fern"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("#1001", "1001"),
        (" # 1001", "1001"),
        ("W-77", "W-77"),
        (None, "900"),
        ("#", "900"),
        (UUID, f"order-{UUID}"),
        (UUID.upper(), f"order-{UUID.upper()}"),
    ],
)
def test_an_order_has_the_number_that_people_see(number: str | None, expected: str) -> None:
    assert told(order(number=number))["order_id"] == expected


def test_a_number_that_the_platform_would_refuse_is_refused_here() -> None:
    assert told(order(number="1" * 255))["order_id"] == "1" * 255
    with pytest.raises(NotExpressible) as refused:
        planned(order(number="1" * 256))

    assert refused.value.path == "$.order_id"


def test_the_same_thing_on_two_lines_is_one_item_at_the_mean_of_what_was_paid() -> None:
    # 1 x 10.00 and 2 x 7.00 are 3 pieces for 24.00.
    two = (line(quantity=1, price=usd("10")), line(quantity=2, price=usd("7")))

    assert items(*two) == [{"id": "100500", "amount": 3, "price": Decimal("8.00")}]


def test_a_mean_is_rounded_to_what_the_currency_counts_with() -> None:
    yen = [Money(Decimal(one), "JPY") for one in ("100", "101")]
    two = (line(quantity=1, price=yen[0]), line(quantity=2, price=yen[1]))

    assert items(*two)[0]["price"] == 101


def test_the_same_thing_in_two_currencies_is_refused() -> None:
    with pytest.raises(NotExpressible) as refused:
        planned(order(line(), line(price=Money(Decimal(1), "EUR"))))

    assert refused.value.path == "$.items"
    assert personaclick().event(order(line(), line(price=Money(Decimal(1), "EUR")))) == PURCHASE


def test_more_than_a_thousand_pieces_are_a_thousand_and_counted() -> None:
    plan = planned(order(line(quantity=1001)))

    assert body_of(plan.calls[0])["items"][0]["amount"] == 1000
    assert plan.counts == ("amount_clamped",)
    assert planned(order(line(quantity=1000))).counts == ()


def test_a_gift_has_no_price_for_the_platform_takes_none_of_nothing() -> None:
    assert items(line(price=usd("0"))) == [{"id": "100500", "amount": 2}]


@pytest.mark.parametrize(
    ("level", "expected"), [("variant", "100500"), ("product", "1"), ("sku", "MOSS-S")]
)
def test_an_item_bears_the_id_of_the_feed(level: str, expected: str) -> None:
    assert items(line(sku="MOSS-S"), feed_id=level)[0]["id"] == expected


def test_a_line_that_the_feed_cannot_know_is_left_out_and_counted() -> None:
    plan = planned(order(line(sku="MOSS-S"), line(sku=None)), feed_id="sku")

    assert [one["id"] for one in body_of(plan.calls[0])["items"]] == ["MOSS-S"]
    assert plan.counts == ("line_without_feed_id",)


@pytest.mark.parametrize("lines", [(line(quantity=0),), (line(sku=None),)])
def test_an_order_of_nothing_that_the_feed_knows_is_counted_and_not_told(lines: Any) -> None:
    change = order(*lines)
    plan = planned(change, feed_id="sku")

    assert (plan.calls, plan.counts) == ((), ("purchase_without_products",))
    assert personaclick(feed_id="sku").event(change) is None
    assert personaclick(feed_id="sku").need(change).visitor is False


@pytest.mark.parametrize(
    ("seen", "told_at_all"),
    [("2026-11-28T09:00:00.000000000Z", True), ("2026-11-28T09:00:00.000001000Z", False)],
)
def test_an_old_purchase_is_counted_and_not_told(seen: str, *, told_at_all: bool) -> None:
    change = order(version=Version(modified="2026-11-21T09:00:00.000000000Z", tie=seen))
    plan = planned(change)

    assert bool(plan.calls) is told_at_all
    assert plan.counts == (() if told_at_all else ("purchase_too_old",))
    assert (personaclick().event(change) is not None) is told_at_all
    assert personaclick().need(change).visitor is told_at_all


def test_how_old_is_the_merchants_affair() -> None:
    change = order(version=Version.at("2026-11-28T10:00:00.000000000Z"))

    assert len(planned(change, max_purchase_age_days=8).calls) == 1


def test_without_a_visitor_a_purchase_is_no_call() -> None:
    with pytest.raises(NotExpressible) as refused:
        planned(order(), KnownState())

    assert (refused.value.reason, refused.value.path) == ("no visitor", "$.did")


REMOVED = OrderRemoved(entity=Entity(Kind.ORDER, "900"), version=VERSION)


@pytest.mark.parametrize(("change", "state"), [(CANCELLED, b"cancelled"), (REMOVED, b"gone")])
def test_the_end_of_an_order_cannot_be_said_and_is_counted(change: Any, state: bytes) -> None:
    plan = planned(change, KnownState())

    assert (plan.calls, plan.state) == ((), state)
    assert plan.counts == ("order_cancellation_not_expressible",)
    assert personaclick().event(change) is None
    assert personaclick().need(change).visitor is False


def test_where_statuses_are_wanted_a_cancellation_names_the_order_as_its_purchase_did() -> None:
    plan = planned(CANCELLED, KnownState(), order_status=True)

    [call] = plan.calls
    assert (call.method, call.url) == ("POST", f"{URL}sync/orders")
    assert body_of(call) == {"shop_id": SHOP, "orders": [{"id": "1001", "status": "cancelled"}]}
    assert (call.effect.value, plan.state, plan.counts) == ("state", b"cancelled", ())


def test_a_removed_order_is_counted_also_there_for_nobody_says_its_number() -> None:
    plan = planned(REMOVED, KnownState(), order_status=True)

    assert (plan.calls, plan.counts) == ((), ("order_cancellation_not_expressible",))


def test_the_secret_is_added_when_the_call_is_sent_and_not_before() -> None:
    destination = personaclick(order_status=True)
    [call] = destination.plan(CANCELLED, KnownState()).calls

    sealed = destination.seal(call)

    assert SECRET.encode() not in call.body
    assert body_of(sealed) == {
        "shop_id": SHOP,
        "orders": [{"id": "1001", "status": "cancelled"}],
        "shop_secret": SECRET,
    }
    assert SECRET not in repr(sealed)


def test_no_event_is_given_the_secret() -> None:
    destination = personaclick()
    [call] = planned(order()).calls

    assert destination.seal(call) is call

"""Who shops at a WooCommerce store: the buyer of an order, and the visitor behind them."""

from __future__ import annotations

from typing import Any

import pytest

from shared.model.entity import Entity, Kind
from shared.model.order import Order
from shared.model.person import Buyer
from shared.model.visitor import NOBODY, Campaign, Visitor
from tests.sources.shop import order_of
from tests.sources.woo import EVENTS, RECEIVED, FakeStore, address, line, order, translate

PLACED = "2026-11-20T08:00:00.000000000Z"
COUNTED = ("bad_visitor_attribute",)
ERASED = "deleted@site.invalid"


def meta(**given: object) -> list[dict[str, object]]:
    return [
        {"id": number, "key": f"_shoprelay_{name}", "value": value}
        for number, (name, value) in enumerate(given.items())
    ]


def placed(**fields: Any) -> Order:
    return order_of(translate("order.created", order(**fields)))


@pytest.mark.parametrize("topic", ["order.created", "order.updated", "order.restored"])
def test_an_orders_meta_data_tell_the_visitor_as_of_when_it_was_placed(topic: str) -> None:
    body = order(meta_data=meta(sc="cookie-1", did="device-1", seance="session-1"))

    assert order_of(translate(topic, body)).visitor == Visitor(
        tracker_cookie="cookie-1", device_id="device-1", session_id="session-1", seen_at=PLACED
    )


def test_an_order_that_is_asked_for_tells_the_visitor_too() -> None:
    store = FakeStore(orders={51: order(status="trash", meta_data=meta(sc="cookie-1"))})

    found = translate("order.deleted", {"id": 51}, store=store)

    assert order_of(found).visitor == Visitor(tracker_cookie="cookie-1")


def test_what_the_order_does_not_tell_its_lines_may() -> None:
    lines = [line(), line(meta_data=meta(sc="of-line", did="device-1"))]

    found = placed(meta_data=meta(sc="cookie-1"), line_items=lines)

    assert found.visitor == Visitor(tracker_cookie="cookie-1", device_id="device-1")


def test_a_plugins_value_of_any_shape_does_not_hide_ours() -> None:
    odd = [{"id": 1, "key": "plugin", "value": {"deep": [1, None, {"x": 1.5}]}}]

    assert placed(meta_data=odd + meta(sc="cookie-1")).visitor == Visitor(tracker_cookie="cookie-1")


@pytest.mark.parametrize("nothing", [None, [], {}, "", 7, [[]]])
def test_odd_meta_data_tell_nobody_and_harm_nothing(nothing: object) -> None:
    found = translate(
        "order.created", order(meta_data=nothing, line_items=[line(meta_data=nothing)])
    )

    assert order_of(found) == placed()
    assert (order_of(found).visitor, found.counts) == (NOBODY, ())


@pytest.mark.parametrize("customer_id", [0, 61])
def test_a_forged_attribute_is_left_out_and_counted(customer_id: int) -> None:
    body = order(customer_id=customer_id, meta_data=meta(sc="a b", did="device-1"))

    found = translate("order.created", body)

    assert order_of(found).visitor == Visitor(device_id="device-1")
    assert found.counts == COUNTED


def test_a_session_is_no_later_than_when_the_order_was_heard_of() -> None:
    found = placed(
        meta_data=meta(did="device-1", seance="session-1"), date_created_gmt="9999-01-01T00:00:00"
    )

    assert found.visitor.seen_at == RECEIVED


@pytest.mark.parametrize(
    ("shipping", "expected"),
    [
        (None, "Weg 2, 10115 Berlin, DE"),
        (address(city="", country="", address_1=""), "Weg 2, 10115 Berlin, DE"),
        # What WooCommerce fills in where nothing is shipped.
        (address(city="", country="DE", address_1=""), "Weg 2, 10115 Berlin, DE"),
        (
            address(address_1="Rua 7", address_2="3.º", postcode="4000", state="13"),
            "Rua 7, 3.º, 4000 Porto, 13, PT",
        ),
        (address(country=""), "Porto"),
    ],
)
def test_the_address_is_where_the_order_goes_or_else_the_bill_and_not_who_lives_there(
    shipping: object, expected: str
) -> None:
    bill = address(address_1="Weg 2", postcode="10115", city="Berlin", country="DE", phone="030 1")

    assert placed(billing=bill, shipping=shipping).address == expected


def test_name_and_phone_are_the_bills() -> None:
    bill = address(first_name=" Ada ", last_name="Sample", phone="030 (2)")

    found = placed(billing=bill, shipping=address(first_name="Gil", phone="030 3"))

    assert (found.buyer.name, found.buyer.phone) == ("Ada Sample", "030 (2)")


def test_of_whom_wordpress_has_erased_nothing_is_told_that_was_left_behind() -> None:
    gone = address(first_name="[deleted]", last_name="[deleted]", phone="000 0", email=ERASED)

    found = translate(
        "order.updated",
        order(billing=gone, shipping=gone, meta_data=meta(sc="cookie-1", segment="C")),
    )

    order_told = order_of(found)
    assert order_told.buyer == Buyer(id="61", entity=Entity(Kind.PERSON, "61"))
    assert (order_told.address, order_told.visitor, found.counts) == (None, NOBODY, ())


def test_the_sample_is_of_a_visitor_and_shows_nothing_of_them() -> None:
    body = (EVENTS / "order.created__with_visitor.json").read_bytes()

    found = translate("order.created", body)

    assert order_of(found).visitor == Visitor(
        tracker_cookie="3b6e2d9a7f1c4850a4e8c7d15b90f263",
        device_id="Kd5wJ7hRuM",
        session_id="m2BvX6qGtZ",
        seen_at="2026-11-21T07:31:05.000000000Z",
        segment="B",
        campaign=Campaign(
            origin="chain",
            code="8d1f0c52-6a3e-4b7d-9c15-2e94a7f0b36d",
            at="2026-11-20T19:12:40.000000000Z",
        ),
    )
    shown = repr(found)
    for secret in ("3b6e2d9a", "Kd5wJ7hRuM", "m2BvX6qGtZ", "8d1f0c52", "Ada", "Weg", "030"):
        assert secret not in shown

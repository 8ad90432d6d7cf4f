"""Buyers of WooCommerce orders, and their visitors."""

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
def test_an_orders_meta_data_have_the_visitor_as_of_the_order_time(topic: str) -> None:
    body = order(meta_data=meta(sc="cookie-1", did="device-1", seance="session-1"))

    assert order_of(translate(topic, body)).visitor == Visitor(
        tracker_cookie="cookie-1", device_id="device-1", session_id="session-1", seen_at=PLACED
    )


def test_a_queried_order_has_the_visitor_too() -> None:
    store = FakeStore(orders={51: order(status="trash", meta_data=meta(sc="cookie-1"))})

    found = translate("order.deleted", {"id": 51}, store=store)

    assert order_of(found).visitor == Visitor(tracker_cookie="cookie-1")


def test_attributes_missing_in_the_order_are_read_from_its_lines() -> None:
    lines = [line(), line(meta_data=meta(sc="of-line", did="device-1"))]

    found = placed(meta_data=meta(sc="cookie-1"), line_items=lines)

    assert found.visitor == Visitor(tracker_cookie="cookie-1", device_id="device-1")


def test_a_plugins_value_of_any_shape_does_not_hide_ours() -> None:
    odd = [{"id": 1, "key": "plugin", "value": {"deep": [1, None, {"x": 1.5}]}}]

    assert placed(meta_data=odd + meta(sc="cookie-1")).visitor == Visitor(tracker_cookie="cookie-1")


@pytest.mark.parametrize("nothing", [None, [], {}, "", 7, [[]]])
def test_invalid_meta_data_are_ignored(nothing: object) -> None:
    found = translate(
        "order.created", order(meta_data=nothing, line_items=[line(meta_data=nothing)])
    )

    assert order_of(found) == placed()
    assert (order_of(found).visitor, found.counts) == (NOBODY, ())


@pytest.mark.parametrize("customer_id", [0, 61])
def test_a_forged_attribute_is_omitted_and_counted(customer_id: int) -> None:
    body = order(customer_id=customer_id, meta_data=meta(sc="a b", did="device-1"))

    found = translate("order.created", body)

    assert order_of(found).visitor == Visitor(device_id="device-1")
    assert found.counts == COUNTED


def test_a_session_is_no_later_than_the_receipt_of_the_order() -> None:
    found = placed(
        meta_data=meta(did="device-1", seance="session-1"), date_created_gmt="9999-01-01T00:00:00"
    )

    assert found.visitor.seen_at == RECEIVED


@pytest.mark.parametrize(
    ("shipping", "expected"),
    [
        (None, "Weg 2, 10115 Berlin, DE"),
        (address(city="", country="", address_1=""), "Weg 2, 10115 Berlin, DE"),
        # WooCommerce fills in the country where nothing is shipped.
        (address(city="", country="DE", address_1=""), "Weg 2, 10115 Berlin, DE"),
        (
            address(address_1="Rua 7", address_2="3.º", postcode="4000", state="13"),
            "Rua 7, 3.º, 4000 Porto, 13, PT",
        ),
        (address(country=""), "Porto"),
    ],
)
def test_the_address_is_the_shipping_or_billing_address_without_the_recipient(
    shipping: object, expected: str
) -> None:
    bill = address(address_1="Weg 2", postcode="10115", city="Berlin", country="DE", phone="030 1")

    assert placed(billing=bill, shipping=shipping).address == expected


def test_name_and_phone_are_those_of_the_billing_address() -> None:
    bill = address(first_name=" Ada ", last_name="Sample", phone="030 (2)")

    found = placed(billing=bill, shipping=address(first_name="Gil", phone="030 3"))

    assert (found.buyer.name, found.buyer.phone) == ("Ada Sample", "030 (2)")


def test_remaining_data_of_a_person_erased_by_wordpress_is_not_mapped() -> None:
    gone = address(first_name="[deleted]", last_name="[deleted]", phone="000 0", email=ERASED)

    found = translate(
        "order.updated",
        order(billing=gone, shipping=gone, meta_data=meta(sc="cookie-1", segment="C")),
    )

    saved_order = order_of(found)
    assert saved_order.buyer == Buyer(id="61", entity=Entity(Kind.PERSON, "61"))
    assert (saved_order.address, saved_order.visitor, found.counts) == (None, NOBODY, ())


def test_the_sample_has_a_visitor_and_its_repr_hides_them() -> None:
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

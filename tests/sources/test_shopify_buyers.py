"""Buyers of Shopify orders and checkouts, and their visitors."""

from __future__ import annotations

from typing import Any

import pytest

from shared.model.change import CartSaved, CheckoutStarted
from shared.model.entity import Entity, Kind
from shared.model.order import Order
from shared.model.person import Buyer
from shared.model.visitor import NOBODY, Campaign, Visitor
from shared.sources.contract import Translated
from tests.sources.shop import EVENTS, line, order, order_of, translate
from tests.sources.test_shopify_carts import TOKEN, cart, cart_line, checkout, saved, started

PLACED = "2026-11-20T12:59:59.000000000Z"
RECEIVED = "2026-11-21T09:00:01.000000000Z"
COUNTED = ("bad_visitor_attribute",)
SC = {"name": "_shoprelay_sc", "value": "cookie-1"}
DID = {"name": "_shoprelay_did", "value": "device-1"}
SEANCE = {"name": "_shoprelay_seance", "value": "session-1"}
LANDING = "/?recommended_by=bulk&bulk_code=spring"


def placed(**fields: Any) -> Order:
    return order_of(translate("orders/create", order(**fields)))


def person(**fields: Any) -> dict[str, Any]:
    return {"id": 61, "email": "ada@shop.example", **fields}


def sample(name: str, topic: str) -> Translated:
    return translate(topic, (EVENTS / "shopify" / f"{name}.json").read_bytes())


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", "orders/fulfilled"])
def test_an_orders_notes_have_the_visitor_as_of_the_order_time(topic: str) -> None:
    found = order_of(translate(topic, order(note_attributes=[SC, DID, SEANCE])))

    assert found.visitor == Visitor(
        tracker_cookie="cookie-1", device_id="device-1", session_id="session-1", seen_at=PLACED
    )


def test_attributes_missing_in_the_notes_are_read_from_the_lines() -> None:
    lines = [line(properties=[]), line(properties=[DID, {**SC, "value": "of-line"}])]

    found = placed(note_attributes=[SC], line_items=lines)

    assert found.visitor == Visitor(tracker_cookie="cookie-1", device_id="device-1")


@pytest.mark.parametrize("nothing", [None, [], {}, "", 7, [[]], "_shoprelay_sc"])
def test_invalid_notes_and_properties_are_ignored(nothing: object) -> None:
    found = translate(
        "orders/create", order(note_attributes=nothing, line_items=[line(properties=nothing)])
    )

    assert order_of(found) == placed()
    assert found.counts == ()


def test_the_order_of_an_account_has_the_accounts_own_address_and_telephone() -> None:
    # What was entered at the checkout would overwrite the account at a platform.
    account = person(phone="+351", first_name="Ada", last_name="L")

    buyer = placed(email="office@shop.example", phone="+1", customer=account).buyer

    assert (buyer.email, buyer.phone, buyer.name) == ("ada@shop.example", "+351", "Ada L")


def test_an_order_whose_account_has_no_address_has_what_was_entered() -> None:
    buyer = placed(email="office@shop.example", phone="+1", customer=person(email=None)).buyer

    assert (buyer.email, buyer.phone) == ("office@shop.example", "+1")


def test_an_order_without_attributes_has_no_visitor() -> None:
    found = placed()

    assert (found.visitor, found.address, found.checkout_token) == (NOBODY, None, None)


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("orders/create", order(note_attributes=[{**SC, "value": "a b"}])),
        ("orders/create", order(line_items=[line(properties=[{**SC, "value": "a b"}])])),
        ("carts/update", cart(line_items=[cart_line(properties={"_shoprelay_sc": "a b"})])),
        ("checkouts/update", checkout(note_attributes=[{**SC, "value": "a b"}])),
    ],
)
def test_a_forged_attribute_is_omitted_and_counted(topic: str, body: object) -> None:
    found = translate(topic, body)

    assert len(found.changes) == 1
    assert found.counts == COUNTED


def test_a_forged_attribute_of_a_guest_is_counted_too() -> None:
    body = order(customer=None, email="gil@example.net", note_attributes=[{**SC, "value": "a b"}])

    assert translate("orders/create", body).counts == COUNTED


def test_a_session_is_no_later_than_the_receipt_of_the_order() -> None:
    found = placed(note_attributes=[DID, SEANCE], processed_at="9999-01-01T00:00:00Z")

    assert found.visitor.seen_at == RECEIVED


def test_the_first_page_of_an_order_has_the_campaign() -> None:
    found = placed(landing_site=LANDING, note_attributes=[SC])

    assert found.visitor == Visitor(
        tracker_cookie="cookie-1", campaign=Campaign(origin="bulk", code="spring", at=PLACED)
    )


def test_the_storefronts_campaign_takes_precedence_over_the_first_page() -> None:
    attributes = '{"from":"chain","code":"c-1","at":"2026-11-19T00:00:00Z"}'

    found = placed(
        landing_site=LANDING, note_attributes=[{"name": "_shoprelay_source", "value": attributes}]
    )

    assert found.visitor.campaign == Campaign(
        origin="chain", code="c-1", at="2026-11-19T00:00:00.000000000Z"
    )


@pytest.mark.parametrize("token", ["check-1", "check-1?key=1f2e"])
def test_an_order_has_its_checkout_token_without_the_key(token: str) -> None:
    assert placed(checkout_token=token).checkout_token == "check-1"


def test_the_lines_of_a_cart_have_the_visitor_as_of_the_carts_version() -> None:
    attributes = {"Engraving": "A", "_shoprelay_did": "device-1", "_shoprelay_seance": "session-1"}

    found = saved(line_items=[cart_line(properties=None), cart_line(properties=attributes)])

    assert found.visitor == Visitor(
        device_id="device-1", session_id="session-1", seen_at="2026-11-20T13:00:00.250000000Z"
    )
    assert saved().visitor == NOBODY


def test_the_notes_and_lines_of_a_checkout_have_the_visitor_as_of_its_start() -> None:
    item = checkout()["line_items"][0] | {"properties": [DID, SEANCE]}

    found = started(note_attributes=[SC], line_items=[item])

    assert found.visitor == Visitor(
        tracker_cookie="cookie-1",
        device_id="device-1",
        session_id="session-1",
        seen_at="2026-11-20T13:00:00.000000000Z",
    )
    assert started(note_attributes={}).visitor == NOBODY


def test_the_address_is_the_shipping_address_without_the_recipient() -> None:
    to = {
        "first_name": "Ada",
        "last_name": "Sample",
        "phone": "+12025550106",
        "company": "Sample Ltd",
        "address1": " 12 Sample Street",
        "address2": "Flat 3",
        "zip": "10000",
        "city": "Brooklyn",
        "province": "New York",
        "country": "United States",
    }

    assert placed(shipping_address=to, billing_address={"city": "Porto"}).address == (
        "12 Sample Street, Flat 3, 10000 Brooklyn, New York, United States"
    )
    assert placed(shipping_address={"city": "Porto", "address2": " "}).address == "Porto"
    assert placed(shipping_address=None, billing_address={"city": "Porto"}).address is None


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"customer": person(first_name="Ada", last_name="Sample")}, "Ada Sample"),
        ({"customer": person(first_name=None, last_name="Sample")}, "Sample"),
        ({"customer": person(first_name="", last_name=" ")}, "Bea Billed"),
        ({"customer": person(first_name="Ada"), "billing_address": None}, "Ada"),
        ({"customer": None}, "Bea Billed"),
        ({"billing_address": None, "shipping_address": {"first_name": "Gil"}}, "Gil"),
        ({"billing_address": None}, None),
    ],
)
def test_a_buyers_name_is_the_customers_or_the_billing_name(
    fields: dict[str, Any], name: str | None
) -> None:
    bill = {"first_name": "Bea", "last_name": "Billed"}

    assert placed(**{"billing_address": bill, **fields}).buyer.name == name


@pytest.mark.parametrize(
    ("fields", "phone"),
    [
        ({"phone": "+1 (1)", "customer": person(phone="+2")}, "+2"),
        ({"phone": "+1 (1)", "customer": person(phone=None)}, "+1 (1)"),
        ({"phone": "", "customer": person(phone=None)}, "+3"),
        ({"billing_address": {"phone": ""}}, None),
    ],
)
def test_a_buyers_phone_is_the_accounts_the_orders_or_the_billing_one(
    fields: dict[str, Any], phone: str | None
) -> None:
    assert placed(**{"billing_address": {"phone": "+3"}, **fields}).buyer.phone == phone


def test_a_checkout_has_name_and_phone() -> None:
    found = started(customer=person(first_name="Ada", last_name="Sample", phone="+2"), phone="+1")

    assert found.buyer == Buyer(
        id="61",
        email="ada@shop.example",
        entity=Entity(Kind.PERSON, "61"),
        anonymous=TOKEN,
        name="Ada Sample",
        phone="+1",
    )
    assert started(customer=person(phone="+2")).buyer.phone == "+2"


def test_the_samples_are_of_one_visitor() -> None:
    bought = order_of(sample("orders__create__with_visitor", "orders/create"))
    (cart_saved,) = sample("carts__update__with_visitor", "carts/update").changes

    assert isinstance(cart_saved, CartSaved)
    assert bought.visitor == Visitor(
        tracker_cookie="0f8c6b1e4d7a4c2e9b35a1d20e7f6c48",
        device_id="Vx8kQ2mTzL",
        session_id="r4NpW9sYbC",
        seen_at="2026-11-09T17:00:00.000000000Z",
        segment="A",
        campaign=Campaign(
            origin="bulk", code="2026-11-harvest", at="2026-11-09T17:00:00.000000000Z"
        ),
    )
    attributes = cart_saved.cart.visitor
    assert (attributes.tracker_cookie, attributes.device_id, attributes.session_id) == (
        bought.visitor.tracker_cookie,
        bought.visitor.device_id,
        bought.visitor.session_id,
    )
    assert attributes.campaign == Campaign(
        origin="bulk", code="2026-11-harvest", at="2026-11-09T16:41:12.000000000Z"
    )
    assert bought.cart_token == cart_saved.cart.id


def test_the_repr_of_a_change_hides_the_shopper() -> None:
    found = sample("orders__create__with_visitor", "orders/create")
    (also,) = sample("carts__update__with_visitor", "carts/update").changes
    (third,) = translate("checkouts/update", checkout(note_attributes=[SC], phone="+1")).changes

    shown = repr(found) + repr(also) + repr(third)
    assert isinstance(third, CheckoutStarted)
    for secret in ("0f8c6b1e", "Vx8kQ2mTzL", "r4NpW9sYbC", "harvest", "Sample", "12025550106"):
        assert secret not in shown
    assert "cookie-1" not in shown

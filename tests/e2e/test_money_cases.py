"""
Orders and checkouts of real shops that went wrong, from the webhook's body to what each platform
is sent. The bodies are in `money_cases/`; their data is invented.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.destinations.contract import Destination, KnownState
from shared.model.change import Change
from shared.model.visitor import Visitor
from tests.destinations.personaclick_harness import personaclick
from tests.destinations.sample_shop import NEW, OLD, Profile, datacue
from tests.destinations.tracker_harness import esputnik, yespo
from tests.sources import shop, woo

CASES = Path(__file__).parent / "money_cases"
VISITOR = Visitor(
    tracker_cookie="CDA68358-94FB-4D83-9655-3FEB3C4114A3",
    device_id="D1abc",
    session_id="S1abc",
    seen_at=shop.TRIGGERED,
)
NEW_ORDER = KnownState(visitor=VISITOR)
KNOWN = KnownState(visitor=VISITOR, known=True)
Body = dict[str, Any]


def change_of(case: str, **settings: Any) -> Change | None:
    """Return the main change of a case; None if it is ignored."""
    body = json.loads((CASES / f"{case}.json").read_text())
    topic = case.rsplit("__", 1)[0].replace("__", "/")
    translate = shop.translate if "/" in topic else woo.translate
    changes = translate(topic, body, **settings).changes
    return changes[-1] if changes else None


def sent(to: Destination, case: str, known: KnownState = NEW_ORDER) -> list[Body]:
    """Return the bodies of the calls for a case."""
    change = change_of(case)
    assert change is not None
    bodies = [json.loads(call.body, parse_float=Decimal) for call in to.plan(change, known).calls]
    return [one for one in bodies if one.get("GeneralInfo", {}).get("eventName") != "CustomerData"]


PURCHASES = {
    "yespo": lambda: yespo(max_purchase_age_days=365),
    "esputnik": lambda: esputnik(max_purchase_age_days=365),
    "personaclick": lambda: personaclick(max_purchase_age_days=365, order_status=False),
}


def prices(body: Body) -> list[Decimal]:
    """Return the unit prices of a purchase."""
    if "items" in body:
        return [Decimal(one["price"]) for one in body["items"]]
    return [Decimal(one["unit_price"]) for one in body["PurchasedItems"]["Products"]]


@pytest.mark.parametrize("name", PURCHASES)
@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("orders__create__free_shipping_code", [95]),
        ("orders__create__free_gift_line", [95, 0]),
        ("orders__create__shopper_pays_euro", [95]),
        ("order.created__bundle", [90, 0, 0]),
        ("order.created__discount_as_negative_fee", [80]),
        ("order.created__a_parent", [60, 40]),
        ("order.updated__partly_refunded", [30, 40]),
        ("order.updated__product_deleted_since", [60]),
        ("order.updated__3_processing", [100]),
    ],
)
def test_a_purchase_has_what_was_paid_for_each_item(
    name: str, case: str, expected: list[int]
) -> None:
    [body] = sent(PURCHASES[name](), case)

    assert prices(body) == [Decimal(one) for one in expected]


@pytest.mark.parametrize("name", PURCHASES)
@pytest.mark.parametrize(
    "case", ["order.updated__1_pending", "order.updated__2_failed", "order.created__order_in_yen"]
)
def test_no_purchase_is_sent_before_it_is_paid_or_in_another_currency(name: str, case: str) -> None:
    to, change = PURCHASES[name](), change_of(case)

    assert change is not None
    assert sent(to, case) == []
    assert to.brief(change).event is None


@pytest.mark.parametrize(
    "case", ["order.created__b_sub_order", "order.created__c_sub_order",
             "order.created__payment_only"],
)  # fmt: skip
def test_a_part_of_an_order_is_no_purchase(case: str) -> None:
    assert change_of(case) is None


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_datacue_gets_an_unpaid_order_its_end_and_its_return(profile: Profile) -> None:
    statuses = [
        sent(datacue(profile), f"order.updated__{case}", known)[0]["order_status"]
        for case, known in (("1_pending", NEW_ORDER), ("2_failed", KNOWN), ("3_processing", KNOWN))
    ]

    assert statuses[0] == "completed"
    assert (
        sent(datacue(profile), "order.updated__2_failed", KNOWN)[-1]["order_status"] == "cancelled"
    )
    assert statuses[2] == "completed"


@pytest.mark.parametrize(
    "case", ["order.updated__product_deleted_since", "orders__updated__variant_deleted_since"]
)
@pytest.mark.parametrize("profile", [OLD, NEW])
def test_a_product_that_was_deleted_stays_in_its_orders(profile: Profile, case: str) -> None:
    # A known order keeps its lines: none is sent.
    assert sent(datacue(profile), case, KNOWN) == [{"order_status": "completed"}]
    [created] = sent(datacue(profile), case)
    assert created["cart"]


def test_a_line_of_a_deleted_variant_names_its_product() -> None:
    [created] = sent(datacue(NEW), "orders__updated__variant_deleted_since")

    assert [(one["product_id"], one["variant_id"]) for one in created["cart"]] == [
        ("8000000000001", "45000000000001"),
        ("8000000000002", "no-variants"),
    ]


@pytest.mark.parametrize("address", ["", "deleted@site.invalid"])
@pytest.mark.parametrize("profile", [OLD, NEW])
def test_an_order_without_a_buyer_belongs_to_no_user(profile: Profile, address: str) -> None:
    # An order of wp-admin without an address, and one whose buyer WordPress has erased.
    body = woo.order(customer_id=0, billing=woo.address(email=address))

    [change] = woo.translate("order.updated", body).changes

    [call] = datacue(profile).plan(change, NEW_ORDER).calls
    assert json.loads(call.body)["user_id"] == "no-user"


@pytest.mark.parametrize("status", ["draft", "future", "private", "pending"])
def test_a_product_that_is_not_published_is_not_for_sale(status: str) -> None:
    # Duplicated in wp-admin, or scheduled: the webhook of its publication sends it.
    product = {"id": 12, "type": "simple", "name": "Copy", "status": status, "price": "5.00"}

    [change] = woo.translate("product.created", woo.product(**product)).changes

    for to in (yespo(), esputnik()):
        [call] = to.plan(change, NEW_ORDER).calls
        assert json.loads(call.body)["ProductUpdate"][0]["isInStock"] == "0"
    [call] = datacue().plan(change, NEW_ORDER).calls
    assert json.loads(call.body)["available"] is False


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_datacue_gets_an_order_in_its_own_currency(profile: Profile) -> None:
    [order] = sent(datacue(profile), "order.created__order_in_yen")

    assert [(one["unit_price"], one["currency"]) for one in order["cart"]] == [(15000, "JPY")]


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_a_checkout_is_in_the_shoppers_currency(profile: Profile) -> None:
    [body] = sent(datacue(profile), "checkouts__create__shopper_pays_euro")

    [line] = body["event"]["cart"]
    price = line.get("price", line.get("unit_price"))
    assert (price, line["currency"]) == (Decimal("88.10"), "EUR")


@pytest.mark.parametrize(
    ("case", "field", "expected"),
    [
        ("orders__create__free_shipping_code", "order_delivery", 0),
        ("order.created__discount_as_negative_fee", "order_discount", 20),
        ("order.created__discount_as_negative_fee", "order_price", 84),
    ],
)
def test_the_totals_of_an_order_are_what_was_paid(case: str, field: str, expected: int) -> None:
    [body] = sent(PURCHASES["personaclick"](), case)

    assert body[field] == expected

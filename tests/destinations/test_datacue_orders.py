from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.destinations.contract import KnownState
from shared.errors import NotExpressible
from shared.model.change import OrderRemoved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Status
from shared.model.person import Buyer
from tests.destinations.sample_shop import (
    NEW,
    OLD,
    VERSION,
    Profile,
    datacue,
    known,
    line,
    order_saved,
    planned,
    sent,
    usd,
)

ROW: dict[str, Any] = {
    "order_id": "900",
    "user_id": "7",
    "order_status": "completed",
    "cart": [
        {
            "product_id": "1",
            "variant_id": "11",
            "quantity": 2,
            "unit_price": 24.5,
            "currency": "USD",
        }
    ],
    "timestamp": "2026-11-21T09:00:00Z",
}


def row(**more: Any) -> dict[str, Any]:
    return dict(sent(planned(order_saved(**more)))[0][2])


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_a_new_order_is_created_with_its_status(profile: Profile) -> None:
    assert sent(planned(order_saved(), profile=profile)) == [("POST", "/v1/orders", ROW)]


def test_an_order_first_seen_cancelled_is_created_cancelled() -> None:
    calls = sent(planned(order_saved(status=Status.CANCELLED)))

    assert calls == [("POST", "/v1/orders", ROW | {"order_status": "cancelled"})]


@pytest.mark.parametrize(
    ("status", "counts"), [("completed", ("order_edit_not_expressible",)), ("cancelled", ())]
)
def test_in_2018_only_the_status_of_a_known_order_is_updated(
    status: str, counts: tuple[str, ...]
) -> None:
    plan = planned(order_saved(status=Status(status)), known())

    assert sent(plan) == [("PUT", "/v1/orders/900", {"order_status": status})]
    assert plan.counts == counts


def test_a_new_order_is_not_counted_as_an_edit() -> None:
    assert planned(order_saved()).counts == ()


def test_in_2021_an_edited_order_replaces_the_old_one() -> None:
    plan = planned(order_saved(lines=(line(quantity=1),)), known(), NEW)

    [(method, path, body)] = sent(plan)
    assert (method, path) == ("POST", "/v1/orders")
    assert body["cart"][0]["quantity"] == 1
    assert plan.counts == ()


def test_in_2021_a_known_order_is_cancelled_by_its_status_path() -> None:
    calls = sent(planned(order_saved(status=Status.CANCELLED), known(), NEW))

    assert calls == [
        ("POST", "/v1/orders", ROW | {"order_status": "cancelled"}),
        ("PATCH", "/v1/orders/900/status", {"order_status": "cancelled"}),
    ]


def test_the_state_holds_lines_and_status_whatever_is_sent() -> None:
    whole = planned(order_saved())

    assert planned(order_saved(), known()).state == whole.state
    assert planned(order_saved(lines=()), known()).state != whole.state
    assert planned(order_saved(status=Status.CANCELLED), known()).state != whole.state


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_the_lines_of_a_known_order_are_kept_when_they_cannot_be_named(profile: Profile) -> None:
    whole = order_saved(lines=(line(),))
    less = order_saved(lines=(), complete=False)

    plan = planned(less, known(), profile)

    assert [body for _, _, body in sent(plan)] == [{"order_status": "completed"}]
    assert plan.counts == ()
    # It is no state that the whole order has: that one is sent once it can be named again.
    assert plan.state != planned(whole, known(), profile).state
    assert (
        plan.state
        != planned(order_saved(lines=(), complete=False, status=Status.CANCELLED), known()).state
    )


@pytest.mark.parametrize("status", [Status.PENDING, Status.COMPLETED])
def test_an_order_is_completed_whether_it_is_paid_or_not(status: Status) -> None:
    assert row(status=status)["order_status"] == "completed"


@pytest.mark.parametrize(
    ("buyer", "expected"),
    [
        (Buyer(id="7", email="ada@shop.example"), "7"),
        (Buyer(email=" Bo@Shop.Example"), "bo@shop.example"),
        (Buyer(anonymous="token"), "no-user"),
        (Buyer(id="", email=""), "no-user"),
    ],
)
def test_an_orders_user_is_the_id_or_the_address_or_no_user(buyer: Buyer, expected: str) -> None:
    assert row(buyer=buyer)["user_id"] == expected


def test_a_default_variant_has_the_fixed_id_in_orders_too() -> None:
    assert row(lines=(line(default=True),))["cart"][0]["variant_id"] == "no-variants"


def test_the_unit_price_is_what_was_paid_in_the_currency_of_the_order() -> None:
    # Vendors' modules send the current price in the catalogue, in the shop's currency.
    paid = Money(Decimal("33.335"), "EUR")
    line_sent = row(lines=(line(price=paid, list_price=usd("50")),), currency="EUR")["cart"][0]

    assert (line_sent["unit_price"], line_sent["currency"]) == (33.34, "EUR")


def test_an_order_without_lines_is_an_order_with_an_empty_cart() -> None:
    # One vendor's module sends null instead, and loses two hundred orders.
    assert row(lines=())["cart"] == []


def test_a_line_without_pieces_is_omitted() -> None:
    assert [one["quantity"] for one in row(lines=(line(), line(quantity=0)))["cart"]] == [2]


def test_a_line_without_a_product_is_rejected_with_its_path() -> None:
    with pytest.raises(NotExpressible) as error:
        planned(order_saved(lines=(line(), line(product_id=""))))

    assert error.value.path == "$.cart[1].product_id"


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_an_order_is_deleted_by_a_single_call_because_a_batch_cancels_it(profile: Profile) -> None:
    change = OrderRemoved(entity=Entity(Kind.ORDER, "900"), version=VERSION)

    plan = planned(change, profile=profile)

    assert sent(plan) == [("DELETE", "/v1/orders/900", None)]
    assert plan.state == b"gone"


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_the_first_order_of_a_cart_gives_its_buyer_the_carts_anonymous_id(profile: Profile) -> None:
    bought = order_saved(buyer=Buyer(id="7"), cart_token="token-1")
    joined = datacue(profile, carts="cart-token")

    calls = sent(joined.plan(bought, KnownState()))

    assert [method for method, _, _ in calls] == ["POST", "PUT"]
    assert calls[1][1].endswith("/users/7")
    assert calls[1][2] == {"anonymous_id": "token-1"}
    # A known order, a buyer without a name, and carts that are not sent need none.
    assert all(body != calls[1][2] for _, _, body in sent(joined.plan(bought, known())))
    nobody = order_saved(buyer=Buyer(), cart_token="token-1")
    assert len(sent(joined.plan(nobody, KnownState()))) == 1
    assert len(sent(datacue(profile).plan(bought, KnownState()))) == 1

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from typing import Any

import pytest

from tests.chaos.other_platforms import find_errors, unknown_outcomes
from tests.chaos.shop_model import ABSENT, Kind, OtherPlatform, ShopHistory, Touch, Webhook

CART = "cart:0a"


def webhook(name: str, *touches: Touch, body: Any = None, **more: Any) -> Webhook:
    raw = json.dumps(body).encode()
    return Webhook(id=name, topic="any", body=raw, at="", touches=touches, **more)


@pytest.fixture
def history() -> ShopHistory:
    """Return a product that lost a variant, a deleted one, a customer, an order, and a cart."""
    history = ShopHistory()
    for one in (
        webhook("mug", history.touch("product:1", {"11": "Mug", "12": "Mug"})),
        webhook("cup", history.touch("product:1", {"11": "Cup"})),
        webhook("hat", history.touch("product:2", {"21": "Hat"})),
        webhook("gone", history.touch("product:2", ABSENT)),
        webhook("jo", history.touch("person:7", "Jo")),
        webhook("buy", history.touch("order:8", "completed")),
        webhook(
            "cart",
            Touch(name=CART, index=0),
            body={"line_items": [{"quantity": 3}]},
            kind=Kind.EVENT,
            event=("cart a", "now"),
            version="2026-11-21T00:00:01.000000000Z/b",
        ),
    ):
        history.webhooks[one.id] = one
    return history


STATE: dict[str, Any] = {
    "products": {
        "11": {"isInStock": "1", "name": "Cup"},
        "12": {"isInStock": "0", "name": "Mug"},
        "21": {"isInStock": "0", "name": "Hat"},
    },
    "customers": {"7": {"user_name": "Jo"}},
    "purchases": {"8": [{}]},
    "events": [{"StatusCart": {"Products": [{"quantity": 3}]}}],
}
YESPO = OtherPlatform(state=STATE)


def found(history: ShopHistory, known: OtherPlatform, *excused: str) -> list[str]:
    return list(find_errors(history, {"yespo": known}, frozenset(excused)))


def holding(**changed: Any) -> OtherPlatform:
    return dataclasses.replace(YESPO, state=STATE | changed)


def test_a_tracker_with_the_newest_of_everything_is_good(history: ShopHistory) -> None:
    assert found(history, YESPO) == []


def test_a_deleted_variant_that_is_still_in_stock_is_wrong(history: ShopHistory) -> None:
    rows = STATE["products"] | {"12": {"isInStock": "1", "name": "Mug"}}

    assert found(history, holding(products=rows)) == [
        "yespo: product:1 is not its newest version of 2"
    ]
    assert found(history, holding(products=rows), "product:1") == []


def test_an_older_name_of_a_customer_is_wrong(history: ShopHistory) -> None:
    assert found(history, holding(customers={"7": {"user_name": "Jane"}})) == [
        "yespo: person:7 is not the newest version of 1"
    ]


def test_a_purchase_is_sent_once_plus_once_per_unknown_outcome(history: ShopHistory) -> None:
    twice = holding(purchases={"8": [{}, {}]})

    assert found(history, twice) == ["yespo: order:8 was sent 2 times, 0 outcomes were unknown"]
    assert found(history, dataclasses.replace(twice, unknown=Counter({"order:8": 1}))) == []
    assert found(history, holding(purchases={})) == ["yespo: order:8 was not sent"]


def test_a_cart_is_sent_once_unless_its_outcome_was_unknown(history: ShopHistory) -> None:
    silent = holding(events=[])
    intended = {CART: "2026-11-21T00:00:01.000000000Z/b"}

    assert found(history, holding(events=STATE["events"] * 2)) == [
        "yespo: a cart of 3 was sent 2 times"
    ]
    assert found(history, silent) == [f"yespo: the newest state of {CART} was not sent"]
    assert found(history, dataclasses.replace(silent, intended=intended)) == []


def test_personaclick_has_purchases_and_carts_and_no_products(history: ShopHistory) -> None:
    events = [{"event": "cart", "items": [{"id": "11", "quantity": 3}]}, {"event": "purchase"}]
    known = OtherPlatform(state={"purchases": {"8": [{}]}, "events": events})

    assert list(find_errors(history, {"personaclick": known}, frozenset())) == []


def test_unknown_outcomes_are_counted_by_the_object_of_their_webhook(history: ShopHistory) -> None:
    call = {"event": "call", "id": "buy", "destination": "yespo", "verdict": "Unknown"}
    lines = [
        call,
        call | {"verdict": "Delivered"},
        call | {"destination": "datacue"},
        {"event": "up"},
    ]

    counted = unknown_outcomes("\n".join([*map(json.dumps, lines), '{"event": "ca']), history)

    assert counted["yespo"] == {"order:8": 1}
    assert counted["esputnik"] == {}

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from typing import Any

import pytest

from tests.chaos.other_platforms import unknown_outcomes, find_errors
from tests.chaos.shop_model import ABSENT, OtherPlatform, Kind, ShopHistory, Touch, Webhook

CART = "cart:0a"


def webhook(name: str, *touches: Touch, body: Any = None, **more: Any) -> Webhook:
    raw = json.dumps(body).encode()
    return Webhook(id=name, topic="any", body=raw, at="", touches=touches, **more)


@pytest.fixture
def said() -> ShopHistory:
    """A product that lost a variant, one that is gone, a customer, an order, and a cart."""
    told = ShopHistory()
    for one in (
        webhook("mug", told.touch("product:1", {"11": "Mug", "12": "Mug"})),
        webhook("cup", told.touch("product:1", {"11": "Cup"})),
        webhook("hat", told.touch("product:2", {"21": "Hat"})),
        webhook("gone", told.touch("product:2", ABSENT)),
        webhook("jo", told.touch("person:7", "Jo")),
        webhook("buy", told.touch("order:8", "completed")),
        webhook(
            "cart",
            Touch(name=CART, index=0),
            body={"line_items": [{"quantity": 3}]},
            kind=Kind.EVENT,
            event=("cart a", "now"),
            version="2026-11-21T00:00:01.000000000Z/b",
        ),
    ):
        told.webhooks[one.id] = one
    return told


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


def found(said: ShopHistory, known: OtherPlatform, *excused: str) -> list[str]:
    return list(find_errors(said, {"yespo": known}, frozenset(excused)))


def holding(**changed: Any) -> OtherPlatform:
    return dataclasses.replace(YESPO, state=STATE | changed)


def test_a_tracker_with_the_newest_of_everything_is_good(said: ShopHistory) -> None:
    assert found(said, YESPO) == []


def test_a_variant_that_is_gone_and_still_in_stock_is_wrong(said: ShopHistory) -> None:
    rows = STATE["products"] | {"12": {"isInStock": "1", "name": "Mug"}}

    assert found(said, holding(products=rows)) == [
        "yespo: product:1 is not as its newest version of 2"
    ]
    assert found(said, holding(products=rows), "product:1") == []


def test_an_older_name_of_a_customer_is_wrong(said: ShopHistory) -> None:
    assert found(said, holding(customers={"7": {"user_name": "Jane"}})) == [
        "yespo: person:7 is not as their newest version of 1"
    ]


def test_a_purchase_is_told_once_or_as_often_as_its_outcome_was_unknown(said: ShopHistory) -> None:
    twice = holding(purchases={"8": [{}, {}]})

    assert found(said, twice) == ["yespo: order:8 was bought 2 times, 0 outcomes were unknown"]
    assert found(said, dataclasses.replace(twice, doubts=Counter({"order:8": 1}))) == []
    assert found(said, holding(purchases={})) == ["yespo: order:8 was bought, and nobody was told"]


def test_a_cart_is_told_once_unless_its_outcome_was_unknown(said: ShopHistory) -> None:
    silent = holding(events=[])
    intended = {CART: "2026-11-21T00:00:01.000000000Z/b"}

    assert found(said, holding(events=STATE["events"] * 2)) == [
        "yespo: a cart of 3 was told 2 times"
    ]
    assert found(said, silent) == [f"yespo: the newest state of {CART} was told to nobody"]
    assert found(said, dataclasses.replace(silent, intended=intended)) == []


def test_personaclick_has_purchases_and_carts_and_no_goods(said: ShopHistory) -> None:
    events = [{"event": "cart", "items": [{"id": "11", "quantity": 3}]}, {"event": "purchase"}]
    known = OtherPlatform(state={"purchases": {"8": [{}]}, "events": events})

    assert list(find_errors(said, {"personaclick": known}, frozenset())) == []


def test_unknown_outcomes_are_counted_by_the_thing_of_their_webhook(said: ShopHistory) -> None:
    call = {"event": "call", "id": "buy", "destination": "yespo", "verdict": "Unknown"}
    lines = [
        call,
        call | {"verdict": "Delivered"},
        call | {"destination": "datacue"},
        {"event": "up"},
    ]

    counted = unknown_outcomes("\n".join([*map(json.dumps, lines), '{"event": "ca']), said)

    assert counted["yespo"] == {"order:8": 1}
    assert counted["esputnik"] == {}

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest

from tests.chaos.checker import check
from tests.chaos.evidence import datacue_data
from tests.chaos.shop import SimulatedShop
from tests.chaos.shop_model import ABSENT, Evidence, Kind, ShopHistory, Touch, Webhook

CART = "cart:0a"


def webhook(name: str, *touches: Touch, **more: Any) -> Webhook:
    return Webhook(id=name, topic="products/update", body=b"", at="", touches=touches, **more)


@pytest.fixture
def history() -> ShopHistory:
    """Return a product in two versions, a customer who is redacted with an order, and a cart."""
    history = ShopHistory()
    for one in (
        webhook("mug-1", history.touch("product:1", {"11": "Mug"})),
        webhook("mug-2", history.touch("product:1", {"11": "Cup", "12": "Cup"})),
        webhook("jo", history.touch("person:7", "Jo")),
        webhook("buy", history.touch("order:8", "completed")),
        webhook("forget", history.touch("person:7", ABSENT), history.touch("order:8", ABSENT)),
        webhook(
            "cart",
            Touch(name=CART, index=0),
            kind=Kind.EVENT,
            event=("cart a", "2026-11-21T00:00:01Z"),
            version="2026-11-21T00:00:01.000000000Z/b",
        ),
        webhook("ask", kind=Kind.RECORD),
        webhook("theme", kind=Kind.IGNORED),
    ):
        history.webhooks[one.id] = one
    return history


ANSWERS = {
    "mug-1": ["delivered", "duplicate"],
    "mug-2": ["queued"],
    "jo": ["delivered"],
    "buy": ["queued"],
    "forget": ["delivered"],
    "cart": ["delivered"],
    "ask": ["queued"],
    "theme": ["ignored"],
}
GOOD = Evidence(
    held={"product:1": {"11": "Cup", "12": "Cup"}},
    events={("cart a", "2026-11-21T00:00:01Z"): 1},
    records=frozenset({"ask"}),
)


def test_a_platform_with_the_newest_of_everything_is_good(history: ShopHistory) -> None:
    finding = check(history, ANSWERS, GOOD)

    assert finding.good
    assert finding.fates == {
        "delivered": 4,
        "superseded": 3,
        "duplicate": 1,
        "ignored": 1,
    }


def test_a_product_missing_at_the_platform_is_lost_with_all_its_webhooks(
    history: ShopHistory,
) -> None:
    finding = check(history, ANSWERS, dataclasses.replace(GOOD, held={}))

    assert [one.split()[0] for one in finding.lost] == ["mug-1", "mug-2"]
    assert finding.wrong == ("product:1 is not its newest version of 2: it equals none",)


def test_a_platform_with_the_older_version_lost_the_newer(history: ShopHistory) -> None:
    finding = check(history, ANSWERS, dataclasses.replace(GOOD, held={"product:1": {"11": "Mug"}}))

    assert [one.split()[0] for one in finding.lost] == ["mug-2"]
    assert finding.fates["delivered"] == 4
    assert finding.wrong == (
        "product:1 is not its newest version of 2: the platform has version 1",
    )


def test_an_extra_variant_is_wrong(history: ShopHistory) -> None:
    more = {"11": "Cup", "12": "Cup", "13": "Mug"}

    finding = check(history, ANSWERS, dataclasses.replace(GOOD, held={"product:1": more}))

    assert len(finding.wrong) == 1


def test_a_queued_webhook_is_not_lost_and_a_missing_one_is(history: ShopHistory) -> None:
    old = dataclasses.replace(GOOD, held={"product:1": {"11": "Mug"}})

    waiting = check(history, ANSWERS, dataclasses.replace(old, queued=frozenset({"mug-2"})))
    forgotten = check(history, ANSWERS, old)

    assert waiting.good
    assert waiting.fates["queued"] == 1
    assert forgotten.lost == ("mug-2 products/update (answered queued)",)


def test_a_dead_letter_is_not_lost(history: ShopHistory) -> None:
    old = dataclasses.replace(
        GOOD, held={"product:1": {"11": "Mug"}}, dead={"mug-2": "answered 422"}
    )

    finding = check(history, ANSWERS, old)

    assert finding.good
    assert finding.fates["dead"] == 1


def test_a_person_restored_after_a_redaction_is_wrong(history: ShopHistory) -> None:
    finding = check(
        history, ANSWERS, dataclasses.replace(GOOD, held={**GOOD.held, "person:7": "Jo"})
    )

    assert [one.split()[0] for one in finding.lost] == ["forget"]
    assert finding.wrong == ("person:7 is not its newest version of 2: the platform has version 1",)


def test_a_cart_that_was_sent_twice_is_wrong(history: ShopHistory) -> None:
    finding = check(
        history, ANSWERS, dataclasses.replace(GOOD, events=dict.fromkeys(GOOD.events, 2))
    )

    assert finding.wrong == ("cart a was sent 2 times",)


def test_a_cart_that_was_not_sent_is_lost_unless_it_was_intended(history: ShopHistory) -> None:
    silent = dataclasses.replace(GOOD, events={})
    intended = dataclasses.replace(silent, intended={CART: "2026-11-21T00:00:01.000000000Z/b"})
    later = dataclasses.replace(silent, intended={CART: "2026-11-21T00:00:02.000000000Z/b"})

    assert check(history, ANSWERS, silent).lost == ("cart products/update (answered delivered)",)
    assert check(history, ANSWERS, intended).fates["intended, outcome unknown"] == 1
    assert check(history, ANSWERS, later).fates["superseded"] == 4


def test_a_data_request_without_a_record_is_lost(history: ShopHistory) -> None:
    finding = check(history, ANSWERS, dataclasses.replace(GOOD, records=frozenset()))

    assert finding.lost == ("ask products/update (answered queued)",)


def test_an_ignored_topic_with_another_outcome_is_lost(history: ShopHistory) -> None:
    finding = check(history, {**ANSWERS, "theme": ["delivered"]}, GOOD)

    assert finding.lost == ("theme products/update (answered delivered)",)


def test_a_webhook_that_never_got_a_2xx_is_reported(history: ShopHistory) -> None:
    answers = {name: statuses for name, statuses in ANSWERS.items() if name != "jo"}

    finding = check(history, answers, GOOD)

    assert (finding.unacknowledged, finding.good) == (("jo",), False)


def test_a_call_that_violated_a_rule_of_the_platform_is_wrong(history: ShopHistory) -> None:
    assert not check(history, ANSWERS, dataclasses.replace(GOOD, violations=("unknown path",))).good


def test_datacues_state_is_returned_by_the_names_of_the_shop() -> None:
    platform = {
        "products": {"1": {"11": {"name": "Mug"}}, "2": {}},
        "users": {"7": {"first_name": "Jo"}, "a@shop.example": {"first_name": "a"}},
        "orders": {"8": {"order_status": "completed"}},
    }

    assert datacue_data(platform) == {
        "product:1": {"11": "Mug"},
        "person:7": "Jo",
        "guest:a@shop.example": "a@shop.example",
        "order:8": "completed",
    }


def test_a_shop_with_the_same_seed_sends_the_same_webhooks() -> None:
    first, second = (SimulatedShop(random.Random("seed")).next_webhooks(300) for _ in range(2))

    assert first == second
    assert {one.topic for one in first} >= {
        "products/create", "products/update", "products/delete", "customers/update",
        "customers/delete", "customers/redact", "customers/data_request", "orders/updated",
        "orders/delete", "carts/update", "checkouts/create", "themes/update",
    }  # fmt: skip


def test_every_version_of_an_object_is_newer_than_the_one_before() -> None:
    shop = SimulatedShop(random.Random("seed"))
    webhooks = shop.next_webhooks(300)

    times: dict[str, list[str]] = {}
    for one in webhooks:
        for touch in one.touches:
            times.setdefault(touch.name, []).append(one.at)
    assert [name for name, at in times.items() if at != sorted(set(at))] == []

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest

from tests.chaos.checker import check
from tests.chaos.evidence import datacue_data
from tests.chaos.shop_model import ABSENT, Evidence, Kind, ShopHistory, Touch, Webhook
from tests.chaos.shop import SimulatedShop

CART = "cart:0a"


def webhook(name: str, *touches: Touch, **more: Any) -> Webhook:
    return Webhook(id=name, topic="products/update", body=b"", at="", touches=touches, **more)


@pytest.fixture
def said() -> ShopHistory:
    """A product in two versions, a customer who is redacted with an order, and a cart."""
    told = ShopHistory()
    for one in (
        webhook("mug-1", told.touch("product:1", {"11": "Mug"})),
        webhook("mug-2", told.touch("product:1", {"11": "Cup", "12": "Cup"})),
        webhook("jo", told.touch("person:7", "Jo")),
        webhook("buy", told.touch("order:8", "completed")),
        webhook("forget", told.touch("person:7", ABSENT), told.touch("order:8", ABSENT)),
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
        told.webhooks[one.id] = one
    return told


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


def test_a_platform_with_the_newest_of_everything_is_good(said: ShopHistory) -> None:
    finding = check(said, ANSWERS, GOOD)

    assert finding.good
    assert finding.fates == {
        "delivered": 4,
        "superseded": 3,
        "duplicate": 1,
        "ignored": 1,
    }


def test_a_product_that_the_platform_has_not_is_lost_with_all_its_webhooks(said: ShopHistory) -> None:
    finding = check(said, ANSWERS, dataclasses.replace(GOOD, held={}))

    assert [one.split()[0] for one in finding.lost] == ["mug-1", "mug-2"]
    assert finding.wrong == ("product:1 is not as its newest version of 2: it looks like none",)


def test_a_platform_that_kept_the_older_version_lost_the_newer(said: ShopHistory) -> None:
    finding = check(said, ANSWERS, dataclasses.replace(GOOD, held={"product:1": {"11": "Mug"}}))

    assert [one.split()[0] for one in finding.lost] == ["mug-2"]
    assert finding.fates["delivered"] == 4
    assert finding.wrong == (
        "product:1 is not as its newest version of 2: the platform holds version 1",
    )


def test_a_variant_too_many_is_wrong(said: ShopHistory) -> None:
    more = {"11": "Cup", "12": "Cup", "13": "Mug"}

    finding = check(said, ANSWERS, dataclasses.replace(GOOD, held={"product:1": more}))

    assert len(finding.wrong) == 1


def test_what_waits_is_not_lost_and_once_it_is_forgotten_it_is(said: ShopHistory) -> None:
    old = dataclasses.replace(GOOD, held={"product:1": {"11": "Mug"}})

    waiting = check(said, ANSWERS, dataclasses.replace(old, queued=frozenset({"mug-2"})))
    forgotten = check(said, ANSWERS, old)

    assert waiting.good
    assert waiting.fates["queued"] == 1
    assert forgotten.lost == ("mug-2 products/update (answered queued)",)


def test_a_dead_letter_is_not_lost(said: ShopHistory) -> None:
    old = dataclasses.replace(
        GOOD, held={"product:1": {"11": "Mug"}}, dead={"mug-2": "answered 422"}
    )

    finding = check(said, ANSWERS, old)

    assert finding.good
    assert finding.fates["dead"] == 1


def test_somebody_who_is_back_after_a_redaction_is_wrong(said: ShopHistory) -> None:
    finding = check(said, ANSWERS, dataclasses.replace(GOOD, held={**GOOD.held, "person:7": "Jo"}))

    assert [one.split()[0] for one in finding.lost] == ["forget"]
    assert finding.wrong == (
        "person:7 is not as its newest version of 2: the platform holds version 1",
    )


def test_a_cart_that_was_told_twice_is_wrong(said: ShopHistory) -> None:
    finding = check(said, ANSWERS, dataclasses.replace(GOOD, events=dict.fromkeys(GOOD.events, 2)))

    assert finding.wrong == ("cart a was told 2 times",)


def test_a_cart_that_was_not_told_is_lost_unless_it_was_intended(said: ShopHistory) -> None:
    silent = dataclasses.replace(GOOD, events={})
    intended = dataclasses.replace(silent, intended={CART: "2026-11-21T00:00:01.000000000Z/b"})
    later = dataclasses.replace(silent, intended={CART: "2026-11-21T00:00:02.000000000Z/b"})

    assert check(said, ANSWERS, silent).lost == ("cart products/update (answered delivered)",)
    assert check(said, ANSWERS, intended).fates["intended, outcome unknown"] == 1
    assert check(said, ANSWERS, later).fates["superseded"] == 4


def test_a_data_request_without_a_record_is_lost(said: ShopHistory) -> None:
    finding = check(said, ANSWERS, dataclasses.replace(GOOD, records=frozenset()))

    assert finding.lost == ("ask products/update (answered queued)",)


def test_what_must_be_ignored_and_was_taken_for_something_is_lost(said: ShopHistory) -> None:
    finding = check(said, {**ANSWERS, "theme": ["delivered"]}, GOOD)

    assert finding.lost == ("theme products/update (answered delivered)",)


def test_a_webhook_that_never_got_its_2xx_is_told(said: ShopHistory) -> None:
    answers = {name: told for name, told in ANSWERS.items() if name != "jo"}

    finding = check(said, answers, GOOD)

    assert (finding.untaken, finding.good) == (("jo",), False)


def test_a_call_that_broke_a_rule_of_the_platform_is_wrong(said: ShopHistory) -> None:
    assert not check(said, ANSWERS, dataclasses.replace(GOOD, violations=("unknown path",))).good


def test_what_datacue_holds_is_told_in_the_words_of_the_shop() -> None:
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


def test_a_shop_of_one_seed_says_the_same_again() -> None:
    first, second = (SimulatedShop(random.Random("seed")).wave(300) for _ in range(2))

    assert first == second
    assert {one.topic for one in first} >= {
        "products/create", "products/update", "products/delete", "customers/update",
        "customers/delete", "customers/redact", "customers/data_request", "orders/updated",
        "orders/delete", "carts/update", "checkouts/create", "themes/update",
    }  # fmt: skip


def test_every_version_of_a_thing_is_younger_than_the_one_before() -> None:
    shop = SimulatedShop(random.Random("seed"))
    webhooks = shop.wave(300)

    times: dict[str, list[str]] = {}
    for one in webhooks:
        for touch in one.touches:
            times.setdefault(touch.name, []).append(one.at)
    assert [name for name, at in times.items() if at != sorted(set(at))] == []

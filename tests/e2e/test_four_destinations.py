"""
One webhook and four platforms, of which one is down, one is slow and one rejects: each gets exactly
what it should, as soon as it accepts it.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
import requests

from cli.local.aws import BUCKET, TABLE
from shared.http import circuit_breaker
from shared.queue.dead_letter import DeadLetter, DeadLetterFilter
from shared.queue.dead_letters import DeadLetters
from shared.queue.replay import Replay
from shared.wiring import app
from tests.e2e.conftest import StackHarness, running_stack, until
from tests.e2e.shop import SHOP, Reply, customer, merchant, order, product, triggered

SECTIONS = """
[yespo]
site_id = "8A412DC"

[esputnik]
site_id = "8A412DC"
degraded_sc = false

[personaclick]
shop_id = "0d42fd8b713d0752776ca589cc0056"
"""
DATACUE, DOWN, REFUSES, SLOW = "datacue", "yespo", "esputnik", "personaclick"
FOUR = (DATACUE, DOWN, REFUSES, SLOW)
# Longer than the receiver's deadline, shorter than the worker's.
DELAY = 6
# Ids that PersonaClick's script issued to a browser before (see cli/local/start_sandbox.py).
VISITOR = {"_shoprelay_sc": "3f9c", "_shoprelay_did": "Vx8kQ2mTzL", "_shoprelay_seance": "r4Np"}
WRITTEN = [{"name": name, "value": value} for name, value in VISITOR.items()]
JO = customer(7)


def cart(token: str, second: int, written: Mapping[str, str] = VISITOR) -> dict[str, Any]:
    """Return a cart of one line, with the storefront's visitor ids in its properties."""
    line = {
        "product_id": 1,
        "variant_id": 11,
        "quantity": 2,
        "price": "19.99",
        "line_price": "39.98",
        "properties": dict(written),
    }
    at = f"2026-11-21T08:00:{second:02d}.000Z"
    return {"id": token, "token": token, "updated_at": at, "line_items": [line]}


@pytest.fixture(scope="module")
def four() -> Iterator[StackHarness]:
    text = merchant(carts="cart-token", unsure=1)
    text = text.replace('["datacue"]', json.dumps(FOUR)) + SECTIONS
    with pytest.MonkeyPatch.context() as patched:
        # The circuit breaker of a platform that is down stays open for ten seconds.
        patched.setattr(circuit_breaker, "PROBE_EVERY", 0.5)
        # moto's long poll of an empty queue takes a second
        patched.setitem(DeadLetters.__init__.__kwdefaults__ or {}, "wait", 0)
        with running_stack(text) as one:
            yield one


def states(four: StackHarness) -> dict[str, Any]:
    return {name: four.stack.control.state(name) for name in FOUR}


def call_counts(four: StackHarness) -> Counter[str]:
    return Counter(call["platform"] for call in four.calls())


def clear_faults_of(four: StackHarness, platform: str) -> None:
    faults = f"{four.stack.sandbox}/_sandbox/faults"
    for fault in requests.get(faults, timeout=10).json():
        if fault["platform"] == platform:
            requests.delete(f"{faults}/{fault['id']}", timeout=10)


def find_dead_letters() -> list[DeadLetter]:
    found: list[DeadLetter] = []
    app().dead_letters().find(
        DeadLetterFilter(), lambda dead_letter, _fate: found.append(dead_letter)
    )
    return found


def replay_all() -> int:
    return app().dead_letters().replay(DeadLetterFilter(), Replay(dry=False)).done


def send_webhooks(four: StackHarness) -> list[Reply]:
    """Send a product; then an order and a cart of it at the same time."""
    bought = order(31, customer=JO, email=JO["email"], note_attributes=WRITTEN, cart_token="bought")
    made = four.shop.send("products/create", product(1), at=triggered(21))
    webhooks: list[tuple[str, Any, str]] = [
        ("orders/create", bought, triggered(20)),
        ("carts/update", cart("filled", 22), triggered(22)),
    ]
    with ThreadPoolExecutor(len(webhooks)) as pool:
        first, last = pool.map(lambda one: four.shop.send(*one[:2], at=one[2]), webhooks)
    return [first, made, last]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """Responses, states, calls and dead letters when the shop had its responses, and at the end."""

    replies: list[Reply]
    states: dict[str, Any]
    call_counts: Counter[str]
    dead: list[tuple[str, str, str, int | None]]
    replay_all: int
    final_states: dict[str, Any]
    final_call_counts: Counter[str]
    final_dead: int
    unknown_purchases: int


class UnknownPurchases(logging.Handler):
    """A handler that counts the purchases at the slow platform with an unknown outcome."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        attributes = [getattr(record, name, None) for name in ("destination", "call", "verdict")]
        self.count += attributes == [SLOW, "POST push purchase", "Unknown"]


@pytest.fixture(scope="module")
def unknown_purchases() -> Iterator[UnknownPurchases]:
    handler = UnknownPurchases()
    logging.getLogger("shoprelay").addHandler(handler)
    yield handler
    logging.getLogger("shoprelay").removeHandler(handler)


@pytest.fixture(scope="module")
def result(four: StackHarness, unknown_purchases: UnknownPurchases) -> RunResult:
    """Run with one platform down, one rejecting and one slow; then clear their faults in turn."""
    four.fault(platform=SLOW, delay=DELAY, apply="after")
    four.fault(platform=DOWN, status=503)
    four.fault(platform=REFUSES, status=422)
    replies = send_webhooks(four)
    # On a busy machine the receiver may park a webhook.
    assert until(lambda: has_all(states(four)[DATACUE]) and four.dead() == 3)
    first, calls = states(four), call_counts(four)
    dead = sorted(
        (one.topic, one.destination, one.reason, one.status) for one in find_dead_letters()
    )
    # It is retried repeatedly.
    assert until(lambda: call_counts(four)[DOWN] > calls[DOWN] + 2)
    assert states(four)[DOWN]["applied"] == 0
    clear_faults_of(four, DOWN)
    clear_faults_of(four, REFUSES)
    assert four.settled()
    again = replay_all()
    assert four.settled()
    # A call that the receiver timed out is still applied.
    assert until(lambda: len(states(four)[SLOW]["events"]) == 2 + unknown_purchases.count)
    four.clear_faults()
    return RunResult(
        replies=replies,
        states=first,
        call_counts=calls,
        dead=dead,
        replay_all=again,
        final_states=states(four),
        final_call_counts=call_counts(four),
        final_dead=four.dead(),
        unknown_purchases=unknown_purchases.count,
    )


def has_all(datacue: Any) -> bool:
    return all(len(datacue[kind]) == 1 for kind in ("orders", "products", "events"))


def test_neither_the_shop_nor_the_healthy_platform_waits_for_the_slow_one(
    result: RunResult,
) -> None:
    assert [reply.code for reply in result.replies] == [200, 200, 200]
    assert result.states[SLOW]["events"] == []
    assert has_all(result.states[DATACUE])


def test_nothing_is_repeated_at_the_healthy_platform(result: RunResult) -> None:
    assert result.final_states[DATACUE] == result.states[DATACUE]
    # A product, a cart, an order, and the user who gets the cart of the order.
    assert (result.call_counts[DATACUE], result.final_call_counts[DATACUE]) == (4, 4)


def test_a_platform_that_was_down_gets_everything_once(result: RunResult) -> None:
    assert result.states[DOWN]["applied"] == 0
    assert everything_once(result.final_states[DOWN])


def test_rejected_changes_are_dead_letters_with_a_reason_and_can_be_replayed(
    result: RunResult,
) -> None:
    assert result.dead == [
        ("carts/update", REFUSES, "answered 422", 422),
        ("orders/create", REFUSES, "answered 422", 422),
        ("products/create", REFUSES, "answered 422", 422),
    ]
    assert result.states[REFUSES]["applied"] == 0
    assert (result.replay_all, result.final_dead) == (3, 0)
    assert everything_once(result.final_states[REFUSES])
    assert result.final_call_counts[REFUSES] - result.call_counts[REFUSES] == 4


def test_a_slow_platform_gets_a_purchase_again_per_unknown_outcome_and_a_cart_once(
    result: RunResult,
) -> None:
    slow = result.final_states[SLOW]

    assert Counter(one["event"] for one in slow["events"]) == {
        "cart": 1,
        "purchase": 1 + result.unknown_purchases,
    }
    assert {one["did"] for one in slow["events"]} == {"Vx8kQ2mTzL"}
    # It was not queried for ids: the storefront had written them.
    assert (result.final_call_counts[SLOW], slow["made"]) == (2 + result.unknown_purchases, 0)


def everything_once(tracker: Any) -> bool:
    """Return whether a tracker has product, customer, purchase and cart, each once."""
    return (
        sorted(tracker["products"]) == ["11", "12"]
        and tracker["customers"]["7"]["sc"] == "3f9c"
        and {number: len(times) for number, times in tracker["purchases"].items()} == {"31": 1}
        and list(tracker["carts"]) == ["3f9c"]
        and tracker["applied"] == 4
    )


def test_an_order_without_visitor_is_replayed_after_the_storefront_sends_the_visitor(
    four: StackHarness, result: RunResult
) -> None:
    before = result.final_states
    bought = order(32, customer=customer(8), email=customer(8)["email"], cart_token="late")

    reply = four.shop.send("orders/create", bought, at=triggered(30))

    assert reply.status == "dead_letter"
    assert [(one.destination, one.reason, one.path) for one in find_dead_letters()] == [
        ("esputnik", "no visitor", "$.GeneralInfo.cookies.sc")
    ]
    now = states(four)
    # For Yespo we generate the cookie, PersonaClick issues the device, and DataCue needs neither.
    assert "32" in now["yespo"]["purchases"]
    assert now["personaclick"]["made"] == before["personaclick"]["made"] + 1
    assert "32" in now["personaclick"]["purchases"]
    assert "32" in now["datacue"]["orders"]

    late = {"_shoprelay_sc": "77aa"}
    assert four.shop.send("carts/update", cart("late", 31, late), at=triggered(31)).code == 200
    calls = call_counts(four)
    assert replay_all() == 1
    assert four.settled()

    after = states(four)["esputnik"]
    [purchase] = after["purchases"]["32"]
    assert purchase["GeneralInfo"]["cookies"] == {"sc": "77aa"}
    assert purchase["PurchasedItems"]["GUID"] == after["carts"]["77aa"]["GUID"]
    assert four.dead() == 0
    others = {name: n for name, n in call_counts(four).items() if name != "esputnik"}
    assert others == {name: n for name, n in calls.items() if name != "esputnik"}


def test_a_redaction_raises_an_alarm_for_platforms_without_an_erasing_call(
    four: StackHarness, caplog: pytest.LogCaptureFixture
) -> None:
    jo, written = customer(9), [{"name": "_shoprelay_sc", "value": "sc-of-nine"}]
    bought = order(33, customer=jo, email=jo["email"], note_attributes=written)
    four.shop.send("customers/create", jo, at=triggered(40))
    four.shop.send("orders/create", bought, at=triggered(41))
    assert four.settled()
    assert "sc-of-nine" in stored_text()
    assert "9" in states(four)["datacue"]["users"]
    whom = {"id": 9, "email": jo["email"], "phone": None}
    redaction = {"shop_domain": SHOP, "customer": whom, "orders_to_redact": [33]}

    reply = four.shop.send("customers/redact", redaction, at=triggered(100), delivery="redact")

    assert reply.code == 200
    assert until(lambda: "privacy/redact.json" in stored_text())
    assert four.settled()
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key="privacy/redact.json")["Body"].read()
    by_hand = ["esputnik", "personaclick", "yespo"]
    assert sorted(json.loads(body)["erase_by_hand"]) == by_hand
    alarms = [one for one in caplog.records if getattr(one, "alarm", "") == "EraseByHand"]
    assert sorted({getattr(one, "destination", "") for one in alarms}) == by_hand
    assert "9" not in states(four)["datacue"]["users"]
    assert "33" not in states(four)["datacue"]["orders"]
    assert "sc-of-nine" not in stored_text()
    assert (four.dead(), four.violations()) == (0, [])


def stored_text() -> str:
    """Return the contents of our own stores, with objects by their names."""
    rows = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    names = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return json.dumps([rows, names], default=str)

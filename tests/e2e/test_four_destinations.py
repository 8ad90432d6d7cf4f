"""
One webhook and four platforms, of which one is down, one slow and one refuses: each gets exactly
what it should, when it can.
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
from tests.e2e.conftest import StackHarness, until, running_stack
from tests.e2e.shop import SHOP, Reply, customer, merchant, order, product, triggered

SECTIONS = """
[yespo]
site_id = "8A412DC"

[esputnik]
site_id = "8A412DC"

[personaclick]
shop_id = "0d42fd8b713d0752776ca589cc0056"
"""
DATACUE, DOWN, REFUSES, SLOW = "datacue", "yespo", "esputnik", "personaclick"
FOUR = (DATACUE, DOWN, REFUSES, SLOW)
# Longer than the door's patience, shorter than the queue's.
DELAY = 6
# What PersonaClick's script gave a browser before (see cli/local/start_sandbox.py).
VISITOR = {"_shoprelay_sc": "3f9c", "_shoprelay_did": "Vx8kQ2mTzL", "_shoprelay_seance": "r4Np"}
WRITTEN = [{"name": name, "value": value} for name, value in VISITOR.items()]
JO = customer(7)


def cart(token: str, second: int, written: Mapping[str, str] = VISITOR) -> dict[str, Any]:
    """One line, into which the storefront has written who the shopper is."""
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
        # A platform that is down is left alone for ten seconds.
        patched.setattr(circuit_breaker, "PROBE_EVERY", 0.5)
        # moto's long poll of an empty queue takes its second
        patched.setitem(DeadLetters.__init__.__kwdefaults__ or {}, "wait", 0)
        with running_stack(text) as one:
            yield one


def held(four: StackHarness) -> dict[str, Any]:
    return {name: four.stack.control.state(name) for name in FOUR}


def called(four: StackHarness) -> Counter[str]:
    return Counter(call["platform"] for call in four.calls())


def mended(four: StackHarness, platform: str) -> None:
    faults = f"{four.stack.sandbox}/_sandbox/faults"
    for fault in requests.get(faults, timeout=10).json():
        if fault["platform"] == platform:
            requests.delete(f"{faults}/{fault['id']}", timeout=10)


def letters() -> list[DeadLetter]:
    found: list[DeadLetter] = []
    app().dead_letters().find(DeadLetterFilter(), lambda letter, _fate: found.append(letter))
    return found


def replayed() -> int:
    return app().dead_letters().replay(DeadLetterFilter(), Replay(dry=False)).done


def sent(four: StackHarness) -> list[Reply]:
    """Let a customer buy, and a product and a cart change, all at one time."""
    bought = order(31, customer=JO, email=JO["email"], note_attributes=WRITTEN, cart_token="bought")
    told: list[tuple[str, Any, str]] = [
        ("orders/create", bought, triggered(20)),
        ("products/create", product(1), triggered(21)),
        ("carts/update", cart("filled", 22), triggered(22)),
    ]
    with ThreadPoolExecutor(len(told)) as pool:
        return list(pool.map(lambda one: four.shop.send(*one[:2], at=one[2]), told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What was answered, held, called and dead when the shop had its answers, and in the end."""

    replies: list[Reply]
    held: dict[str, Any]
    called: Counter[str]
    dead: list[tuple[str, str, str, int | None]]
    replayed: int
    held_at_last: dict[str, Any]
    called_at_last: Counter[str]
    dead_at_last: int
    doubts: int


class Doubts(logging.Handler):
    """Counts the purchases at the slow platform whose outcome stayed unknown."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        told = [getattr(record, name, None) for name in ("destination", "call", "verdict")]
        self.count += told == [SLOW, "POST push purchase", "Unknown"]


@pytest.fixture(scope="module")
def doubts() -> Iterator[Doubts]:
    handler = Doubts()
    logging.getLogger("shoprelay").addHandler(handler)
    yield handler
    logging.getLogger("shoprelay").removeHandler(handler)


@pytest.fixture(scope="module")
def night(four: StackHarness, doubts: Doubts) -> Night:
    """Let one platform be down, one refuse and one be slow; then mend them one after another."""
    four.fault(platform=SLOW, delay=DELAY, apply="after")
    four.fault(platform=DOWN, status=503)
    four.fault(platform=REFUSES, status=422)
    replies = sent(four)
    # On a busy machine the door may leave something to the queue.
    assert until(lambda: has_all(held(four)[DATACUE]) and four.dead() == 3)
    first, calls = held(four), called(four)
    dead = sorted((one.topic, one.destination, one.reason, one.status) for one in letters())
    # It is tried again, and again.
    assert until(lambda: called(four)[DOWN] > calls[DOWN] + 2)
    assert held(four)[DOWN]["applied"] == 0
    mended(four, DOWN)
    mended(four, REFUSES)
    assert four.settled()
    again = replayed()
    assert four.settled()
    # A call of which the door gave up hope is applied all the same.
    assert until(lambda: len(held(four)[SLOW]["events"]) == 2 + doubts.count)
    four.clear_faults()
    return Night(
        replies=replies,
        held=first,
        called=calls,
        dead=dead,
        replayed=again,
        held_at_last=held(four),
        called_at_last=called(four),
        dead_at_last=four.dead(),
        doubts=doubts.count,
    )


def has_all(datacue: Any) -> bool:
    return all(len(datacue[kind]) == 1 for kind in ("orders", "products", "events"))


def test_neither_the_shop_nor_the_platform_that_is_well_waits_for_the_slow_one(
    night: Night,
) -> None:
    assert [reply.code for reply in night.replies] == [200, 200, 200]
    assert night.held[SLOW]["events"] == []
    assert has_all(night.held[DATACUE])


def test_nothing_is_repeated_at_the_platform_that_is_well(night: Night) -> None:
    assert night.held_at_last[DATACUE] == night.held[DATACUE]
    assert (night.called[DATACUE], night.called_at_last[DATACUE]) == (3, 3)


def test_a_platform_that_was_down_has_everything_once_when_it_is_back(night: Night) -> None:
    assert night.held[DOWN]["applied"] == 0
    assert everything_once(night.held_at_last[DOWN])


def test_what_a_platform_refused_is_dead_with_its_reason_and_replayed_once_it_is_mended(
    night: Night,
) -> None:
    assert night.dead == [
        ("carts/update", REFUSES, "answered 422", 422),
        ("orders/create", REFUSES, "answered 422", 422),
        ("products/create", REFUSES, "answered 422", 422),
    ]
    assert night.held[REFUSES]["applied"] == 0
    assert (night.replayed, night.dead_at_last) == (3, 0)
    assert everything_once(night.held_at_last[REFUSES])
    assert night.called_at_last[REFUSES] - night.called[REFUSES] == 4


def test_a_slow_platform_is_told_a_purchase_as_often_as_its_outcome_was_unknown_and_a_cart_once(
    night: Night,
) -> None:
    slow = night.held_at_last[SLOW]

    assert Counter(one["event"] for one in slow["events"]) == {
        "cart": 1,
        "purchase": 1 + night.doubts,
    }
    assert {one["did"] for one in slow["events"]} == {"Vx8kQ2mTzL"}
    # It was not asked who the shopper is: the storefront had written it.
    assert (night.called_at_last[SLOW], slow["made"]) == (2 + night.doubts, 0)


def everything_once(tracker: Any) -> bool:
    """Tell whether a tracker has product, customer, purchase and cart, each once."""
    return (
        sorted(tracker["products"]) == ["11", "12"]
        and tracker["customers"]["7"]["sc"] == "3f9c"
        and {number: len(times) for number, times in tracker["purchases"].items()} == {"31": 1}
        and list(tracker["carts"]) == ["3f9c"]
        and tracker["applied"] == 4
    )


def test_an_order_of_nobody_known_is_healed_once_the_storefront_has_told_who_it_was(
    four: StackHarness, night: Night
) -> None:
    before = night.held_at_last
    bought = order(32, customer=customer(8), email=customer(8)["email"], cart_token="late")

    reply = four.shop.send("orders/create", bought, at=triggered(30))

    assert reply.status == "dead_letter"
    assert [(one.destination, one.reason, one.path) for one in letters()] == [
        ("esputnik", "no visitor", "$.GeneralInfo.cookies.sc")
    ]
    now = held(four)
    # Yespo lets us make the cookie, PersonaClick makes the device, and DataCue asks for neither.
    assert "32" in now["yespo"]["purchases"]
    assert now["personaclick"]["made"] == before["personaclick"]["made"] + 1
    assert "32" in now["personaclick"]["purchases"]
    assert "32" in now["datacue"]["orders"]

    late = {"_shoprelay_sc": "77aa"}
    assert four.shop.send("carts/update", cart("late", 31, late), at=triggered(31)).code == 200
    calls = called(four)
    assert replayed() == 1
    assert four.settled()

    healed = held(four)["esputnik"]
    [purchase] = healed["purchases"]["32"]
    assert purchase["GeneralInfo"]["cookies"] == {"sc": "77aa"}
    assert purchase["PurchasedItems"]["GUID"] == healed["carts"]["77aa"]["GUID"]
    assert four.dead() == 0
    others = {name: n for name, n in called(four).items() if name != "esputnik"}
    assert others == {name: n for name, n in calls.items() if name != "esputnik"}


def test_a_redaction_asks_a_person_to_erase_where_no_call_does(
    four: StackHarness, caplog: pytest.LogCaptureFixture
) -> None:
    jo, written = customer(9), [{"name": "_shoprelay_sc", "value": "sc-of-nine"}]
    bought = order(33, customer=jo, email=jo["email"], note_attributes=written)
    four.shop.send("customers/create", jo, at=triggered(40))
    four.shop.send("orders/create", bought, at=triggered(41))
    assert four.settled()
    assert "sc-of-nine" in stored()
    assert "9" in held(four)["datacue"]["users"]
    whom = {"id": 9, "email": jo["email"], "phone": None}
    asked = {"shop_domain": SHOP, "customer": whom, "orders_to_redact": [33]}

    reply = four.shop.send("customers/redact", asked, at=triggered(100), delivery="redact")

    assert reply.code == 200
    assert until(lambda: "privacy/redact.json" in stored())
    assert four.settled()
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key="privacy/redact.json")["Body"].read()
    by_hand = ["esputnik", "personaclick", "yespo"]
    assert sorted(json.loads(body)["erase_by_hand"]) == by_hand
    alarms = [one for one in caplog.records if getattr(one, "alarm", "") == "EraseByHand"]
    assert sorted({getattr(one, "destination", "") for one in alarms}) == by_hand
    assert "9" not in held(four)["datacue"]["users"]
    assert "33" not in held(four)["datacue"]["orders"]
    assert "sc-of-nine" not in stored()
    assert (four.dead(), four.violations()) == (0, [])


def stored() -> str:
    """Give all that our own stores hold, objects by their names."""
    rows = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    names = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return json.dumps([rows, names], default=str)

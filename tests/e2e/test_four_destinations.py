"""
One webhook and four platforms, of which one is down, one slow and one refuses: each gets exactly
what it should, when it can.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
import requests

from shared.bootstrap import app
from shared.delivery import breaker
from shared.delivery.deadletters import DeadLetters
from shared.delivery.letter import Choice, Letter
from shared.delivery.replay import Replay
from tests.e2e.conftest import World, until, world
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
# What PersonaClick's script gave a browser before (see cli/local/played.py).
VISITOR = {"_shoprelay_sc": "3f9c", "_shoprelay_did": "Vx8kQ2mTzL", "_shoprelay_seance": "r4Np"}
WRITTEN = [{"name": name, "value": value} for name, value in VISITOR.items()]
JO = customer(7)


def cart(token: str, second: int) -> dict[str, Any]:
    """One line, into which the storefront has written who the shopper is."""
    line = {
        "product_id": 1,
        "variant_id": 11,
        "quantity": 2,
        "price": "19.99",
        "line_price": "39.98",
        "properties": VISITOR,
    }
    at = f"2026-11-21T08:00:{second:02d}.000Z"
    return {"id": token, "token": token, "updated_at": at, "line_items": [line]}


@pytest.fixture(scope="module")
def four() -> Iterator[World]:
    text = merchant(carts="cart-token", unsure=1)
    text = text.replace('["datacue"]', json.dumps(FOUR)) + SECTIONS
    with pytest.MonkeyPatch.context() as patched:
        # A platform that is down is left alone for ten seconds.
        patched.setattr(breaker, "PROBE_EVERY", 0.5)
        # moto's long poll of an empty queue takes its second
        patched.setitem(DeadLetters.__init__.__kwdefaults__ or {}, "wait", 0)
        with world(text) as one:
            yield one


def held(four: World) -> dict[str, Any]:
    return {name: four.stack.control.state(name) for name in FOUR}


def called(four: World) -> Counter[str]:
    return Counter(call["platform"] for call in four.calls())


def mended(four: World, platform: str) -> None:
    faults = f"{four.stack.sandbox}/_sandbox/faults"
    for fault in requests.get(faults, timeout=10).json():
        if fault["platform"] == platform:
            requests.delete(f"{faults}/{fault['id']}", timeout=10)


def letters() -> list[Letter]:
    found: list[Letter] = []
    app().dead_letters().find(Choice(), lambda letter, _fate: found.append(letter))
    return found


def replayed() -> int:
    return app().dead_letters().replay(Choice(), Replay(dry=False)).done


def sent(four: World) -> list[Reply]:
    """Let a customer buy, and a product and a cart change, all at one time."""
    bought = order(
        31, customer=JO, email=JO["email"], note_attributes=WRITTEN, cart_token="bought"
    )
    told: list[tuple[str, Any, str]] = [
        ("orders/create", bought, triggered(20)),
        ("products/create", product(1), triggered(21)),
        ("carts/update", cart("filled", 22), triggered(22)),
    ]
    with ThreadPoolExecutor(len(told)) as pool:
        return list(pool.map(lambda one: four.shop.send(*one[:2], at=one[2]), told))


def _whole(tracker: Any) -> bool:
    return sorted(tracker["products"]) == ["11", "12"] and bool(tracker["purchases"])


def test_each_of_four_platforms_gets_exactly_what_it_should_when_it_can(four: World) -> None:
    four.fault(platform=SLOW, delay=DELAY, apply="after")
    four.fault(platform=DOWN, status=503)
    four.fault(platform=REFUSES, status=422)

    replies = sent(four)

    # Nobody waits for the slow one: not the shop, and not the platform that is well.
    now = held(four)
    print([r.status for r in replies], [r.seconds for r in replies])
    assert [reply.code for reply in replies] == [200, 200, 200]
    assert now[SLOW]["events"] == []
    assert [len(now[DATACUE][kind]) for kind in ("orders", "products", "events")] == [1, 1, 1]
    assert [(one.destination, one.reason, one.status) for one in letters()] == [
        (REFUSES, "answered 422", 422)
    ] * 3
    before = called(four)

    assert until(lambda: called(four)[DOWN] > before[DOWN] + 2)
    assert now[DOWN]["applied"] == held(four)[REFUSES]["applied"] == 0
    mended(four, DOWN)
    mended(four, REFUSES)
    assert until(lambda: _whole(held(four)[DOWN]))
    assert four.settled(30)
    assert until(lambda: len(held(four)[SLOW]["events"]) == 3)
    assert replayed() == 3
    assert four.settled(30)
    assert until(lambda: _whole(held(four)[REFUSES]))
    after = held(four)
    assert after[DATACUE] == now[DATACUE]
    print(called(four))
    import pprint
    pprint.pprint(after[SLOW])
    assert four.violations() == []
    assert 0

"""The search for canaries finds what it is meant to find: each way out of a body, planted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from shared.model.value import replace
from shared.queue.envelope import Envelope
from shared.queue.sqs import DeadLetterReason
from tests.fuzz.canaries import canary
from tests.fuzz.captured_output import capture_output
from tests.fuzz.leak_search import collect_output
from tests.fuzz.harness import InMemoryStack, StackConfig, build

WHO = canary(7, "email")
LETTER = Envelope(
    id="planted",
    source="shopify",
    topic="orders/create",
    triggered_at="2026-11-21T09:00:00.000000000Z",
    received_at="2026-11-21T09:00:00.000000000Z",
    headers={},
    body=WHO.encode(),
)


def _row(house: InMemoryStack) -> None:
    house.ledger.items["person:7"] = {"pk": {"S": f"entity#person:{WHO}"}}


PLANTED: dict[str, tuple[str, Callable[[InMemoryStack], object]]] = {
    "a log line": ("said", lambda house: house.observer.line("answered", shopper=WHO)),
    "an alarm": ("said", lambda house: house.observer.alarm("Leak", f"what {WHO} did")),
    "a metric": ("said", lambda house: house.observer.count("Webhook", WHO)),
    "a reason": (
        "queues",
        lambda house: house.queue.dead_letter(LETTER, DeadLetterReason(reason=f"no {WHO}")),
    ),
    "a path": (
        "queues",
        lambda house: house.queue.dead_letter(LETTER, DeadLetterReason(reason="r", path=WHO)),
    ),
    "a header": (
        "queues",
        lambda house: house.queue.park(replace(LETTER, headers={"from": WHO}), 0),
    ),
    "an entity": ("queues", lambda house: house.queue.park(replace(LETTER, entity=WHO), 0)),
    "a key": ("bucket", lambda house: house.s3.put_object(Bucket="b", Key=WHO, Body=b"")),
    "metadata": (
        "bucket",
        lambda house: house.s3.put_object(Bucket="b", Key="k", Body=b"", Metadata={"who": WHO}),
    ),
    "a row": ("ledger", _row),
    "print": ("said", lambda _: print(WHO)),  # noqa: T201 - the leak itself
}


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_planted_leak_is_found(name: str) -> None:
    place, leak = PLANTED[name]
    house = build(StackConfig())
    with capture_output() as heard:
        leak(house)
        house.observer.flush()
        left = collect_output(house, {}, heard)

    assert set(left.leaks(b"")) == {place}


def test_a_body_alone_is_no_leak() -> None:
    house = build(StackConfig())
    house.queue.park(LETTER, 0)
    with capture_output() as heard:
        left = collect_output(house, {}, heard)

    assert left.leaks(LETTER.body) == {}


def test_a_hash_without_a_key_is_a_leak() -> None:
    house = build(StackConfig())
    bare = hashlib.sha256(WHO.encode()).hexdigest()
    with capture_output() as heard:
        house.observer.line("answered", entity=bare)
        left = collect_output(house, {}, heard)

    assert left.leaks(LETTER.body) == {"said": {bare[:32]}}

"""The search for canaries finds each kind of leak, planted here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from shared.model.value import replace
from shared.queue.envelope import Envelope
from shared.queue.sqs import DeadLetterReason
from tests.fuzz.canaries import canary
from tests.fuzz.captured_output import capture_output
from tests.fuzz.harness import InMemoryStack, StackConfig, build
from tests.fuzz.leak_search import collect_output

WHO = canary(7, "email")
ENVELOPE = Envelope(
    id="planted",
    source="shopify",
    topic="orders/create",
    triggered_at="2026-11-21T09:00:00.000000000Z",
    received_at="2026-11-21T09:00:00.000000000Z",
    headers={},
    body=WHO.encode(),
)


def _row(stack: InMemoryStack) -> None:
    stack.ledger.items["person:7"] = {"pk": {"S": f"entity#person:{WHO}"}}


PLANTED: dict[str, tuple[str, Callable[[InMemoryStack], object]]] = {
    "a log line": ("log", lambda stack: stack.observer.line("answered", shopper=WHO)),
    "an alarm": ("log", lambda stack: stack.observer.alarm("Leak", f"what {WHO} did")),
    "a metric": ("log", lambda stack: stack.observer.count("Webhook", WHO)),
    "a reason": (
        "queues",
        lambda stack: stack.queue.dead_letter(ENVELOPE, DeadLetterReason(reason=f"no {WHO}")),
    ),
    "a path": (
        "queues",
        lambda stack: stack.queue.dead_letter(ENVELOPE, DeadLetterReason(reason="r", path=WHO)),
    ),
    "a header": (
        "queues",
        lambda stack: stack.queue.park(replace(ENVELOPE, headers={"from": WHO}), 0),
    ),
    "an entity": ("queues", lambda stack: stack.queue.park(replace(ENVELOPE, entity=WHO), 0)),
    "a key": ("bucket", lambda stack: stack.s3.put_object(Bucket="b", Key=WHO, Body=b"")),
    "metadata": (
        "bucket",
        lambda stack: stack.s3.put_object(Bucket="b", Key="k", Body=b"", Metadata={"who": WHO}),
    ),
    "a row": ("ledger", _row),
    "print": ("log", lambda _: print(WHO)),  # noqa: T201 - the leak itself
}


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_planted_leak_is_found(name: str) -> None:
    place, leak = PLANTED[name]
    stack = build(StackConfig())
    with capture_output() as output:
        leak(stack)
        stack.observer.flush()
        left = collect_output(stack, {}, output)

    assert set(left.leaks(b"")) == {place}


def test_a_canary_in_a_body_is_no_leak() -> None:
    stack = build(StackConfig())
    stack.queue.park(ENVELOPE, 0)
    with capture_output() as output:
        left = collect_output(stack, {}, output)

    assert left.leaks(ENVELOPE.body) == {}


def test_an_unkeyed_hash_is_a_leak() -> None:
    stack = build(StackConfig())
    bare = hashlib.sha256(WHO.encode()).hexdigest()
    with capture_output() as output:
        stack.observer.line("answered", entity=bare)
        left = collect_output(stack, {}, output)

    assert left.leaks(ENVELOPE.body) == {"log": {bare[:32]}}

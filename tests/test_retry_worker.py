"""The retry worker: when a message is delivered, parked again, or left in the queue."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from shared.delivery.deliver import Deadline, Pipeline
from shared.delivery.settlement import RetryPolicy, Settlement, Status
from shared.errors import LedgerUnavailable, NotUnderstood, QueueUnavailable
from shared.model.value import replace
from shared.model.version import instant_at
from shared.observability import Observer
from shared.privacy.requests import Privacy
from shared.queue.envelope import Envelope, encode
from shared.queue.sqs import pointer_of
from shared.retry_worker import OutOfTime, PausedWorker, RetryWorker
from tests.fakes.clock import Clock
from tests.fakes.queue import MemoryQueue
from tests.queue.test_envelope import envelope

LONGEST = 10.0
# Enough for one call and the reserve.
ENOUGH = 50.0


class RecordingObserver(Observer):
    """Records counters."""

    def __init__(self) -> None:
        super().__init__("acme")
        self.counted: Counter[str] = Counter()

    def count(self, metric: str, dimension: str = "") -> None:  # noqa: ARG002 - as in Observer
        self.counted[metric] += 1


@dataclass
class FakePipeline:
    """Records what it delivers, or raises an error."""

    error: Exception | None = None
    delivered: list[tuple[Envelope, Deadline]] = field(default_factory=list)

    def deliver(self, one: Envelope, times: Deadline) -> Status:
        self.delivered.append((one, times))
        if self.error is not None:
            raise self.error
        return Status.DELIVERED


@dataclass
class FakePrivacy:
    """Records its tasks, and returns the rest of one or raises an error."""

    rest: Envelope | Exception | None = None
    performed: list[tuple[Envelope, float]] = field(default_factory=list)

    def perform(self, one: Envelope, deadline: float) -> Envelope | None:
        self.performed.append((one, deadline))
        if isinstance(self.rest, Exception):
            raise self.rest
        return self.rest


class Harness:
    """A worker over a queue of dicts."""

    def __init__(self, rest: Envelope | Exception | None = None) -> None:
        self.clock = Clock()
        self.queue = MemoryQueue(self.clock)
        self.pipeline, self.privacy = FakePipeline(), FakePrivacy(rest)
        self.observer = RecordingObserver()
        self.worker = RetryWorker(
            queue=self.queue,
            pipeline=cast("Pipeline", self.pipeline),
            settlement=Settlement(
                parking=self.queue,
                observer=self.observer,
                clock=self.clock,
                random=lambda: 0.0,
                retry_policy=RetryPolicy(),
            ),
            privacy=cast("Privacy", self.privacy),
            clock=self.clock,
            longest=LONGEST,
        )

    def message(self, due_in: float | None = None, **changes: Any) -> Envelope:
        one = envelope(destination="datacue", **changes)
        if due_in is None:
            return one
        return replace(one, not_before=instant_at(self.clock() + due_in))

    def handle(self, one: Envelope, remaining: float = ENOUGH) -> None:
        self.worker.handle(encode(one).decode(), remaining)

    def parked(self) -> list[Envelope]:
        return [self.queue.open(body) for body in self.queue.waiting()]

    def next_due_in(self) -> float | None:
        due = self.queue.next_due()
        return None if due is None else due - self.clock()


def test_a_due_message_is_delivered() -> None:
    harness = Harness()
    one = harness.message(due_in=-5)

    harness.handle(one)

    [(delivered, times)] = harness.pipeline.delivered
    assert delivered == one
    assert times == Deadline(
        deadline=harness.clock() + ENOUGH - 5, longest=LONGEST, lease=harness.clock() + ENOUGH + 1
    )
    assert harness.parked() == []


def test_the_lease_of_a_delivery_outlives_the_function() -> None:
    harness = Harness()

    harness.handle(harness.message(), remaining=ENOUGH)

    [(_, times)] = harness.pipeline.delivered
    assert times.lease > harness.clock() + ENOUGH > times.deadline


def test_a_message_that_is_not_due_is_parked_again_and_not_delivered() -> None:
    harness = Harness()
    one = harness.message(due_in=300)

    harness.handle(one)

    assert harness.pipeline.delivered == []
    assert harness.parked() == [one]
    # SQS delays whole seconds.
    assert harness.next_due_in() == pytest.approx(300, abs=1)


def test_a_task_that_is_not_due_is_parked_again_and_not_performed() -> None:
    harness = Harness()

    harness.handle(harness.message(due_in=90, task="forget"))

    assert harness.privacy.performed == []
    assert len(harness.parked()) == 1


@pytest.mark.parametrize("due_in", [None, 0.9, -3600.0], ids=str)
def test_a_message_is_delivered_from_a_second_before_it_is_due(due_in: float | None) -> None:
    harness = Harness()

    harness.handle(harness.message(due_in))

    assert len(harness.pipeline.delivered) == 1


def test_a_message_that_is_due_in_more_than_two_days_was_parked_by_a_wrong_clock() -> None:
    harness = Harness()

    harness.handle(harness.message(due_in=50 * 3600))

    assert len(harness.pipeline.delivered) == 1


def test_without_time_for_a_call_a_message_is_parked_again_at_once() -> None:
    harness = Harness()
    one = harness.message()

    harness.handle(one, remaining=LONGEST + 4)

    assert harness.pipeline.delivered == []
    assert (harness.parked(), harness.next_due_in()) == ([one], 0)


def test_without_time_to_park_a_message_stays_in_the_queue() -> None:
    harness = Harness()

    with pytest.raises(OutOfTime):
        harness.handle(harness.message(), remaining=4)

    assert (harness.pipeline.delivered, harness.parked()) == ([], [])


def test_a_message_that_is_no_envelope_stays_in_the_queue() -> None:
    with pytest.raises(NotUnderstood):
        Harness().worker.handle("hello", ENOUGH)


def large(harness: Harness) -> tuple[str, Envelope]:
    """Park an envelope that is too large for a message; return the message's body."""
    one = harness.message(headers={"x": "y" * 1_100_000})
    harness.queue.park(one, 0)
    message = harness.queue.receive()
    assert message is not None
    assert pointer_of(message.body)
    harness.queue.delete(message.receipt)
    return message.body, one


def test_the_body_in_s3_is_discarded_after_the_delivery() -> None:
    harness = Harness()
    body, one = large(harness)

    harness.worker.handle(body, ENOUGH)

    assert harness.pipeline.delivered[0][0] == one
    assert harness.queue.open(body).task == "ended"


def test_the_body_in_s3_is_kept_if_the_delivery_fails() -> None:
    harness = Harness()
    body, one = large(harness)
    harness.pipeline.error = QueueUnavailable("SQS did not accept a message")

    with pytest.raises(QueueUnavailable):
        harness.worker.handle(body, ENOUGH)

    assert harness.queue.open(body) == one


def test_a_large_message_that_is_parked_again_has_a_new_body_in_s3() -> None:
    harness = Harness()
    body, one = large(harness)

    harness.worker.handle(body, remaining=LONGEST)

    assert harness.queue.open(body).task == "ended"
    assert harness.parked() == [one]


def test_a_task_is_performed_and_not_delivered() -> None:
    harness = Harness()
    one = harness.message(task="forget")

    harness.handle(one)

    assert harness.privacy.performed == [(one, harness.clock() + ENOUGH - 5)]
    assert (harness.pipeline.delivered, harness.parked()) == ([], [])


def test_the_rest_of_a_task_is_parked() -> None:
    rest = envelope(task="forget", headers={"shoprelay-progress": "{}"})
    harness = Harness(rest)

    harness.handle(harness.message(task="forget"))

    assert harness.parked() == [replace(rest, not_before=harness.parked()[0].not_before)]
    assert harness.next_due_in() == pytest.approx(3, abs=1)


@pytest.mark.parametrize(("age", "alarms"), [(3500, 0), (3700, 1)])
def test_a_task_that_finds_a_store_unavailable_is_parked_and_alarms_after_an_hour(
    age: float, alarms: int
) -> None:
    harness = Harness(LedgerUnavailable("DynamoDB refused a read: ThrottlingException"))
    one = harness.message(task="forget", received_at=instant_at(harness.clock() - age))

    harness.handle(one)

    assert [parked.id for parked in harness.parked()] == ["w1"]
    assert harness.next_due_in() == pytest.approx(20, abs=1)
    assert harness.observer.counted["DutyWaits"] == alarms


# ---- without a usable secret ---------------------------------------------------------------------


def test_a_paused_worker_parks_a_message_for_five_minutes() -> None:
    harness = Harness()
    one = harness.message()

    PausedWorker(queue=harness.queue).handle(encode(one).decode(), ENOUGH)

    assert (harness.parked(), harness.next_due_in()) == ([one], 300)


def test_a_paused_worker_gives_a_large_message_a_new_body_in_s3() -> None:
    harness = Harness()
    body, one = large(harness)

    PausedWorker(queue=harness.queue).handle(body, ENOUGH)

    assert harness.queue.open(body).task == "ended"
    assert harness.parked() == [one]


def test_a_paused_worker_without_time_leaves_a_message_in_the_queue() -> None:
    harness = Harness()

    with pytest.raises(OutOfTime):
        PausedWorker(queue=harness.queue).handle(encode(harness.message()).decode(), 4)

    assert harness.parked() == []

"""What the receiver does while SQS accepts nothing, and what sends it later; on moto."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from shared.errors import QueueUnavailable
from shared.model.version import instant_at
from shared.queue.envelope import Envelope, decode
from shared.queue.fallback import FallbackQueue
from shared.queue.payload_store import PayloadStore
from shared.queue.resend import FAILURES, Resender
from shared.queue.sqs import FORGOTTEN, UNSENT, DeadLetterReason, placeholder
from tests.fakes.clock import Clock
from tests.queue.stores import BUCKET, Stores
from tests.queue.test_envelope import envelope
from tests.test_receiver import RecordingObserver


@dataclass
class Outage:
    """A client answers the next ``left`` requests with 503; ``tried`` counts all requests."""

    left: float = 0
    tried: int = 0

    def answer(self, **_: Any) -> tuple[SimpleNamespace, dict[str, Any]] | None:
        self.tried += 1
        if self.left <= 0:
            return None
        self.left -= 1
        return SimpleNamespace(status_code=503), {"Error": {"Code": "ServiceUnavailable"}}


@dataclass
class Harness:
    stores: Stores
    seconds: float = 3.0
    clock: Clock = field(default_factory=Clock)
    observer: RecordingObserver = field(default_factory=RecordingObserver)
    sqs: Outage = field(default_factory=Outage)
    s3: Outage = field(default_factory=Outage)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        # boto3's stubs do not know that this event may have a response.
        sqs: Any = self.stores.sqs.meta.events
        s3: Any = self.stores.s3.meta.events
        sqs.register("before-call.sqs.SendMessage", self.sqs.answer)
        s3.register("before-call.s3.PutObject", self.s3.answer)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.now += seconds

    def fallback(self) -> FallbackQueue:
        return FallbackQueue(
            queue=self.stores.queue(),
            observer=self.observer,
            clock=self.clock,
            sleep=self.sleep,
            random=lambda: 0.5,
            deadline=self.clock() + self.seconds,
            longest=1.3,
        )

    def resender(self) -> Resender:
        store = PayloadStore(self.stores.s3, BUCKET, self.clock)
        return Resender(
            queue=self.stores.queue(), store=store, observer=self.observer, clock=self.clock
        )

    def stored(self) -> list[Envelope]:
        get, keys = self.stores.s3.get_object, self.stores.keys()
        return [decode(get(Bucket=BUCKET, Key=key)["Body"].read()) for key in keys]

    def waiting(self) -> list[Envelope]:
        return [decode(one["Body"].encode()) for one in self.stores.messages(self.stores.retry)]


@pytest.fixture
def harness(stores: Stores) -> Harness:
    return Harness(stores)


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_short_outage_is_ended_by_another_try(harness: Harness, failures: int) -> None:
    harness.sqs.left = failures

    harness.fallback().park(envelope(), 0)

    assert harness.waiting() == [envelope()]
    assert (harness.stored(), harness.observer.alarms) == ([], [])
    assert harness.pauses == sorted(harness.pauses)


def test_an_envelope_that_sqs_does_not_accept_in_time_is_stored(harness: Harness) -> None:
    harness.sqs.left = 1000
    fallback, one = harness.fallback(), envelope(destination="datacue")

    fallback.park(one, 5)

    assert harness.stored() == [one]
    [key] = harness.stores.keys()
    assert key.startswith(UNSENT)
    assert harness.observer.alarms == ["StoredUnsent"]
    # Both of the longest requests end before the deadline.
    assert 0 < sum(harness.pauses) <= 3.0 - 2 * 1.3

    tried = harness.sqs.tried
    fallback.dead_letter(one, DeadLetterReason(reason="answered 422"))

    assert harness.sqs.tried == tried
    assert harness.stored() == [one, one]


def test_without_time_there_is_one_try(harness: Harness) -> None:
    harness.seconds, harness.sqs.left = 0.0, 1000

    harness.fallback().park(envelope(), 0)

    assert (harness.sqs.tried, harness.pauses) == (1, [])
    assert harness.stored() == [envelope()]


def test_without_s3_too_it_fails(harness: Harness) -> None:
    harness.sqs.left = harness.s3.left = 1000

    with pytest.raises(QueueUnavailable):
        harness.fallback().park(envelope(), 0)

    assert (harness.stored(), harness.observer.alarms) == ([], [])


def test_what_is_stored_is_sent_once(harness: Harness) -> None:
    harness.sqs.left = 1000
    due = envelope(id="due", not_before=instant_at(harness.clock() - 5))
    harness.fallback().park(due, 0)
    harness.fallback().park(envelope(id="w2"), 0)
    harness.sqs.left = 0

    assert harness.resender().run(30) == 2

    assert {one.id for one in harness.waiting()} == {"due", "w2"}
    assert harness.stored() == []
    assert harness.resender().run(30) == 0


def test_what_is_not_due_waits_in_the_queue(harness: Harness) -> None:
    delays: list[int] = []
    harness.stores.sqs.meta.events.register(
        "before-parameter-build.sqs.SendMessage",
        lambda params, **_: delays.append(params["DelaySeconds"]),
    )
    late = envelope(not_before=instant_at(harness.clock() + 100))
    harness.sqs.left = 1000
    harness.fallback().park(late, 100)
    harness.sqs.left = 0

    harness.resender().run(30)

    assert delays[-1] == 99  # the pauses, and a fraction that is cut


def test_an_envelope_that_sqs_never_accepts_does_not_stop_the_others(harness: Harness) -> None:
    for number in range(10):
        harness.stores.queue().store(envelope(id=f"w{number}"))
    harness.sqs.left = FAILURES - 1

    assert harness.resender().run(30) == 10 - (FAILURES - 1)
    assert len(harness.stored()) == FAILURES - 1
    assert set(harness.observer.alarms) == {"StoredUnsent"}


def test_a_run_ends_while_sqs_is_unavailable(harness: Harness) -> None:
    for number in range(10):
        harness.stores.queue().store(envelope(id=f"w{number}"))
    harness.sqs.left = 1000

    assert harness.resender().run(30) == 0
    assert (harness.sqs.tried, len(harness.stored())) == (FAILURES, 10)


def test_a_run_ends_in_time(harness: Harness) -> None:
    harness.stores.queue().store(envelope())

    assert harness.resender().run(0) == 0
    assert harness.stored() == [envelope()]


def test_an_object_that_is_no_envelope_stays_and_raises_an_alarm(harness: Harness) -> None:
    harness.stores.s3.put_object(Bucket=BUCKET, Key=f"{UNSENT}0", Body=b"?")
    harness.stores.queue().store(envelope())

    assert harness.resender().run(30) == 1
    assert harness.stores.keys() == [f"{UNSENT}0"]
    assert harness.observer.alarms == ["StoredUnsent"]


def test_a_person_who_is_erased_is_not_sent_later(harness: Harness) -> None:
    harness.stores.queue().store(envelope())
    store = PayloadStore(harness.stores.s3, BUCKET, harness.clock)

    assert store.remove(lambda _: True).done == 1
    assert harness.stored() == [placeholder(envelope(), FORGOTTEN)]

    harness.resender().run(30)
    assert (harness.stored(), harness.waiting()) == ([], [])

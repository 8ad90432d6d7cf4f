"""
The worker of the retry queue: it delivers one message at a time to the destination it names.

A message that is not due, or for which no time is left, is parked again; so is every message while
no application can be built.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.delivery.deliver import Deadline, Pipeline
from shared.delivery.settlement import Settlement
from shared.errors import PortUnavailable
from shared.model.value import Value
from shared.model.version import moment
from shared.privacy.requests import Privacy
from shared.queue import backoff
from shared.queue.envelope import Envelope
from shared.queue.sqs import RetryQueue, pointer_of

# SQS delays whole seconds, and clocks differ a little: a message that is nearly due is delivered.
NEARLY = 1.0
# The seconds that are reserved for parking and the commit after the last call.
RESERVE = 5.0
# If DynamoDB, SQS or S3 is unavailable to a privacy task for so many seconds, a person must act.
OVERDUE = 3600.0
# No delay is longer: the deletion of a shop's data waits for at most 48 hours, all else for less. A
# time further in the future was set by a clock that was wrong.
FURTHEST = 49 * 3600.0


class OutOfTime(Exception):
    """No time is left, not even to park a message again: it returns to the queue."""


class RetryWorker(Value):
    """Handles messages of the retry queue. ``longest`` bounds one call, in seconds."""

    queue: RetryQueue
    pipeline: Pipeline
    settlement: Settlement
    privacy: Privacy
    clock: Callable[[], float]
    longest: float

    def handle(self, body: str, remaining: float) -> None:
        """
        Handle one message; ``remaining`` is the time that the function still has, in seconds.

        Raise OutOfTime, QueueUnavailable, or NotUnderstood for a message that is no envelope: in
        each case the message stays in the queue.
        """
        if remaining < RESERVE:
            raise OutOfTime
        envelope = self.queue.open(body)
        due_in = self._due_in(envelope)
        if due_in >= NEARLY or remaining < self.longest + RESERVE:
            _park_again(self.queue, body, envelope, max(0.0, due_in))
            return
        deadline = self.clock() + remaining - RESERVE
        if envelope.task:
            self._perform(envelope, deadline)
            return
        times = Deadline(
            deadline=deadline, longest=self.longest, lease=self.clock() + remaining + 1
        )
        self.pipeline.deliver(envelope, times)
        _discard(self.queue, body, envelope)

    def _perform(self, envelope: Envelope, deadline: float) -> None:
        try:
            rest = self.privacy.perform(envelope, deadline)
        except PortUnavailable as error:
            # The law requires it: it is retried without a limit.
            if self.clock() - moment(envelope.received_at).timestamp() > OVERDUE:
                self.settlement.observer.alarm("DutyWaits", str(error), id=envelope.id)
            self.settlement.wait(envelope, backoff.PORT, str(error))
            return
        if rest is not None:
            self.settlement.wait(rest, backoff.BUSY, "more than one look")

    def _due_in(self, envelope: Envelope) -> float:
        if envelope.not_before is None:
            return 0.0
        seconds = moment(envelope.not_before).timestamp() - self.clock()
        return seconds if seconds <= FURTHEST else 0.0


class PausedWorker(Value):
    """
    Parks each message for as long as a paused destination: without a usable secret nothing can be
    delivered. If the function raised instead, each message would be a dead letter after it was
    received five times, in half an hour.
    """

    queue: RetryQueue

    def handle(self, body: str, remaining: float) -> None:
        """Park one message again. Raises as `RetryWorker.handle` does."""
        if remaining < RESERVE:
            raise OutOfTime
        _park_again(self.queue, body, self.queue.open(body), backoff.PAUSED)


def _park_again(queue: RetryQueue, body: str, envelope: Envelope, delay: float) -> None:
    # A message that returns to the queue too often is dead-lettered: a new one is sent.
    queue.park(envelope, delay)
    _discard(queue, body, envelope)


def _discard(queue: RetryQueue, body: str, envelope: Envelope) -> None:
    """Discard the body in S3: an envelope that was parked again has a new message and body."""
    if pointer_of(body) is not None:
        queue.discard(body, envelope)

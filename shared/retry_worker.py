"""
The worker behind the retry queue: one message at a time, to the one destination it names.

A message that is not due, or for which no time is left, goes round again: it is sent anew.
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

# SQS delays whole seconds, and clocks differ a little: what is nearly due is taken.
NEARLY = 1.0
# What parking and the commit may take after the last call, in seconds.
RESERVE = 5.0
# A duty of privacy that still finds one of our own stores out of reach needs a person.
OVERDUE = 3600.0
# No wait of ours is longer: six hours of Retry-After and their jitter, or a window of doubt. What
# is further away was reckoned by a clock that was wrong.
FURTHEST = 24 * 3600.0


class OutOfTime(Exception):
    """Not even the time to send a message anew is left: it goes back to the queue."""


class RetryWorker(Value):
    """Everything that a message needs. ``longest`` bounds one call, in seconds."""

    queue: RetryQueue
    pipeline: Pipeline
    settlement: Settlement
    privacy: Privacy
    clock: Callable[[], float]
    longest: float

    def handle(self, body: str, remaining: float) -> None:
        """
        Work on one message; ``remaining`` is the time the function still has, in seconds.

        Raises OutOfTime, QueueUnavailable, and NotUnderstood for a message that is not ours: in
        each case the message stays in the queue.
        """
        if remaining < RESERVE:
            raise OutOfTime
        envelope = self.queue.open(body)
        early = self._early(envelope)
        if early >= NEARLY or remaining < self.longest + RESERVE:
            # Sent anew, for a message that is given back too often becomes a dead letter.
            self.queue.park(envelope, max(0.0, early))
            self._end(body, envelope)
            return
        deadline = self.clock() + remaining - RESERVE
        if envelope.task:
            self._serve(envelope, deadline)
            return
        budget = Deadline(
            deadline=deadline, longest=self.longest, lease=self.clock() + remaining + 1
        )
        self.pipeline.deliver(envelope, budget)
        self._end(body, envelope)

    def _end(self, body: str, envelope: Envelope) -> None:
        """Leave no body behind in S3: what must still be done has a message, and a body, anew."""
        if pointer_of(body) is not None:
            self.queue.discard(body, envelope)

    def _serve(self, envelope: Envelope, deadline: float) -> None:
        try:
            rest = self.privacy.perform(envelope, deadline)
        except PortUnavailable as error:
            # What the law asks is tried for as long as it takes.
            if self.clock() - moment(envelope.received_at).timestamp() > OVERDUE:
                self.settlement.observer.alarm("DutyWaits", str(error), id=envelope.id)
            self.settlement.wait(envelope, backoff.PORT, str(error))
            return
        if rest is not None:
            self.settlement.wait(rest, backoff.BUSY, "more than one look")

    def _early(self, envelope: Envelope) -> float:
        if envelope.not_before is None:
            return 0.0
        early = moment(envelope.not_before).timestamp() - self.clock()
        return early if early <= FURTHEST else 0.0

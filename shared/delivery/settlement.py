"""
What follows an attempt: complete, confirm, retry or dead-letter. The only place that decides how
long a webhook is retried.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from shared.delivery.attempt import Attempted
from shared.delivery.exchange import verdict_status
from shared.http.verdict import OutcomeUnknown, Rejected, Retry, word
from shared.model.value import Value, replace
from shared.model.version import instant_at, moment
from shared.observability import Observer
from shared.queue import backoff
from shared.queue.envelope import Attempt, Envelope
from shared.queue.sqs import DeadLetterReason
from shared.state.outcome import Deferred, Failed, Skipped, Superseded

HOUR = 3600.0
# The retry function's time-out in template.yaml, in seconds: every delivery ends before it.
LONGEST_LIFE = 60.0


class Status(StrEnum):
    """The status in the response to a webhook, the worst first."""

    DEAD_LETTER = "dead_letter"
    QUEUED = "queued"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


class Parking(Protocol):
    """The retry queue and the dead letters. Every method raises QueueUnavailable."""

    def park(self, envelope: Envelope, delay: float) -> None:
        """Send an envelope to the retry queue, to be received after ``delay`` seconds."""
        ...

    def dead_letter(self, envelope: Envelope, reason: DeadLetterReason) -> None:
        """Send an envelope to the dead letters."""
        ...


class RetryPolicy(Value):
    """
    How long a webhook is retried (seconds), and the scale of waits (1, less in local runs).
    ``shop_redact`` is how long the deletion of a shop's data waits (seconds).
    """

    seconds: float = 24 * HOUR
    unsure: float = 30.0
    shop_redact: float = 24 * HOUR
    scale: float = 1.0

    @property
    def last_call(self) -> float:
        """After how many seconds every call of an attempt in progress has been applied."""
        return LONGEST_LIFE * self.scale + self.unsure


class Settlement(Value):
    """Parks and dead-letters envelopes. Every method raises QueueUnavailable."""

    parking: Parking
    observer: Observer
    clock: Callable[[], float]
    random: Callable[[], float]
    retry_policy: RetryPolicy

    def settle(self, envelope: Envelope, name: str, attempted: Attempted) -> Status:
        """Park or dead-letter for one destination; a parked message names one destination."""
        own = replace(envelope, destination=name)
        match attempted.outcome:
            case Failed(failure=Rejected() as rejection):
                return self._rejected(own, rejection, attempted.confirm_at)
            case Failed(failure=OutcomeUnknown() | Retry() as failure):
                return self.again(own, failure)
            case Deferred(paused=True, reason=reason):
                return self.wait(replace(own, first_failed_at=None), backoff.PAUSED, reason)
            case Deferred(reason=reason):
                return self._postpone(own, reason)
            case Superseded():
                return Status.SUPERSEDED
            case Skipped():
                return Status.IGNORED
            case _:
                if attempted.confirm_at is not None:
                    self._confirm(own, attempted.confirm_at)
                return Status.DELIVERED

    def again(self, envelope: Envelope, failure: OutcomeUnknown | Retry) -> Status:
        """Park after a failure, or dead-letter when the retry time is over."""
        now = self.clock()
        status = verdict_status(failure)
        tried = envelope.tried(
            Attempt(
                at=self._now(),
                verdict=word(failure),
                status=status,
                reason=failure.reason,
            )
        )
        elapsed = self._elapsed(tried, now)
        if elapsed >= self.retry_policy.seconds:
            return self.dead_letter(
                tried, DeadLetterReason(reason=f"given up: {failure.reason}", status=status)
            )
        requested = failure.after if isinstance(failure, Retry) else None
        self.park(tried, backoff.wait(elapsed, requested, self.random))
        return Status.QUEUED

    def reject(self, envelope: Envelope, reason: DeadLetterReason) -> Status:
        """Dead-letter a webhook that was sent to no destination; its trail says why."""
        line = Attempt(at=self._now(), verdict="NotUnderstood", reason=reason.reason)
        return self.dead_letter(envelope.tried(line), reason)

    def wait(self, envelope: Envelope, seconds: float, reason: str) -> Status:
        """Park without an attempt, because nothing failed."""
        self.observer.count("Waiting", reason)
        self.park(envelope, seconds)
        return Status.QUEUED

    def dead_letter(self, envelope: Envelope, reason: DeadLetterReason) -> Status:
        """Send an envelope to the dead letters, count and log it."""
        self.parking.dead_letter(envelope, reason)
        self.observer.count("DeadLetter", envelope.destination or "")
        self.observer.line(
            "dead letter",
            id=envelope.id,
            topic=envelope.topic,
            destination=envelope.destination,
            reason=reason.reason,
            status=reason.status,
            path=reason.path,
        )
        return Status.DEAD_LETTER

    def park(self, envelope: Envelope, seconds: float) -> None:
        """Send an envelope to the retry queue for ``seconds``, scaled."""
        scaled = seconds * self.retry_policy.scale
        due = instant_at(self.clock() + scaled)
        self.parking.park(replace(envelope, not_before=due), scaled)

    def _postpone(self, envelope: Envelope, reason: str) -> Status:
        """Wait as after a failure, without an attempt: the retry time runs."""
        since = replace(envelope, first_failed_at=envelope.first_failed_at or self._now())
        elapsed = self._elapsed(since, self.clock())
        if elapsed >= self.retry_policy.seconds:
            return self.dead_letter(since, DeadLetterReason(reason=f"given up: {reason}"))
        return self.wait(since, backoff.wait(elapsed, None, self.random), reason)

    def _elapsed(self, envelope: Envelope, now: float) -> float:
        """Return how long ago the first failure was, in seconds on the scale of the waits."""
        if envelope.first_failed_at is None:
            return 0.0
        # Without `abs`, a webhook would be retried for ever after a clock was set back.
        since = abs(now - moment(envelope.first_failed_at).timestamp())
        return since / self.retry_policy.scale if self.retry_policy.scale else since

    def _rejected(
        self, envelope: Envelope, rejection: Rejected, confirm_at: float | None
    ) -> Status:
        if confirm_at is not None:
            # Another change needs a confirming re-send; this one will then be rejected again.
            self._confirm(envelope, confirm_at)
            return Status.QUEUED
        if rejection.credentials:
            self.observer.alarm(
                "CredentialsRefused",
                "a platform refused our credentials",
                id=envelope.id,
                topic=envelope.topic,
                destination=envelope.destination,
                status=rejection.status,
            )
        tried = envelope.tried(
            Attempt(
                at=self._now(),
                verdict=word(rejection),
                status=rejection.status,
                reason=rejection.reason,
            )
        )
        reason = DeadLetterReason(
            reason=rejection.reason, status=rejection.status, path=rejection.path
        )
        return self.dead_letter(tried, reason)

    def _confirm(self, envelope: Envelope, at: float) -> None:
        # This wait is not scaled: a platform applies a late call in real time.
        confirming = replace(envelope, confirms=True, first_failed_at=None, trail=())
        seconds = max(0.0, at - self.clock())
        due = instant_at(at)
        self.parking.park(replace(confirming, not_before=due), seconds + 1)

    def _now(self) -> str:
        return instant_at(self.clock())

"""
What follows an attempt: wait, die, be confirmed, or be done. The only place that decides how long a
webhook is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from shared.delivery.attempt import Attempted, Skipped, Superseded
from shared.delivery.exchange import Deferred, verdict_status
from shared.http.verdict import OutcomeUnknown, Rejected, Retry, word
from shared.model.value import Value, replace
from shared.model.version import instant_at, moment
from shared.observability import Observer
from shared.queue import backoff
from shared.queue.envelope import Attempt, Envelope
from shared.queue.sqs import DeadLetterReason

HOUR = 3600.0
# The retry function's time-out in template.yaml, in seconds: whoever delivers ends before it.
LONGEST_LIFE = 60.0


class Status(StrEnum):
    """What a webhook's answer says, the worst first."""

    DEAD_LETTER = "dead_letter"
    QUEUED = "queued"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


class Parking(Protocol):
    """Where an envelope goes that must wait or has died. Raises QueueUnavailable."""

    def park(self, envelope: Envelope, delay: float) -> None:
        """Send an envelope to wait for ``delay`` seconds."""
        ...

    def dead_letter(self, envelope: Envelope, death: DeadLetterReason) -> None:
        """Send an envelope to the dead letters."""
        ...


class RetryPolicy(Value):
    """How long a webhook is tried, and how waits are scaled (1 but in local runs)."""

    seconds: float = 24 * HOUR
    unsure: float = 30.0
    scale: float = 1.0

    @property
    def last_call(self) -> float:
        """After how many seconds every call of those who are at work now has been applied."""
        return LONGEST_LIFE * self.scale + self.unsure


class Settlement(Value):
    """Parks and buries envelopes. Every method raises QueueUnavailable."""

    parking: Parking
    observer: Observer
    clock: Callable[[], float]
    random: Callable[[], float]
    retry_policy: RetryPolicy

    def follow(self, envelope: Envelope, name: str, attempted: Attempted) -> Status:
        """Park or bury for one destination; a parked message names one destination."""
        own = replace(envelope, destination=name)
        match attempted.end:
            case OutcomeUnknown() | Retry() as failure:
                return self.again(own, failure)
            case Deferred(paused=True, reason=reason):
                return self.wait(replace(own, first_failed_at=None), backoff.PAUSED, reason)
            case Deferred(reason=reason):
                return self._postpone(own, reason)
            case Rejected() as refusal:
                return self._refused(own, refusal, attempted.confirm_at)
            case Superseded():
                return Status.SUPERSEDED
            case Skipped():
                return Status.IGNORED
            case _:
                if attempted.confirm_at is not None:
                    self._confirm(own, attempted.confirm_at)
                return Status.DELIVERED

    def again(self, envelope: Envelope, failure: OutcomeUnknown | Retry) -> Status:
        """Park after a failure, or bury when patience has ended."""
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
        asked = failure.after if isinstance(failure, Retry) else None
        self.park(tried, backoff.wait(elapsed, asked, self.random))
        return Status.QUEUED

    def reject(self, envelope: Envelope, death: DeadLetterReason) -> Status:
        """Bury what no destination was told of, with the line of its trail that says why."""
        line = Attempt(at=self._now(), verdict="NotUnderstood", reason=death.reason)
        return self.dead_letter(envelope.tried(line), death)

    def wait(self, envelope: Envelope, seconds: float, reason: str) -> Status:
        """Park without an attempt: nothing failed."""
        self.observer.count("Waiting", reason)
        self.park(envelope, seconds)
        return Status.QUEUED

    def dead_letter(self, envelope: Envelope, death: DeadLetterReason) -> Status:
        """Send an envelope to the dead letters, and say so."""
        self.parking.dead_letter(envelope, death)
        self.observer.count("DeadLetter", envelope.destination or "")
        self.observer.line(
            "dead letter",
            id=envelope.id,
            topic=envelope.topic,
            destination=envelope.destination,
            reason=death.reason,
            status=death.status,
            path=death.path,
        )
        return Status.DEAD_LETTER

    def park(self, envelope: Envelope, seconds: float) -> None:
        """Send an envelope to wait for ``seconds``, scaled."""
        scaled = seconds * self.retry_policy.scale
        due = instant_at(self.clock() + scaled)
        self.parking.park(replace(envelope, not_before=due), scaled)

    def _postpone(self, envelope: Envelope, reason: str) -> Status:
        """Wait as after a failure, without an attempt: the clock of patience runs."""
        since = replace(envelope, first_failed_at=envelope.first_failed_at or self._now())
        elapsed = self._elapsed(since, self.clock())
        if elapsed >= self.retry_policy.seconds:
            return self.dead_letter(since, DeadLetterReason(reason=f"given up: {reason}"))
        return self.wait(since, backoff.wait(elapsed, None, self.random), reason)

    def _elapsed(self, envelope: Envelope, now: float) -> float:
        """Tell how long ago the first failure was, on the scale of the waits."""
        if envelope.first_failed_at is None:
            return 0.0
        # A clock that was put back must not make anything be tried for ever.
        since = abs(now - moment(envelope.first_failed_at).timestamp())
        return since / self.retry_policy.scale if self.retry_policy.scale else since

    def _refused(self, envelope: Envelope, refusal: Rejected, confirm_at: float | None) -> Status:
        if confirm_at is not None:
            # Something beside it was taken in doubt; the confirming re-send is refused again.
            self._confirm(envelope, confirm_at)
            return Status.QUEUED
        if refusal.credentials:
            self.observer.alarm(
                "CredentialsRefused",
                "a platform refused our credentials",
                id=envelope.id,
                topic=envelope.topic,
                destination=envelope.destination,
                status=refusal.status,
            )
        tried = envelope.tried(
            Attempt(
                at=self._now(), verdict=word(refusal), status=refusal.status, reason=refusal.reason
            )
        )
        death = DeadLetterReason(reason=refusal.reason, status=refusal.status, path=refusal.path)
        return self.dead_letter(tried, death)

    def _confirm(self, envelope: Envelope, at: float) -> None:
        # The window of doubt is real time: a platform is not hurried by a scaled clock.
        confirming = replace(envelope, confirms=True, first_failed_at=None, trail=())
        seconds = max(0.0, at - self.clock())
        due = instant_at(at)
        self.parking.park(replace(confirming, not_before=due), seconds + 1)

    def _now(self) -> str:
        return instant_at(self.clock())

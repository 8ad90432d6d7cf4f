"""Sends the envelopes that the receiver has stored in S3 because SQS did not accept them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from shared.errors import QueueUnavailable
from shared.model.value import MutableValue
from shared.model.version import moment
from shared.observability import Observer
from shared.queue.envelope import Envelope
from shared.queue.payload_store import PayloadStore
from shared.queue.sqs import PLACEHOLDERS, RetryQueue

# So many failures in a row end a run: SQS is still unavailable. Fewer may be envelopes that it
# never accepts, which must not stop the others.
FAILURES = 3


class Resender(MutableValue):
    """
    One run. ``clock`` is in epoch seconds; ``sent`` counts envelopes, ``failures`` those in a row
    that SQS did not accept.
    """

    queue: RetryQueue
    store: PayloadStore
    observer: Observer
    clock: Callable[[], float]
    sent: int = 0
    failures: int = 0

    def run(self, seconds: float) -> int:
        """Send what is stored, for so many seconds; return how many were sent."""
        with suppress(QueueUnavailable):
            self.store.unsent(self._send, self.clock() + seconds)
        return self.sent

    def _send(self, envelope: Envelope | None, key: str) -> bool:
        if envelope is None:
            self.observer.alarm("StoredUnsent", "an object in S3 is not an envelope", key=key)
            return False
        if envelope.task in PLACEHOLDERS:
            return True
        due = moment(envelope.not_before).timestamp() if envelope.not_before else 0.0
        try:
            self.queue.park(envelope, max(0.0, due - self.clock()))
        except QueueUnavailable as error:
            self._failed(envelope, error)
            return False
        self.failures, self.sent = 0, self.sent + 1
        self.observer.count("SentLater")
        self.observer.line("sent later", id=envelope.id, topic=envelope.topic)
        return True

    def _failed(self, envelope: Envelope, error: QueueUnavailable) -> None:
        self.observer.alarm("StoredUnsent", str(error), id=envelope.id, topic=envelope.topic)
        self.failures += 1
        if self.failures == FAILURES:
            raise error

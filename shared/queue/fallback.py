"""
What the receiver does when SQS does not accept a message: it tries again, then stores the envelope
in S3. The retry function sends it within minutes, see `shared.queue.resend`.

A WooCommerce store sends each webhook once, so that a 500 is a loss. An envelope may be sent twice
(a response of SQS that was lost, an object that could not be deleted): the ledger absorbs it, as it
does for the retry queue.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import QueueUnavailable
from shared.model.value import MutableValue
from shared.observability import Observer
from shared.queue.envelope import Envelope
from shared.queue.sqs import DeadLetterReason, RetryQueue

# The pause before another try, in seconds; it doubles, with jitter.
PAUSE = 0.05


class FallbackQueue(MutableValue):
    """
    The receiver's retry queue and dead letters. Raises QueueUnavailable if S3 is unavailable too.

    ``deadline`` (epoch seconds) bounds the tries, ``longest`` is the duration of the longest
    request to SQS or S3 (seconds), and ``random`` returns 0 to 1.
    """

    queue: RetryQueue
    observer: Observer
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]
    deadline: float
    longest: float
    # SQS failed in this invocation: the next envelope is stored at once.
    failed: bool = False

    def park(self, envelope: Envelope, delay: float) -> None:
        """Send an envelope to the retry queue, or store it until SQS accepts it."""
        self._send(envelope, lambda: self.queue.park(envelope, delay))

    def dead_letter(self, envelope: Envelope, reason: DeadLetterReason) -> None:
        """Send an envelope to the dead letters, or store it: it is rejected again later."""
        self._send(envelope, lambda: self.queue.dead_letter(envelope, reason))

    def _send(self, envelope: Envelope, send: Callable[[], None]) -> None:
        pause = PAUSE
        reason = "SQS failed before"
        while not self.failed:
            try:
                send()
            except QueueUnavailable as error:
                pause *= 1 + self.random()
                reason = str(error)
                # After the next try there must be time to store the envelope.
                self.failed = self.clock() + pause + 2 * self.longest > self.deadline
                if not self.failed:
                    self.sleep(pause)
            else:
                return
        self.queue.store(envelope)
        self.observer.alarm("StoredUnsent", reason, id=envelope.id, topic=envelope.topic)

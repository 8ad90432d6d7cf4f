"""
The retry queue, the dead letters and the bodies of a test: the real code over clients of dicts,
with the behaviour of Lambda's event source. Time is virtual, without sleeps and threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from shared.errors import QueueUnavailable
from shared.queue.dead_letters import DeadLetters
from shared.queue.payload_store import PayloadStore
from shared.queue.sqs import RetryQueue
from tests.fakes.sqs import MemoryS3, MemorySqs

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

RETRY, DEAD, BUCKET = "retry", "dead", "bodies-of-a-test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message as the event source receives it; ``count`` is its receive count."""

    message_id: str
    receipt: str
    body: str = field(repr=False)
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """
    A message among the dead letters; ``died_at`` is in epoch seconds.

    A message that was received too often has no ``reason`` among its attributes, and its
    ``died_at`` is the time at which it was sent.
    """

    message_id: str
    body: str = field(repr=False)
    attributes: dict[str, str]
    died_at: float


class MemoryQueue(RetryQueue):
    """`RetryQueue` over dicts; ``clock`` is in epoch seconds, ``visibility`` in seconds."""

    def __init__(
        self, clock: Callable[[], float], *, visibility: float = 360, max_receives: int = 5
    ) -> None:
        self.sqs, self.s3 = MemorySqs(clock, max_receives), MemoryS3()
        self.clock, self._visibility = clock, visibility
        # They have only those methods of boto3's clients that the code calls.
        clients = cast("tuple[SQSClient, S3Client]", (self.sqs, self.s3))
        super().__init__(*clients, retry=RETRY, dead=DEAD, bucket=BUCKET)

    def receive(self) -> Received | None:
        """
        Receive the message that is due first, and hide it. A message that was received too often
        goes to the dead letters instead. None if no message is due.
        """
        response = self.sqs.receive_message(QueueUrl=RETRY, VisibilityTimeout=self._visibility)
        for message in response.get("Messages", []):
            return Received(
                message_id=message["MessageId"],
                receipt=message["ReceiptHandle"],
                body=message["Body"],
                count=int(message["Attributes"]["ApproximateReceiveCount"]),
            )
        return None

    def delete(self, receipt: str) -> None:
        """Delete a message; the receipt of an earlier receive deletes nothing."""
        self.sqs.delete_message(QueueUrl=RETRY, ReceiptHandle=receipt)

    def next_due(self) -> float | None:
        """Return when the next message is visible, now or later; None if there is none."""
        first = self.sqs.retry.first()
        return None if first is None else first.due

    def waiting(self) -> list[str]:
        """Return the bodies of all messages in the retry queue, hidden ones too."""
        return [one.body for one in self.sqs.retry.there.values()]

    @property
    def dead(self) -> list[DeadLetter]:
        """All dead letters, including those that a scan holds."""
        return [
            DeadLetter(
                message_id=one.id,
                body=one.body,
                attributes={name: value["StringValue"] for name, value in one.attributes.items()},
                died_at=one.sent,
            )
            for one in self.sqs.dead.there.values()
        ]


def never_wait(_seconds: float) -> None:
    """Raise instead of waiting for messages that another scan holds: virtual time stands still."""
    raise QueueUnavailable("some dead letters are held elsewhere")


class MemoryDeadLetters(DeadLetters):
    """`DeadLetters` of a `MemoryQueue`; ``sleep`` may move the clock."""

    def __init__(
        self,
        queue: MemoryQueue,
        clock: Callable[[], float],
        sleep: Callable[[float], None] = never_wait,
    ) -> None:
        sqs = cast("SQSClient", queue.sqs)
        super().__init__(sqs, queue, url=DEAD, clock=clock, sleep=sleep, wait=0)


def memory_bodies(queue: MemoryQueue) -> PayloadStore:
    """Return the payload store of a queue's bucket."""
    return PayloadStore(cast("S3Client", queue.s3), BUCKET, queue.clock)

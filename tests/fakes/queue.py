"""
The retry queue, the dead letters and the bodies of a test: our own code over clients of dicts, with
what Lambda's event source does to a queue. Time is virtual; nothing sleeps and nothing is threaded.
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
    """A message as the event source has it; ``count`` is how often it was received by now."""

    message_id: str
    receipt: str
    body: str = field(repr=False)
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """
    A message among the dead letters; ``died_at`` is in epoch seconds.

    One that was received too often has no ``reason`` among its attributes, and the moment at which
    it was sent.
    """

    message_id: str
    body: str = field(repr=False)
    attributes: dict[str, str]
    died_at: float


class MemoryQueue(RetryQueue):
    """`Queue` over dicts; ``clock`` is in epoch seconds, ``visibility`` in seconds."""

    def __init__(
        self, clock: Callable[[], float], *, visibility: float = 360, max_receives: int = 5
    ) -> None:
        self.sqs, self.s3 = MemorySqs(clock, max_receives), MemoryS3()
        self.clock, self._visibility = clock, visibility
        # They answer to what we call of boto3's clients, and to nothing else.
        clients = cast("tuple[SQSClient, S3Client]", (self.sqs, self.s3))
        super().__init__(*clients, retry=RETRY, dead=DEAD, bucket=BUCKET)

    def receive(self) -> Received | None:
        """
        Receive the message that is due first, and hide it. What was received too often already
        goes to the dead letters instead. None when nothing is due.
        """
        answer = self.sqs.receive_message(QueueUrl=RETRY, VisibilityTimeout=self._visibility)
        for message in answer.get("Messages", []):
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
        """Tell when the next message is visible, now or later; None when there is none."""
        first = self.sqs.retry.first()
        return None if first is None else first.due

    def waiting(self) -> list[str]:
        """Give the bodies of all messages in the retry queue, hidden ones too."""
        return [one.body for one in self.sqs.retry.there.values()]

    @property
    def dead(self) -> list[DeadLetter]:
        """All dead letters, those that a scan holds too."""
        return [
            DeadLetter(
                message_id=one.id,
                body=one.body,
                attributes={name: told["StringValue"] for name, told in one.attributes.items()},
                died_at=one.sent,
            )
            for one in self.sqs.dead.there.values()
        ]


def nobody_waits(_seconds: float) -> None:
    """Refuse to wait for what another scan holds: in virtual time it would not move."""
    raise QueueUnavailable("others hold some dead letters")


class MemoryDeadLetters(DeadLetters):
    """`DeadLetters` of a `MemoryQueue`; ``sleep`` may move the clock."""

    def __init__(
        self,
        queue: MemoryQueue,
        clock: Callable[[], float],
        sleep: Callable[[float], None] = nobody_waits,
    ) -> None:
        sqs = cast("SQSClient", queue.sqs)
        super().__init__(sqs, queue, url=DEAD, clock=clock, sleep=sleep, wait=0)


def memory_bodies(queue: MemoryQueue) -> PayloadStore:
    """Give the bucket of a queue, as privacy looks through it."""
    return PayloadStore(cast("S3Client", queue.s3), BUCKET, queue.clock)

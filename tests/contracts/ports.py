"""The retry queue, the dead letters and the bodies: in dicts, and in moto's SQS and S3."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import boto3
from moto import mock_aws
from moto.sqs import models

from cli.local.moto_gaps import close_gaps
from shared.model.value import replace
from shared.queue.dead_letter import DeadLetter, DeadLetterFilter
from shared.queue.dead_letters import DeadLetters
from shared.queue.envelope import Attempt, Envelope
from shared.queue.payload_store import PayloadStore
from shared.queue.sqs import RetryQueue
from tests.fakes.clock import Clock
from tests.fakes.queue import (
    BUCKET,
    DEAD,
    RETRY,
    MemoryDeadLetters,
    MemoryQueue,
    Received,
    memory_bodies,
)

if TYPE_CHECKING:
    import pytest
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

REGION: Literal["eu-central-1"] = "eu-central-1"
# As template.yaml has them.
VISIBILITY, RECEIVES = 360, 5
AT = "2026-11-20T09:00:00.000000000Z"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """One of the two implementations. Both use ``clock``, and both start empty."""

    clock: Clock
    queue: RetryQueue
    dead_letters: DeadLetters
    bodies: PayloadStore
    receive: Callable[[], Received | None]
    delete: Callable[[str], None]
    sqs: Any
    s3: Any
    retry: str
    dead: str

    def receive_one(self) -> Received:
        """Receive a message that must be there."""
        message = self.receive()
        assert message is not None
        return message

    def receive_all(self) -> list[Received]:
        """Receive all messages that are due."""
        return list(iter(self.receive, None))

    def parked(self) -> list[Envelope]:
        """Receive all messages that are due, and open them."""
        return [self.queue.open(one.body) for one in self.receive_all()]

    def list_dead_letters(self, criteria: DeadLetterFilter | None = None) -> list[DeadLetter]:
        """List the dead letters, by the time of their sending and their ids."""
        found: list[DeadLetter] = []
        self.dead_letters.find(
            criteria or DeadLetterFilter(), lambda dead_letter, _: found.append(dead_letter)
        )
        return sorted(found, key=lambda one: (one.died_at, one.id))

    def over_queue(self, kind: type[RetryQueue]) -> DeadLetters:
        """Return the same dead letters over another kind of queue to replay to."""
        queue = kind(self.sqs, self.s3, retry=self.retry, dead=self.dead, bucket=BUCKET)
        return DeadLetters(
            self.sqs, queue, url=self.dead, clock=self.clock, sleep=self.clock.pass_, wait=0
        )

    def send_raw(self, url: str, body: str) -> None:
        """Send a message that the code would never send."""
        self.sqs.send_message(QueueUrl=url, MessageBody=body)

    def delete_bodies(self) -> None:
        """Delete every body, as S3 does after 45 days."""
        assert self.bodies.purge()


def webhook(name: str = "w-1", **changes: Any) -> Envelope:
    envelope = Envelope(
        id=name,
        source="shopify",
        topic="products/update",
        triggered_at=AT,
        received_at=AT,
        headers={"x-shopify-topic": "products/update"},
        body=b'{"id": 1}',
        entity="product:1",
        destination="datacue",
        first_failed_at=AT,
        not_before=AT,
        confirms=True,
        trail=(Attempt(at=AT, verdict="refused", status=400),),
    )
    return replace(envelope, **changes)


def memory(clock: Clock | None = None) -> Ports:
    """Return the ports in dicts."""
    clock = clock or Clock()
    queue = MemoryQueue(clock, visibility=VISIBILITY, max_receives=RECEIVES)
    return Ports(
        clock=clock,
        queue=queue,
        dead_letters=MemoryDeadLetters(queue, clock, clock.pass_),
        bodies=memory_bodies(queue),
        receive=queue.receive,
        delete=queue.delete,
        sqs=queue.sqs,
        s3=queue.s3,
        retry=RETRY,
        dead=DEAD,
    )


@dataclass
class Ticking:
    """
    Returns the time in milliseconds, a microsecond later with every call until the clock moves: in
    moto a released message is visible after its time, not at it.
    """

    clock: Clock
    last: float = 0.0
    calls: int = 0

    def __call__(self) -> float:
        now = self.clock()
        self.calls = self.calls + 1 if now == self.last else 0
        self.last = now
        return now * 1000 + self.calls * 1e-3


@contextmanager
def moto(patch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Callable[[str], Ports]]:
    """Start moto with the clock of the tests; yield a function that makes ports by their name."""
    close_gaps()
    patch.setattr(models, "unix_time", clock)
    patch.setattr(models, "unix_time_millis", Ticking(clock))
    with mock_aws():
        sqs, s3 = boto3.client("sqs", region_name=REGION), boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield lambda name: _on_moto(sqs, s3, clock, name)


def _on_moto(sqs: SQSClient, s3: S3Client, clock: Clock, name: str) -> Ports:
    dead = sqs.create_queue(QueueName=f"{DEAD}-{name}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    redrive = {"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": RECEIVES}
    attributes: Any = {"VisibilityTimeout": str(VISIBILITY), "RedrivePolicy": json.dumps(redrive)}
    retry = sqs.create_queue(QueueName=f"{RETRY}-{name}", Attributes=attributes)["QueueUrl"]
    queue = RetryQueue(sqs, s3, retry=retry, dead=dead, bucket=BUCKET)

    def receive() -> Received | None:
        response = sqs.receive_message(
            QueueUrl=retry, MessageSystemAttributeNames=["ApproximateReceiveCount"]
        )
        for message in response.get("Messages", []):
            return Received(
                message_id=message["MessageId"],
                receipt=message["ReceiptHandle"],
                body=message["Body"],
                count=int(message["Attributes"]["ApproximateReceiveCount"]),
            )
        return None

    def delete(receipt: str) -> None:
        # AWS accepts the delete of a message that is no longer in this queue; moto rejects it.
        with suppress(sqs.exceptions.ReceiptHandleIsInvalid):
            sqs.delete_message(QueueUrl=retry, ReceiptHandle=receipt)

    return Ports(
        clock=clock,
        queue=queue,
        dead_letters=DeadLetters(sqs, queue, url=dead, clock=clock, sleep=clock.pass_, wait=0),
        bodies=PayloadStore(s3, BUCKET, clock),
        receive=receive,
        delete=delete,
        sqs=sqs,
        s3=s3,
        retry=retry,
        dead=dead,
    )

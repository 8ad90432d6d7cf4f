"""
The retry queue and the dead letters: SQS, with S3 for what is larger than a message may be.

A message's body is an encoded `Envelope`, or ``{"pointer": "bodies/<day>/<uuid>"}`` when the
envelope is in S3. A dead letter carries its facts as message attributes too, so that it can be
listed and filtered without opening it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import NotUnderstood, QueueUnavailable
from shared.model.value import Value, replace
from shared.queue.envelope import Envelope, decode, encode

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

# SQS takes 1,048,576 bytes, attributes included; ours stay under 8 KiB.
MAX_MESSAGE = 1_040_000
MAX_DELAY = 900
# A body of 6 MB that does not shrink is 8 MB in base64; what is larger was not written by us.
MAX_OBJECT = 32 * 1024 * 1024
MAX_ATTRIBUTE = 256
BODIES = "bodies/"
# The duties of a stub: what stood there was delivered, parked anew or dropped; or it was forgotten.
ENDED, FORGOTTEN = "ended", "forgotten"
PLACEHOLDERS = frozenset({ENDED, FORGOTTEN})


class DeadLetterReason(Value):
    """Why a webhook is a dead letter: what failed, with what status, where in the payload."""

    reason: str
    status: int | None = None
    path: str = ""


class _Pointer(msgspec.Struct, forbid_unknown_fields=True):
    pointer: str


class RetryQueue:
    """Sends envelopes to the retry queue or the dead letters. Raises QueueUnavailable."""

    def __init__(self, sqs: SQSClient, s3: S3Client, *, retry: str, dead: str, bucket: str) -> None:
        self._sqs = sqs
        self._s3 = s3
        self._retry = retry
        self._dead = dead
        self._bucket = bucket

    def park(self, envelope: Envelope, delay: float) -> None:
        """
        Send an envelope to wait. One hop waits at most 900 s; the envelope's ``not_before`` sends
        it round again. A fraction of a second is cut: the worker takes what is nearly due.
        """
        seconds = max(0, min(int(delay), MAX_DELAY))
        attributes = _attributes(_facts(envelope))
        body = self._fit(envelope)
        try:
            self._sqs.send_message(
                QueueUrl=self._retry,
                MessageBody=body,
                DelaySeconds=seconds,
                MessageAttributes=attributes,
            )
        except (BotoCoreError, ClientError) as error:
            raise QueueUnavailable(f"SQS did not take a message: {type(error).__name__}") from error

    def dead_letter(self, envelope: Envelope, death: DeadLetterReason) -> None:
        """Send an envelope to the dead letters, with the reason and all facts as attributes."""
        facts = _facts(envelope) | {
            "reason": death.reason,
            "status": str(death.status or ""),
            "path": death.path,
        }
        body = self._fit(envelope)
        try:
            self._sqs.send_message(
                QueueUrl=self._dead, MessageBody=body, MessageAttributes=_attributes(facts)
            )
        except (BotoCoreError, ClientError) as error:
            raise QueueUnavailable(f"SQS did not take a message: {type(error).__name__}") from error

    def purge(self) -> None:
        """Delete everything that waits in the retry queue."""
        try:
            self._sqs.purge_queue(QueueUrl=self._retry)
        except (BotoCoreError, ClientError) as error:
            raise QueueUnavailable(f"SQS did not purge: {type(error).__name__}") from error

    def open(self, body: str) -> Envelope:
        """
        Read a message's body, from S3 where it points there.

        Raises NotUnderstood for a body that is not ours, or whose S3 object is gone.
        """
        pointer = pointer_of(body)
        if pointer is None:
            return decode(body.encode())
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=pointer)
            return decode(answer["Body"].read(MAX_OBJECT))
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                raise NotUnderstood("the body in S3 is gone") from error
            raise QueueUnavailable("S3 did not give a body") from error
        except BotoCoreError as error:
            raise QueueUnavailable("S3 did not give a body") from error

    def discard(self, body: str, envelope: Envelope) -> None:
        """
        Put a stub in place of the S3 object that a message points at, once the message has ended.

        Not deleted: SQS may give the message again, and a pointer that leads nowhere is a loss. An
        S3 out of reach changes nothing: what is left there has its lifetime.
        """
        pointer = pointer_of(body)
        if pointer is None:
            return
        with suppress(BotoCoreError, ClientError):
            self._s3.put_object(
                Bucket=self._bucket, Key=pointer, Body=encode(placeholder(envelope, ENDED))
            )

    def _fit(self, envelope: Envelope) -> str:
        data = encode(envelope)
        if len(data) <= MAX_MESSAGE:
            return data.decode()
        # A new object per hop: the trail in the envelope grows, and S3 forgets after 45 days.
        key = f"{BODIES}{envelope.received_at[:10]}/{uuid.uuid4()}"
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=data,
                Metadata={"entity": _ascii(envelope.entity)},
            )
        except (BotoCoreError, ClientError) as error:
            raise QueueUnavailable("S3 did not take a body") from error
        return msgspec.json.encode(_Pointer(key)).decode()


@contextmanager
def queue_errors(what: str) -> Iterator[None]:
    """Turn an error of AWS into QueueUnavailable; ``what`` says what SQS did not do."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise QueueUnavailable(f"{what}: {type(error).__name__}") from error


def pointer_of(body: str) -> str | None:
    """
    Give the S3 key that a message's body points at, None when it is an envelope.

    A key that is not a body's is none: what else is in the bucket is not for the queue to name.
    """
    try:
        key = msgspec.json.decode(body, type=_Pointer).pointer
    except msgspec.DecodeError:
        return None
    return key if key.startswith(BODIES) and ".." not in key else None


def placeholder(envelope: Envelope, task: str) -> Envelope:
    """Leave of an envelope what names nobody; ``duty`` says why the rest is gone."""
    return replace(
        envelope,
        headers={},
        body=b"",
        entity="",
        version="",
        destination=None,
        task=task,
        trail=(),
    )


def _facts(envelope: Envelope) -> dict[str, str]:
    return {
        "id": envelope.id,
        "source": envelope.source,
        "topic": envelope.topic,
        "destination": envelope.destination or envelope.task,
        "entity": envelope.entity,
    }


def _attributes(facts: Mapping[str, str]) -> dict[str, MessageAttributeValueTypeDef]:
    # SQS refuses an empty value; what a payload said is cut, and printable.
    return {
        name: {"DataType": "String", "StringValue": _printable(value)}
        for name, value in facts.items()
        if value
    }


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text[:MAX_ATTRIBUTE])


def _ascii(text: str) -> str:
    # S3 takes 2 KB of metadata in all, and what can stand in a header.
    return _printable(text).encode("ascii", "replace").decode()

"""
The retry queue and the dead letters: SQS, with S3 for envelopes that are too large for a message.

A message's body is an encoded `Envelope`, or ``{"pointer": "bodies/<day>/<uuid>"}`` if the
envelope is in S3. A dead letter has its facts as message attributes too, so that it can be
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
from shared.queue.envelope import INVALID_JSON, Envelope, decode, encode

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

# SQS takes 1,048,576 bytes, attributes included; ours stay under 8 KiB.
MAX_MESSAGE = 1_040_000
MAX_DELAY = 900
# A body of 6 MB that gzip cannot reduce is 8 MB in base64; Shoprelay writes no larger one.
MAX_OBJECT = 32 * 1024 * 1024
MAX_ATTRIBUTE = 256
BODIES = "bodies/"
# Envelopes that SQS did not accept; `shared.queue.resend` sends them.
UNSENT = f"{BODIES}unsent/"
# The tasks of a placeholder. Done: the envelope was delivered, parked again or dropped. Or erased.
ENDED, FORGOTTEN = "ended", "forgotten"
PLACEHOLDERS = frozenset({ENDED, FORGOTTEN})


class DeadLetterReason(Value):
    """Why a webhook is a dead letter: what failed, with what status, where in the payload."""

    reason: str
    status: int | None = None
    path: str = ""


class _Pointer(msgspec.Struct):
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
        Send an envelope to the retry queue. SQS delays a message for at most 900 s; until
        ``not_before`` the worker parks the envelope again. A fraction of a second is cut: the
        worker accepts an envelope that is nearly due.
        """
        seconds = max(0, min(int(delay), MAX_DELAY))
        attributes = _attributes(_facts(envelope))
        body = self._body(envelope)
        with queue_errors("SQS did not accept a message"):
            self._sqs.send_message(
                QueueUrl=self._retry,
                MessageBody=body,
                DelaySeconds=seconds,
                MessageAttributes=attributes,
            )

    def dead_letter(self, envelope: Envelope, reason: DeadLetterReason) -> None:
        """Send an envelope to the dead letters, with the reason and all facts as attributes."""
        facts = _facts(envelope) | {
            "reason": reason.reason,
            "status": str(reason.status or ""),
            "path": reason.path,
        }
        body = self._body(envelope)
        with queue_errors("SQS did not accept a message"):
            self._sqs.send_message(
                QueueUrl=self._dead, MessageBody=body, MessageAttributes=_attributes(facts)
            )

    def store(self, envelope: Envelope) -> None:
        """Store an envelope in S3, to be sent when SQS accepts messages again."""
        # Without a date: the resender continues after a failure with the next key, and keys of one
        # outage must not follow each other.
        self._put(f"{UNSENT}{uuid.uuid4()}", encode(envelope), envelope)

    def purge(self) -> None:
        """Delete everything in the retry queue."""
        with queue_errors("SQS did not purge"):
            self._sqs.purge_queue(QueueUrl=self._retry)

    def open(self, body: str) -> Envelope:
        """
        Read a message's body, from S3 if it points there.

        Raise NotUnderstood for a body that is not an envelope, or whose S3 object does not exist.
        """
        pointer = pointer_of(body)
        if pointer is None:
            return decode(body.encode())
        with queue_errors("S3 did not return a body"):
            try:
                response = self._s3.get_object(Bucket=self._bucket, Key=pointer)
                return decode(response["Body"].read(MAX_OBJECT))
            except ClientError as error:
                if is_missing(error):
                    raise NotUnderstood("the body in S3 is gone") from error
                raise

    def discard(self, body: str, envelope: Envelope) -> None:
        """
        Replace the S3 object that a message points at by a placeholder, once the message has ended.

        It is not deleted: SQS may return the message again, and a pointer to no object is a loss.
        An error of S3 changes nothing: an object that is left there ends by its own lifetime.
        """
        pointer = pointer_of(body)
        if pointer is None:
            return
        with suppress(QueueUnavailable):
            write_placeholder(self._s3, self._bucket, pointer, envelope, ENDED)

    def _body(self, envelope: Envelope) -> str:
        data = encode(envelope)
        if len(data) <= MAX_MESSAGE:
            return data.decode()
        # A new object for each send: the trail in the envelope grows, and S3 deletes after 45 days.
        key = f"{BODIES}{envelope.received_at[:10]}/{uuid.uuid4()}"
        self._put(key, data, envelope)
        return msgspec.json.encode(_Pointer(key)).decode()

    def _put(self, key: str, data: bytes, envelope: Envelope) -> None:
        with queue_errors("S3 did not accept a body"):
            self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=data,
                Metadata={"entity": _ascii(envelope.entity)},
            )


@contextmanager
def queue_errors(what: str) -> Iterator[None]:
    """Raise QueueUnavailable for an error of AWS; ``what`` says what SQS or S3 did not do."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise QueueUnavailable(f"{what}: {type(error).__name__}") from error


def is_missing(error: ClientError) -> bool:
    """Return whether S3 has no object under the key."""
    return error.response["Error"]["Code"] in {"NoSuchKey", "404"}


def pointer_of(body: str) -> str | None:
    """
    Return the S3 key that a message's body points at, None if it is an envelope.

    A key outside ``bodies/`` is None too: a message must not name other objects of the bucket.
    """
    try:
        key = msgspec.json.decode(body, type=_Pointer).pointer
    except INVALID_JSON:
        return None
    return key if key.startswith(BODIES) and ".." not in key else None


def write_placeholder(s3: S3Client, bucket: str, key: str, envelope: Envelope, task: str) -> None:
    """Replace the envelope in an S3 object by its placeholder. Raise QueueUnavailable."""
    with queue_errors("S3 did not accept a placeholder"):
        s3.put_object(Bucket=bucket, Key=key, Body=encode(placeholder(envelope, task)))


def placeholder(envelope: Envelope, task: str) -> Envelope:
    """Return an envelope without body and personal data; ``task`` says why they were removed."""
    return replace(
        envelope,
        headers={},
        body=b"",
        entity="",
        version="",
        destination=None,
        task=task,
        trail=(),
        # A field of a newer release may name somebody.
        unknown={},
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
    # SQS rejects an empty value; a value from a payload is truncated and made printable.
    return {
        name: {"DataType": "String", "StringValue": _printable(value)}
        for name, value in facts.items()
        if value
    }


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text[:MAX_ATTRIBUTE])


def _ascii(text: str) -> str:
    # S3 accepts 2 KB of metadata in all, and only what is valid in a header.
    return _printable(text).encode("ascii", "replace").decode()

"""The parts of SQS and S3 that the queue uses: in memory, and as strict as AWS."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from shared.errors import NotUnderstood
from shared.model.value import replace
from shared.privacy.requests import Match
from shared.queue.sqs import RetryQueue
from shared.queue.sweep import START, Sweep

RETRY, DEAD, BUCKET = "https://sqs.invalid/retry", "https://sqs.invalid/dead", "bodies"
# "A message can include only XML, JSON, and unformatted text": SQS API reference, SendMessage.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAX_MESSAGE = 1024 * 1024
_MAX_KEY = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A sent message; ``attributes`` as texts."""

    body: str = field(repr=False)
    delay: int = 0
    attributes: Mapping[str, str]


@dataclass(slots=True)
class Sqs:
    """Two queues, which reject what AWS rejects."""

    queues: dict[str, list[Message]] = field(default_factory=lambda: {RETRY: [], DEAD: []})

    def send_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803 - boto3's names
        MessageBody: str,  # noqa: N803
        DelaySeconds: int = 0,  # noqa: N803
        MessageAttributes: Mapping[str, Mapping[str, str]],  # noqa: N803
    ) -> dict[str, Any]:
        texts = {name: one["StringValue"] for name, one in MessageAttributes.items()}
        _check(MessageBody, texts, DelaySeconds)
        message = Message(body=MessageBody, delay=DelaySeconds, attributes=texts)
        self.queues[QueueUrl].append(message)
        return {}

    def purge_queue(self, *, QueueUrl: str) -> dict[str, Any]:  # noqa: N803
        self.queues[QueueUrl].clear()
        return {}


def _check(body: str, attributes: Mapping[str, str], delay: int) -> None:
    texts = [body, *attributes.values()]
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in (*texts, *attributes))
    if size > _MAX_MESSAGE or len(attributes) > 10 or not 0 <= delay <= 900:
        raise _refusal("InvalidParameterValue")
    if not all(texts):
        raise _refusal("MissingParameter")
    if any(_FORBIDDEN.search(text) for text in texts):
        raise _refusal("InvalidMessageContents")


def _refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "refused"}}, "SendMessage")


@dataclass(slots=True)
class S3:
    """One bucket."""

    objects: dict[str, bytes] = field(default_factory=dict)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803 - boto3's names
        Key: str,  # noqa: N803
        Body: bytes,  # noqa: N803
        Metadata: dict[str, str] | None = None,  # noqa: N803
        ContentType: str = "",  # noqa: N803
    ) -> None:
        del Bucket, ContentType
        if len(Key.encode()) > _MAX_KEY:
            raise _refusal("KeyTooLongError")
        if not all(text.isascii() for text in (Metadata or {}).values()):
            raise _refusal("ParamValidation")
        self.objects[Key] = Body
        self.metadata[Key] = Metadata or {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        del Bucket
        if Key not in self.objects:
            raise _refusal("NoSuchKey")
        return {"Body": io.BytesIO(self.objects[Key])}

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803
        del Bucket
        self.objects.pop(Key, None)

    def get_paginator(self, _: str) -> S3:
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        del Bucket
        return [{"Contents": [{"Key": key} for key in self.objects if key.startswith(Prefix)]}]


@dataclass(slots=True)
class FakeDeadLetters:
    """The parts of the dead letters that privacy uses; the matching is the real one."""

    sqs: Sqs
    queue: RetryQueue

    def purge(self, match: Match | None, deadline: float, sweep: Sweep = START) -> Sweep:
        del deadline
        messages = self.sqs.queues[DEAD]
        kept = [one for one in messages if match is not None and not self._is(one, match)]
        purged = len(messages) - len(kept)
        messages[:] = kept
        return replace(sweep, done=purged, over=True)

    def count_matching(self, match: Match, deadline: float, sweep: Sweep = START) -> Sweep:
        del deadline
        matched = sum(self._is(one, match) for one in self.sqs.queues[DEAD])
        return replace(sweep, matched=matched, over=True)

    def _is(self, message: Message, match: Match) -> bool:
        try:
            return match(self.queue.open(message.body))
        except NotUnderstood:
            return False

"""
Standard SQS queues and a bucket, in dicts and with virtual time, with the interface of boto3's
clients: the real code runs with them as it runs with AWS. They are tested by the same suite as moto
(tests/contracts/test_ports.py).

Unlike AWS, they return each message once at a time and in the order in which messages are due.
"""

from __future__ import annotations

import heapq
import io
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

# The limits of SendMessage: the delay, and the size of a message (SQS API reference).
LONGEST_DELAY = 900
LARGEST = 1_048_576
# "Only one PurgeQueue operation is allowed every 60 seconds" (SQS API reference, PurgeQueue).
BETWEEN_PURGES = 60


@dataclass(slots=True, kw_only=True)
class Message:
    """``due`` is when it is visible, ``sent`` when it was first sent; both in epoch seconds."""

    id: str
    body: str
    attributes: Mapping[str, Any]
    sent: float
    due: float
    number: int
    received: int = 0
    turn: int = 0

    @property
    def receipt(self) -> str:
        """The receipt of the newest receive; each receive has its own."""
        return f"{self.id}/{self.received}"


@dataclass(slots=True)
class Messages:
    """The messages of one queue. In the heap only the last turn of a message is valid."""

    there: dict[str, Message] = field(default_factory=dict)
    heap: list[tuple[float, int, int, str]] = field(default_factory=list)
    purged_at: float = -math.inf

    def put(self, message: Message) -> None:
        message.turn += 1
        self.there[message.id] = message
        heapq.heappush(self.heap, (message.due, message.number, message.turn, message.id))

    def first(self) -> Message | None:
        """Return the message that is due first, hidden ones too."""
        while self.heap:
            _, _, turn, name = self.heap[0]
            message = self.there.get(name)
            if message is not None and message.turn == turn:
                return message
            heapq.heappop(self.heap)
        return None

    def of(self, receipt: str) -> Message | None:
        """Return the message whose newest receipt this is."""
        message = self.there.get(receipt.partition("/")[0])
        return message if message is not None and message.receipt == receipt else None


class MemorySqs:
    """
    The retry queue and the dead letters of a test, by the names ``retry`` and ``dead``.

    A message that was received ``max_receives`` times moves to the dead letters when it would be
    received again, with the time at which it was first sent ("the enqueue timestamp is unchanged",
    SQS developer guide, dead-letter queue retention).
    """

    def __init__(self, clock: Callable[[], float], max_receives: int) -> None:
        self._clock = clock
        self._max_receives = max_receives
        self._numbers = itertools.count(1)
        self.retry = Messages()
        self.dead = Messages()

    def send_message(self, **request: Any) -> dict[str, Any]:
        delay, body = request.get("DelaySeconds", 0), request["MessageBody"]
        attributes = request.get("MessageAttributes", {})
        if not 0 <= delay <= LONGEST_DELAY or not body or _size(body, attributes) > LARGEST:
            raise ClientError({"Error": {"Code": "InvalidParameterValue"}}, "SendMessage")
        number, now = next(self._numbers), self._clock()
        message = Message(
            id=f"m{number}",
            body=body,
            attributes=attributes,
            sent=now,
            due=now + delay,
            number=number,
        )
        self._of(request).put(message)
        return {"MessageId": message.id}

    def receive_message(self, **request: Any) -> dict[str, Any]:
        queue, hidden = self._of(request), request["VisibilityTimeout"]
        # Take all before the first is put back: with no visibility timeout it would come again.
        taken = list(itertools.islice(self._visible(queue), request.get("MaxNumberOfMessages", 1)))
        found = [_as_received(_hide(queue, one, self._clock() + hidden)) for one in taken]
        return {"Messages": found} if found else {}

    def delete_message(self, **request: Any) -> None:
        # An old receipt "might succeed" on a standard queue, or delete nothing (SQS API reference,
        # DeleteMessage); the code must work if it deletes nothing.
        queue = self._of(request)
        message = queue.of(request["ReceiptHandle"])
        if message is not None:
            del queue.there[message.id]

    def change_message_visibility_batch(self, **request: Any) -> None:
        queue = self._of(request)
        for entry in request["Entries"]:
            message = queue.of(entry["ReceiptHandle"])
            if message is not None:
                message.due = self._clock() + entry["VisibilityTimeout"]
                queue.put(message)

    def purge_queue(self, **request: Any) -> None:
        queue, now = self._of(request), self._clock()
        if now - queue.purged_at < BETWEEN_PURGES:
            raise ClientError({"Error": {"Code": "PurgeQueueInProgress"}}, "PurgeQueue")
        queue.purged_at = now
        queue.there.clear()
        queue.heap.clear()

    def get_queue_attributes(self, **request: Any) -> dict[str, Any]:
        there, now = self._of(request).there.values(), self._clock()
        late = [one for one in there if one.due > now]
        return {
            "Attributes": {
                "ApproximateNumberOfMessages": str(len(there) - len(late)),
                "ApproximateNumberOfMessagesNotVisible": str(sum(bool(m.received) for m in late)),
            }
        }

    def _of(self, request: Mapping[str, Any]) -> Messages:
        return {"retry": self.retry, "dead": self.dead}[request["QueueUrl"]]

    def _visible(self, queue: Messages) -> Iterator[Message]:
        while (message := queue.first()) is not None and message.due <= self._clock():
            heapq.heappop(queue.heap)
            if queue is self.retry and message.received >= self._max_receives:
                del queue.there[message.id]
                self.dead.put(message)
            else:
                yield message


class NoSuchKey(ClientError):
    """There is no such object."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "NoSuchKey"}}, "GetObject")


class MemoryS3:
    """One bucket: ``objects`` by their keys."""

    exceptions = SimpleNamespace(NoSuchKey=NoSuchKey)

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, **request: Any) -> None:
        self.objects[request["Key"]] = request["Body"]

    def get_object(self, **request: Any) -> dict[str, Any]:
        if request["Key"] not in self.objects:
            raise NoSuchKey
        return {"Body": io.BytesIO(self.objects[request["Key"]])}

    def delete_object(self, **request: Any) -> None:
        self.objects.pop(request["Key"], None)

    def get_paginator(self, _operation: str) -> MemoryS3:
        return self

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        """List in the order of the keys, as S3 does."""
        prefix, after = request.get("Prefix", ""), request.get("StartAfter", "")
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        return [{"Contents": [{"Key": key} for key in keys]}] if keys else [{}]


def _hide(queue: Messages, message: Message, until: float) -> Message:
    message.received += 1
    message.due = until
    queue.put(message)
    return message


def _as_received(message: Message) -> dict[str, Any]:
    return {
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "Body": message.body,
        "MessageAttributes": message.attributes,
        "Attributes": {
            "SentTimestamp": str(int(message.sent * 1000)),
            "ApproximateReceiveCount": str(message.received),
        },
    }


def _size(body: str, attributes: Mapping[str, Any]) -> int:
    texts = (f"{name}{one['DataType']}{one['StringValue']}" for name, one in attributes.items())
    return sum(len(text.encode()) for text in (body, *texts))

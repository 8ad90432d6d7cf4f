"""
Lambda's event source mapping for a queue: poll, invoke, delete the messages that succeeded, and
leave those that failed to their visibility time-out. Waits are multiplied by the wait scale.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from cli.local.batch import event, failures
from cli.local.function import Function, HandlerFailed, HandlerTimedOut
from cli.local.timers import Timers
from cli.local.visibility import VisibilityExtender
from shared.model.version import moment

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

log = logging.getLogger(__name__)

# SQS delays are whole seconds, and an envelope is parked with its fraction cut off. The rest is
# waited for here, so that a wait scaled to a fraction of a second keeps its length.
_LONGEST_LOCAL_WAIT = 1.0
_LONG_POLL = 1
_JOIN_TIMEOUT = 2.0


class _Parked(msgspec.Struct):
    not_before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """An event source as in template.yaml; ``visibility`` in seconds, not scaled."""

    queue_url: str
    queue_arn: str
    visibility: int = 360
    batch: int = 5
    concurrency: int = 5
    wait_scale: float = 1.0


class EventSource:
    """Invoke a function with the messages of a queue until stopped."""

    def __init__(self, sqs: SQSClient, function: Function, mapping: Mapping) -> None:
        self._sqs = sqs
        self._function = function
        self._mapping = mapping
        self._timers = Timers()
        self._extender = VisibilityExtender(
            sqs, mapping.queue_url, mapping.visibility * mapping.wait_scale
        )
        self._due: deque[MessageTypeDef] = deque()
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._poll, name="poller", daemon=True),
            *(
                threading.Thread(target=self._work, name=f"{function.name}-{n}", daemon=True)
                for n in range(mapping.concurrency)
            ),
        ]

    def start(self) -> None:
        """Start to poll."""
        self._timers.start()
        self._extender.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop polling and wait briefly for invocations; their messages become visible again."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()
        self._timers.stop()
        end = time.monotonic() + _JOIN_TIMEOUT
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        self._extender.stop()

    @property
    def alive(self) -> bool:
        """Whether every thread is still running."""
        return all(thread.is_alive() for thread in self._threads)

    def _poll(self) -> None:
        while not self._stopped.is_set():
            if len(self._due) > self._mapping.batch * self._mapping.concurrency:
                self._stopped.wait(0.01)
                continue
            try:
                messages = self._receive()
            except (BotoCoreError, ClientError):
                log.exception("cannot receive")
                self._stopped.wait(_LONG_POLL)
                continue
            self._extender.add(messages)
            self._dispatch(messages)

    def _receive(self) -> Sequence[MessageTypeDef]:
        response = self._sqs.receive_message(
            QueueUrl=self._mapping.queue_url,
            MaxNumberOfMessages=self._mapping.batch,
            WaitTimeSeconds=_LONG_POLL,
            VisibilityTimeout=self._extender.seconds,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return response.get("Messages", [])

    def _dispatch(self, messages: Sequence[MessageTypeDef]) -> None:
        now = time.time()
        due = []
        for message in messages:
            rest = _seconds_until_due(message["Body"], now)
            if 0 < rest <= _LONGEST_LOCAL_WAIT:
                self._timers.after(rest, lambda held=message: self._ready([held]))  # type: ignore[misc]
            else:
                due.append(message)
        self._ready(due)

    def _ready(self, messages: Sequence[MessageTypeDef]) -> None:
        with self._changed:
            self._due.extend(messages)
            self._changed.notify(len(messages))

    def _work(self) -> None:
        while batch := self._take():
            try:
                self._settle(batch)
            except (BotoCoreError, ClientError):
                log.exception("cannot settle a batch")

    def _take(self) -> list[MessageTypeDef]:
        with self._changed:
            while not self._due and not self._stopped.is_set():
                self._changed.wait()
            if self._stopped.is_set():
                return []
            return [self._due.popleft() for _ in range(min(self._mapping.batch, len(self._due)))]

    def _settle(self, batch: list[MessageTypeDef]) -> None:
        began = time.monotonic()
        failed = self._invoke(batch)
        self._extender.remove(message["MessageId"] for message in batch)
        done = [message for message in batch if message["MessageId"] not in failed]
        if done:
            self._sqs.delete_message_batch(
                QueueUrl=self._mapping.queue_url,
                Entries=[
                    {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]}
                    for n, message in enumerate(done)
                ],
            )
        if self._mapping.wait_scale < 1:
            rest = self._mapping.visibility * self._mapping.wait_scale - (time.monotonic() - began)
            for message in batch:
                if message["MessageId"] in failed:
                    handle = message["ReceiptHandle"]
                    self._timers.after(rest, lambda handle=handle: self._make_visible(handle))  # type: ignore[misc]

    def _invoke(self, batch: list[MessageTypeDef]) -> frozenset[str]:
        ids = [message["MessageId"] for message in batch]
        try:
            response = self._function.invoke(event(batch, self._mapping.queue_arn))
        except HandlerTimedOut:
            log.error("the %s function timed out", self._function.name)  # noqa: TRY400 - no trace
            return frozenset(ids)
        except HandlerFailed:
            log.exception("the %s function failed", self._function.name)
            return frozenset(ids)
        return failures(response, ids)

    def _make_visible(self, handle: str) -> None:
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._mapping.queue_url, ReceiptHandle=handle, VisibilityTimeout=0
            )
        except (BotoCoreError, ClientError):
            log.warning("a failed message was gone before its time-out")


def _seconds_until_due(body: str, now: float) -> float:
    # Seconds until a message is due; a body that is not an envelope is due now.
    try:
        not_before = msgspec.json.decode(body, type=_Parked).not_before
        return moment(not_before).timestamp() - now if not_before else 0.0
    except (msgspec.DecodeError, ValueError):
        return 0.0

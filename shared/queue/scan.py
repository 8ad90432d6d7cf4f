"""
A scan of a queue, which SQS can only receive from. The messages that are scanned are held,
invisible to all other receivers, for as long as the scan lasts, so that no message is received
twice; the messages that were not deleted are released at the end, also after an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from shared.errors import QueueUnavailable
from shared.queue.sqs import queue_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# How long a message is held, in seconds; renewed at half time while the scan continues.
HOLD = 600
BATCH = 10
# The counts of SQS are approximate, and even a long poll may miss messages. If fewer messages were
# returned than counted, the queue is empty only after so many empty responses in a row.
EMPTY = 3
WAIT = 1
# The time to release one held message, in seconds: a batch of ten takes some 30 ms.
RELEASE = 0.004


class Scan:
    """
    One scan of a queue. Raises QueueUnavailable.

    ``visible`` is how many messages SQS counted at the start, ``elsewhere`` how many more were then
    hidden because other receivers held them; ``hidden`` is how many could not be released at the
    end and become visible by themselves within ten minutes. ``until`` (epoch seconds) is when the
    held messages become visible by themselves; None holds them for as long as the scan lasts.
    """

    def __init__(
        self,
        sqs: SQSClient,
        url: str,
        clock: Callable[[], float],
        wait: int = WAIT,
        until: float | None = None,
    ) -> None:
        self._sqs = sqs
        self._url = url
        self._clock = clock
        self._wait = wait
        self._until = until
        # Every message id; and for those still held, oldest first, the receipt and its end.
        self._seen: set[str] = set()
        self._held: dict[str, tuple[str, float]] = {}
        self.hidden = 0
        self.visible, self.elsewhere = self._count()

    def messages(self) -> Iterator[MessageTypeDef]:
        """Yield each message once, and hold it."""
        empty = 0
        while empty < (1 if len(self._seen) >= self.visible else EMPTY):
            batch = self._receive()
            empty = 0 if batch else empty + 1
            for message in self._hold(batch):
                self._renew_holds()
                yield message

    def delete(self, message_id: str) -> None:
        """Delete a held message from the queue."""
        receipt, _ = self._held[message_id]
        self._delete(receipt)
        del self._held[message_id]

    def release(self) -> None:
        """Release all held messages; those that cannot be released become visible by themselves."""
        try:
            while self._held:
                batch = list(islice(self._held, BATCH))
                self._change([self._held[one][0] for one in batch], 0)
                for one in batch:
                    del self._held[one]
        except QueueUnavailable:
            self.hidden = len(self._held)

    def leave_hidden(self, message_ids: Iterable[str]) -> None:
        """Leave held messages hidden until they become visible by themselves."""
        for name in message_ids:
            del self._held[name]

    def release_seconds(self) -> float:
        """Return how many seconds the release of the held messages will take."""
        return len(self._held) * RELEASE

    def _count(self) -> tuple[int, int]:
        with queue_errors("SQS did not count its messages"):
            counts = self._sqs.get_queue_attributes(
                QueueUrl=self._url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                ],
            )["Attributes"]
        return (
            int(counts["ApproximateNumberOfMessages"]),
            int(counts["ApproximateNumberOfMessagesNotVisible"]),
        )

    def _receive(self) -> list[MessageTypeDef]:
        with queue_errors("SQS returned no messages"):
            return self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=BATCH,
                VisibilityTimeout=self._hold_for(),
                WaitTimeSeconds=self._wait,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp"],
            ).get("Messages", [])

    def _hold_for(self) -> int:
        return HOLD if self._until is None else max(0, math.ceil(self._until - self._clock()))

    def _hold(self, batch: Sequence[MessageTypeDef]) -> list[MessageTypeDef]:
        """
        Hold a batch and return its new messages. SQS returns a message twice now and then: the
        newest receipt counts, and a copy of a deleted message is deleted too.
        """
        until = self._until or self._clock() + HOLD
        fresh, copies = [], []
        for message in batch:
            name, receipt = message["MessageId"], message["ReceiptHandle"]
            if name in self._seen and name not in self._held:
                copies.append(receipt)
                continue
            if name not in self._seen:
                fresh.append(message)
            self._seen.add(name)
            self._held.pop(name, None)
            self._held[name] = (receipt, until)
        for receipt in copies:
            self._delete(receipt)
        return fresh

    def _renew_holds(self) -> None:
        """Renew each hold at half of its time, unless the scan has an end."""
        if self._until is not None:
            return
        now = self._clock()
        late = list(
            takewhile(lambda one: one[1][1] - now < HOLD / 2, self._held.items()),
        )
        for start in range(0, len(late), BATCH):
            batch = late[start : start + BATCH]
            self._change([receipt for _, (receipt, _) in batch], HOLD)
            for name, (receipt, _) in batch:
                del self._held[name]
                self._held[name] = (receipt, now + HOLD)

    def _delete(self, receipt: str) -> None:
        with queue_errors("SQS did not delete a message"):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)

    def _change(self, receipts: Sequence[str], seconds: int) -> None:
        # An entry that fails alone is no longer held: another receiver has it, or its hold ended.
        with queue_errors("SQS did not change how long messages are held"):
            self._sqs.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(at), "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
                    for at, receipt in enumerate(receipts)
                ],
            )


@contextmanager
def scanning(
    sqs: SQSClient,
    url: str,
    clock: Callable[[], float],
    wait: int = WAIT,
    until: float | None = None,
) -> Iterator[Scan]:
    """Scan a queue; at the end release the messages that were neither deleted nor left hidden."""
    scan = Scan(sqs, url, clock, wait, until)
    try:
        yield scan
    finally:
        scan.release()

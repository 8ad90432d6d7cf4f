"""
Looking through a queue that can only be received from. What is looked at is held, invisible to all
others, for as long as the scan lasts, so that no message comes twice; what was not taken out is
released at the end, also after an error.
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

# How long a message is held, in seconds; renewed at half time while the scan goes on.
HOLD = 600
BATCH = 10
# A long poll asks every server of SQS, yet its counts and its answers are approximate: a queue that
# has not shown all that it counted is empty only after so many empty answers in a row.
EMPTY = 3
WAIT = 1
# What releasing one held message takes, in seconds: a batch of ten answers in some 30 ms.
RELEASE = 0.004


class Scan:
    """
    One look through a queue. Raises QueueUnavailable.

    ``visible`` is how many messages SQS counted at the start, ``elsewhere`` how many more were then
    hidden because others held them; ``hidden`` is how many could not be released at the end and
    come back by themselves within ten minutes. ``until`` (epoch seconds) is when what is held comes
    back by itself; None holds it for as long as the scan lasts.
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
        # Every message id; and of those still held, oldest first, the receipt and its end.
        self._seen: set[str] = set()
        self._held: dict[str, tuple[str, float]] = {}
        self.hidden = 0
        self.visible, self.elsewhere = self._count()

    def messages(self) -> Iterator[MessageTypeDef]:
        """Give each message once, and hold it."""
        empty = 0
        while empty < (1 if len(self._seen) >= self.visible else EMPTY):
            batch = self._receive()
            empty = 0 if batch else empty + 1
            for message in self._hold(batch):
                self._keep()
                yield message

    def delete(self, message_id: str) -> None:
        """Take a held message out of the queue for good."""
        receipt, _ = self._held[message_id]
        self._delete(receipt)
        del self._held[message_id]

    def release(self) -> None:
        """Give back everything that is held; what cannot be given back comes back by itself."""
        try:
            while self._held:
                batch = list(islice(self._held, BATCH))
                self._change([self._held[one][0] for one in batch], 0)
                for one in batch:
                    del self._held[one]
        except QueueUnavailable:
            self.hidden = len(self._held)

    def leave(self, message_ids: Iterable[str]) -> None:
        """Leave held messages hidden, until they come back by themselves."""
        for name in message_ids:
            del self._held[name]

    def release_takes(self) -> float:
        """Tell how many seconds it will take to release what is held."""
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
        with queue_errors("SQS gave no messages"):
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
        Hold a batch and give what is new. SQS gives a message twice now and then: the newest
        receipt counts, and a copy of what was taken out is taken out too.
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

    def _keep(self) -> None:
        """Hold on to what is held when half of its time is over, unless it has an end."""
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
        # One that fails alone is no longer held: it was given to somebody else, or is over.
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
    """Look through a queue, and release at the end what was neither taken out nor left."""
    scan = Scan(sqs, url, clock, wait, until)
    try:
        yield scan
    finally:
        scan.release()

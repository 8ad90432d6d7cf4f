"""


Messages in processing stay hidden; those of a process that was killed become visible again soon.

A visibility time-out that is scaled like every wait may be shorter than the handler's time, which
is not scaled: so it is extended while the message is processed.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

log = logging.getLogger(__name__)

# Long enough for an extension to arrive in time on a busy machine.
_MIN_SECONDS = 4
_BATCH = 10


class VisibilityExtender:
    """Extend added messages three times in each visibility time-out, until stopped."""

    def __init__(
        self, sqs: SQSClient, queue_url: str, visibility: float, min_seconds: int = _MIN_SECONDS
    ) -> None:
        self._sqs = sqs
        self._url = queue_url
        self.seconds = max(min_seconds, math.ceil(visibility))
        self._held: dict[str, str] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hold", daemon=True)

    def start(self) -> None:
        """Start to extend."""
        self._thread.start()

    def stop(self) -> None:
        """Stop extending: the messages become visible after their time-out."""
        self._stop.set()
        self._thread.join()

    def add(self, messages: Sequence[MessageTypeDef]) -> None:
        """Add received messages."""
        with self._lock:
            self._held |= {one["MessageId"]: one["ReceiptHandle"] for one in messages}

    def remove(self, ids: Iterable[str]) -> None:
        """Remove messages by id."""
        with self._lock:
            for name in ids:
                self._held.pop(name, None)

    def _run(self) -> None:
        while not self._stop.wait(self.seconds / 3):
            with self._lock:
                handles = iter(list(self._held.values()))
            while batch := list(islice(handles, _BATCH)):
                self._renew(batch)

    def _renew(self, handles: Sequence[str]) -> None:
        # A single failed entry was deleted meanwhile.
        try:
            self._sqs.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(n), "ReceiptHandle": handle, "VisibilityTimeout": self.seconds}
                    for n, handle in enumerate(handles)
                ],
            )
        except (BotoCoreError, ClientError):
            log.exception("cannot extend the visibility of messages")

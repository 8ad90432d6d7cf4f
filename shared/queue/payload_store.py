"""The bucket: envelopes that are too large for a message, and records for the merchant."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.errors import NotUnderstood, QueueUnavailable
from shared.model.value import Value, replace
from shared.queue.envelope import Envelope, decode
from shared.queue.scan_report import TIME
from shared.queue.sqs import (
    BODIES,
    FORGOTTEN,
    PLACEHOLDERS,
    UNSENT,
    is_missing,
    queue_errors,
    write_placeholder,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RECORDS = "privacy/"


class Cursor(Value):
    """
    The progress of a scan through the bucket: the last key that was scanned, and how many objects
    matched so far.
    """

    after: str = ""
    done: int = 0
    over: bool = False


BEGINNING = Cursor()


class PayloadStore:
    """
    Scans the bucket. Every method raises QueueUnavailable; ``clock`` and every ``deadline`` are in
    epoch seconds.
    """

    def __init__(
        self,
        s3: S3Client,
        bucket: str,
        # The default never advances: no deadline passes.
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._clock = clock

    def remove(
        self,
        match: Callable[[Envelope], bool],
        deadline: float = math.inf,
        cursor: Cursor = BEGINNING,
    ) -> Cursor:
        """
        Continue a scan that replaces matching envelopes by placeholders: a message that still
        points at one ends there. An object that is not an envelope stays until its lifetime ends.
        """

        def remove_one(key: str) -> bool:
            envelope = self._envelope(key)
            if envelope is None or envelope.task in PLACEHOLDERS or not match(envelope):
                return False
            write_placeholder(self._s3, self._bucket, key, envelope, FORGOTTEN)
            return True

        return self._scan(BODIES, remove_one, deadline, cursor)

    def unsent(self, send: Callable[[Envelope | None, str], bool], deadline: float) -> Cursor:
        """
        Scan the envelopes that SQS did not accept, and delete those that ``send`` returns True for.

        It is called with None for an object that is not an envelope.
        """

        def send_one(key: str) -> bool:
            sent = send(self._envelope(key), key)
            if sent:
                self._delete(key)
            return sent

        return self._scan(UNSENT, send_one, deadline, BEGINNING)

    def remove_records(
        self, match: Callable[[bytes], bool], deadline: float = math.inf, cursor: Cursor = BEGINNING
    ) -> Cursor:
        """Continue a scan that deletes matching records."""

        def remove_one(key: str) -> bool:
            matched = match(self._read(key))
            if matched:
                self._delete(key)
            return matched

        return self._scan(RECORDS, remove_one, deadline, cursor)

    def purge(self, deadline: float = math.inf) -> int:
        """Delete every body and record; raise QueueUnavailable too if the deadline comes first."""

        def remove_one(key: str) -> bool:
            self._delete(key)
            return True

        scans = [
            self._scan(prefix, remove_one, deadline, BEGINNING) for prefix in (BODIES, RECORDS)
        ]
        if not all(scan.over for scan in scans):
            raise QueueUnavailable(f"the bucket is not empty: {TIME}")
        return sum(scan.done for scan in scans)

    def record(self, name: str, data: bytes) -> None:
        """Write a record for the merchant; the bucket deletes it after 30 days."""
        with _s3_errors():
            self._s3.put_object(
                Bucket=self._bucket,
                Key=f"{RECORDS}{name}.json",
                Body=data,
                ContentType="application/json",
            )

    def _scan(
        self, prefix: str, visit: Callable[[str], bool], deadline: float, cursor: Cursor
    ) -> Cursor:
        for key in self._keys(prefix, cursor.after):
            if self._clock() >= deadline:
                return cursor
            cursor = replace(cursor, done=cursor.done + visit(key), after=key)
        return replace(cursor, over=True)

    def _keys(self, prefix: str, after: str) -> Iterator[str]:
        since: Any = {"StartAfter": after} if after else {}
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, **since
        )
        with _s3_errors():
            for page in pages:
                yield from (found["Key"] for found in page.get("Contents", []))

    def _envelope(self, key: str) -> Envelope | None:
        try:
            return decode(self._read(key))
        except NotUnderstood:
            return None

    def _read(self, key: str) -> bytes:
        """Read an object; empty if it was deleted since it was listed."""
        with _s3_errors():
            try:
                return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if not is_missing(error):
                    raise
                return b""

    def _delete(self, key: str) -> None:
        with _s3_errors():
            self._s3.delete_object(Bucket=self._bucket, Key=key)


def _s3_errors() -> AbstractContextManager[None]:
    return queue_errors("S3 did not answer")

"""The bucket: bodies too large for a message, and records for the merchant."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import NotUnderstood, QueueUnavailable
from shared.model.value import Value, replace
from shared.queue.envelope import Envelope, decode, encode
from shared.queue.scan_report import TIME
from shared.queue.sqs import BODIES, FORGOTTEN, PLACEHOLDERS, placeholder

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RECORDS = "privacy/"


class Cursor(Value):
    """How far a look through the bucket is: up to which key, and how many objects were meant."""

    after: str = ""
    done: int = 0
    over: bool = False


BEGINNING = Cursor()


class PayloadStore:
    """
    Looks through the bucket. Every method raises QueueUnavailable; ``clock`` and every ``deadline``
    are in epoch seconds.
    """

    def __init__(
        self,
        s3: S3Client,
        bucket: str,
        # One that stands still: no deadline passes.
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._clock = clock

    def remove(
        self,
        match: Callable[[Envelope], bool],
        deadline: float = math.inf,
        look: Cursor = BEGINNING,
    ) -> Cursor:
        """
        Go on with a look that puts stubs in place of matching bodies: a message that still points
        at one ends there. What is no envelope stays for its lifetime.
        """

        def act(key: str) -> bool:
            envelope = self._envelope(key)
            if envelope is None or envelope.task in PLACEHOLDERS or not match(envelope):
                return False
            with _reaching():
                gone = encode(placeholder(envelope, FORGOTTEN))
                self._s3.put_object(Bucket=self._bucket, Key=key, Body=gone)
            return True

        return self._go_on(BODIES, act, deadline, look)

    def remove_records(
        self, match: Callable[[bytes], bool], deadline: float = math.inf, look: Cursor = BEGINNING
    ) -> Cursor:
        """Go on with a look that deletes matching records."""

        def act(key: str) -> bool:
            meant = match(self._read(key))
            if meant:
                self._delete(key)
            return meant

        return self._go_on(RECORDS, act, deadline, look)

    def purge(self, deadline: float = math.inf) -> int:
        """Delete every body and record; raises QueueUnavailable too when time does not suffice."""

        def act(key: str) -> bool:
            self._delete(key)
            return True

        looks = [self._go_on(prefix, act, deadline, BEGINNING) for prefix in (BODIES, RECORDS)]
        if not all(look.over for look in looks):
            raise QueueUnavailable(f"the bucket is not empty: {TIME}")
        return sum(look.done for look in looks)

    def record(self, name: str, data: bytes) -> None:
        """Write a record for the merchant; the bucket forgets it after 30 days."""
        with _reaching():
            self._s3.put_object(
                Bucket=self._bucket,
                Key=f"{RECORDS}{name}.json",
                Body=data,
                ContentType="application/json",
            )

    def _go_on(
        self, prefix: str, act: Callable[[str], bool], deadline: float, look: Cursor
    ) -> Cursor:
        for key in self._keys(prefix, look.after):
            if self._clock() >= deadline:
                return look
            look = replace(look, done=look.done + act(key), after=key)
        return replace(look, over=True)

    def _keys(self, prefix: str, after: str) -> Iterator[str]:
        since: Any = {"StartAfter": after} if after else {}
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, **since
        )
        with _reaching():
            for page in pages:
                yield from (found["Key"] for found in page.get("Contents", []))

    def _envelope(self, key: str) -> Envelope | None:
        try:
            return decode(self._read(key))
        except NotUnderstood:
            return None

    def _read(self, key: str) -> bytes:
        """Read an object; empty when it is gone since it was listed."""
        with _reaching():
            try:
                return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
                    raise
                return b""

    def _delete(self, key: str) -> None:
        with _reaching():
            self._s3.delete_object(Bucket=self._bucket, Key=key)


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise QueueUnavailable(f"S3 did not answer: {type(error).__name__}") from error

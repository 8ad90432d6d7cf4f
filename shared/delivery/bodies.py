"""The bucket: bodies too large for a message, and records for the merchant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.delivery.envelope import Envelope, decode
from shared.delivery.queue import BODIES
from shared.errors import NotUnderstood, QueueUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RECORDS = "privacy/"


class Bodies:
    """Looks through the bucket. Every method raises QueueUnavailable."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def remove(self, match: Callable[[Envelope], bool]) -> int:
        """Delete the bodies of matching envelopes; what is no envelope stays for its lifetime."""
        removed = 0
        for key in self._keys():
            envelope = self._envelope(key)
            if envelope is not None and match(envelope):
                with _reaching():
                    self._s3.delete_object(Bucket=self._bucket, Key=key)
                removed += 1
        return removed

    def purge(self) -> int:
        """Delete every body; records for the merchant stay."""
        keys = list(self._keys())
        for key in keys:
            with _reaching():
                self._s3.delete_object(Bucket=self._bucket, Key=key)
        return len(keys)

    def record(self, name: str, data: bytes) -> None:
        """Write a record for the merchant; the bucket forgets it after 30 days."""
        with _reaching():
            self._s3.put_object(
                Bucket=self._bucket,
                Key=f"{RECORDS}{name}.json",
                Body=data,
                ContentType="application/json",
            )

    def _keys(self) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=BODIES
        )
        with _reaching():
            for page in pages:
                yield from (found["Key"] for found in page.get("Contents", []))

    def _envelope(self, key: str) -> Envelope | None:
        try:
            with _reaching():
                return decode(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        except NotUnderstood:
            return None


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise QueueUnavailable(f"S3 did not answer: {type(error).__name__}") from error

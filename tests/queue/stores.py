"""Queues and a bucket for tests, with methods that read their contents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.queue.sqs import RetryQueue

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

REGION = "eu-central-1"
BUCKET = "bodies-of-a-test"


@dataclass(frozen=True, kw_only=True)
class Stores:
    sqs: SQSClient
    s3: S3Client
    retry: str
    dead: str

    def queue(self, **other: str) -> RetryQueue:
        """Return a queue over these stores, or over ``other`` ones."""
        names = {"retry": self.retry, "dead": self.dead, "bucket": BUCKET, **other}
        return RetryQueue(self.sqs, self.s3, **names)

    def messages(self, url: str) -> list[Any]:
        """Receive the messages of a queue."""
        response = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return response.get("Messages", [])

    def keys(self) -> list[str]:
        """List the bucket."""
        found = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [one["Key"] for one in found]

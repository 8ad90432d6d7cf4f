from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tests.queue.stores import BUCKET, REGION, Stores

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient


@pytest.fixture
def stores() -> Iterator[Stores]:
    """Yield queues and a bucket that moto keeps in this process."""
    with mock_aws():
        sqs: SQSClient = boto3.client("sqs", region_name=REGION)
        s3: S3Client = boto3.client("s3", region_name=REGION)
        s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        retry = sqs.create_queue(QueueName="retry")["QueueUrl"]
        dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
        yield Stores(sqs=sqs, s3=s3, retry=retry, dead=dead)

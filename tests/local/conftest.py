from __future__ import annotations

import dataclasses
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import boto3
import pytest

from cli.local.aws import LocalAws, Resources


@pytest.fixture(scope="module")
def running_aws() -> Iterator[Resources]:
    before = dict(os.environ)
    local = LocalAws()
    with ExitStack() as up:
        up.callback(os.environ.update, before)
        up.callback(os.environ.clear)
        resources = local.start("shoprelay/test", "{}")
        up.callback(local.stop)
        yield resources


@pytest.fixture
def aws(running_aws: Resources) -> Resources:
    """Return resources with new queues for each test: SQS purges a queue only once a minute."""
    sqs = boto3.client("sqs")
    name = uuid.uuid4().hex
    dead = sqs.create_queue(QueueName=f"dead-{name}")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=running_aws.retry_queue, AttributeNames=["All"])
    redrive = json.loads(attributes["Attributes"]["RedrivePolicy"])
    redrive["deadLetterTargetArn"] = (
        redrive["deadLetterTargetArn"].rpartition(":")[0] + f":dead-{name}"
    )
    retry = sqs.create_queue(
        QueueName=f"retry-{name}",
        Attributes={"VisibilityTimeout": "360", "RedrivePolicy": json.dumps(redrive)},
    )["QueueUrl"]
    return dataclasses.replace(running_aws, retry_queue=retry, dead_letters=dead)

from __future__ import annotations

import time

import boto3

from cli.local.aws import Resources
from cli.local.visibility import VisibilityExtender
from tests.local.test_moto_gaps import received


def test_an_added_message_stays_hidden_and_a_removed_one_becomes_visible(aws: Resources) -> None:
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=aws.retry_queue, MessageBody="x")
    extender = VisibilityExtender(sqs, aws.retry_queue, 1.0, min_seconds=1)
    messages = received(sqs, aws.retry_queue, hidden=extender.seconds)
    extender.add(messages)
    extender.start()

    time.sleep(1.5)
    while_held = received(sqs, aws.retry_queue)
    extender.remove([messages[0]["MessageId"]])
    afterwards = received(sqs, aws.retry_queue, hidden=0, wait=10)
    extender.stop()

    assert while_held == []
    assert [one["Body"] for one in afterwards] == ["x"]


def test_a_time_out_is_whole_seconds_and_never_too_short_to_be_extended(aws: Resources) -> None:
    sqs = boto3.client("sqs")

    assert VisibilityExtender(sqs, aws.retry_queue, 0.36).seconds == 4
    assert VisibilityExtender(sqs, aws.retry_queue, 7.2).seconds == 8
    assert VisibilityExtender(sqs, aws.retry_queue, 360.0).seconds == 360


def test_a_deleted_message_does_not_stop_the_extension_of_others(aws: Resources) -> None:
    sqs = boto3.client("sqs")
    for body in ("gone", "held"):
        sqs.send_message(QueueUrl=aws.retry_queue, MessageBody=body)
    extender = VisibilityExtender(sqs, aws.retry_queue, 1.0, min_seconds=1)
    messages = received(sqs, aws.retry_queue, hidden=extender.seconds)
    extender.add(messages)
    [gone] = [one for one in messages if one["Body"] == "gone"]
    sqs.delete_message(QueueUrl=aws.retry_queue, ReceiptHandle=gone["ReceiptHandle"])
    extender.start()

    time.sleep(1.5)
    found = received(sqs, aws.retry_queue)
    extender.stop()

    assert found == []

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from cli.local.aws import TABLE, Resources
from cli.local.moto_gaps import close_gaps, sweep

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef


def received(sqs: SQSClient, url: str, *, hidden: int = 1, wait: int = 0) -> list[MessageTypeDef]:
    response = sqs.receive_message(
        QueueUrl=url, VisibilityTimeout=hidden, WaitTimeSeconds=wait, MaxNumberOfMessages=10
    )
    return response.get("Messages", [])


def test_a_stale_receipt_handle_does_not_delete_the_message(aws: Resources) -> None:
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=aws.retry_queue, MessageBody="x")
    [first] = received(sqs, aws.retry_queue, hidden=1)
    [second] = received(sqs, aws.retry_queue, hidden=0, wait=3)

    sqs.delete_message(QueueUrl=aws.retry_queue, ReceiptHandle=first["ReceiptHandle"])

    [third] = received(sqs, aws.retry_queue, hidden=30)
    assert first["MessageId"] == second["MessageId"] == third["MessageId"]


def test_the_newest_receipt_handle_deletes_the_message(aws: Resources) -> None:
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=aws.retry_queue, MessageBody="x")
    received(sqs, aws.retry_queue, hidden=0)
    [newest] = received(sqs, aws.retry_queue, hidden=0)

    sqs.delete_message(QueueUrl=aws.retry_queue, ReceiptHandle=newest["ReceiptHandle"])

    assert received(sqs, aws.retry_queue) == []


def test_closing_the_gaps_twice_patches_nothing_twice(aws: Resources) -> None:
    from moto.sqs.models import Queue  # noqa: PLC0415 - only after the fixture has patched it

    before = Queue.delete_message

    close_gaps()

    assert Queue.delete_message is before
    assert aws.retry_queue


def test_no_message_is_lost_while_others_are_deleted(aws: Resources) -> None:
    sqs = boto3.client("sqs")
    count = 60

    def send() -> None:
        for n in range(count):
            sqs.send_message(QueueUrl=aws.retry_queue, MessageBody=str(n))

    seen: list[str] = []
    sender = threading.Thread(target=send)
    sender.start()
    while sender.is_alive() or len(seen) < count:
        messages = received(sqs, aws.retry_queue, hidden=60, wait=1)
        if not messages and not sender.is_alive():
            break
        for message in messages:
            seen.append(message["Body"])
            sqs.delete_message(QueueUrl=aws.retry_queue, ReceiptHandle=message["ReceiptHandle"])
    sender.join()

    assert sorted(seen) == sorted(map(str, range(count)))


def test_a_transaction_that_fails_leaves_every_row_as_it_was(aws: Resources) -> None:
    dynamodb: Any = boto3.client("dynamodb")
    for name in ("first", "second", "other"):
        dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": name}, "n": {"N": "1"}})
    two = {"UpdateExpression": "SET n = :two", "ExpressionAttributeValues": {":two": {"N": "2"}}}
    first = {"TableName": TABLE, "Key": {"pk": {"S": "first"}}, **two}
    second = {"TableName": TABLE, "Key": {"pk": {"S": "second"}}, **two}
    forbidden = {**second, "ConditionExpression": "attribute_not_exists(pk)"}
    new = {"TableName": TABLE, "Item": {"pk": {"S": "new"}}}

    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(
            TransactItems=[{"Update": first}, {"Put": new}, {"Update": forbidden}]
        )

    rows = {row["pk"]["S"]: row["n"]["N"] for row in dynamodb.scan(TableName=TABLE)["Items"]}
    assert rows == {"first": "1", "second": "1", "other": "1"}
    for name in rows:
        dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": name}})
    assert aws.endpoint.startswith("http://127.0.0.1:")


def test_expired_rows_are_swept_and_others_stay(aws: Resources) -> None:
    dynamodb = boto3.client("dynamodb")
    now = time.time()
    for name, ttl in {"late": now - 5, "living": now + 60}.items():
        item = {"pk": {"S": name}, "ttl": {"N": str(int(ttl))}}
        dynamodb.put_item(TableName=TABLE, Item=item)
    dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": "for ever"}})

    swept = sweep(dynamodb, TABLE, now)

    rows = dynamodb.scan(TableName=TABLE)["Items"]
    assert swept == 1
    assert sorted(row["pk"]["S"] for row in rows) == ["for ever", "living"]
    assert aws.endpoint.startswith("http://127.0.0.1:")

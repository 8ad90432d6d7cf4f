"""The event that Lambda sends to a function for a queue, and the function's batch response."""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from cli.local.aws import REGION

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageAttributeValueOutputTypeDef, MessageTypeDef


def event(messages: Sequence[MessageTypeDef], queue_arn: str) -> dict[str, Any]:
    """Return the event of a batch of received messages."""
    return {"Records": [_record(message, queue_arn) for message in messages]}


def _record(message: MessageTypeDef, queue_arn: str) -> dict[str, Any]:
    attributes = message.get("MessageAttributes", {})
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes", {})),
        "messageAttributes": {name: _attribute(value) for name, value in attributes.items()},
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def _attribute(value: MessageAttributeValueOutputTypeDef) -> dict[str, Any]:
    attribute: dict[str, Any] = {
        "dataType": value["DataType"],
        "stringListValues": [],
        "binaryListValues": [],
    }
    if "StringValue" in value:
        attribute["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        attribute["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode()
    return attribute


def failures(response: Any, ids: Collection[str]) -> frozenset[str]:
    """
    Return which messages of a batch failed.

    All succeeded when the response or its list is empty or null; all failed when the response has
    another form, or names a message that was not in the batch ("Implementing partial batch
    responses", Lambda developer guide).
    """
    everything = frozenset(ids)
    if not response:
        return frozenset()
    if not isinstance(response, dict):
        return everything
    listed = response.get("batchItemFailures")
    if not listed:
        return frozenset()
    try:
        named = frozenset(item["itemIdentifier"] for item in listed)
    except (TypeError, KeyError):
        return everything
    unknown = named - everything
    return everything if unknown else named

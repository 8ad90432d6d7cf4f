"""
moto's state as a JSON file: the ledger's rows, both queues, the bucket. The secret is not in it:
every stack writes it when it starts.

Rows and objects are read through AWS's API. Messages are not: SQS does not return those that are
delayed or in flight, so they are read from moto's own objects (5.2.5), in the process that runs
moto.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import boto3
import msgspec
from moto.sqs.models import Message, sqs_backends

from cli.local.aws import ACCOUNT, BUCKET, DEAD_LETTERS, REGION, RETRY_QUEUE, TABLE

QUEUES = (RETRY_QUEUE, DEAD_LETTERS)


class StoredMessage(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A message of a queue; ``sent`` and ``delayed_until`` in epoch milliseconds."""

    id: str
    body: str
    attributes: dict[str, dict[str, str]]
    sent: int
    delayed_until: float
    receives: int


class StoredObject(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """An object of the bucket."""

    key: str
    body: bytes
    metadata: dict[str, str]


class Snapshot(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Rows in DynamoDB's form (the ledger has no binary values), messages by queue, objects."""

    rows: list[dict[str, Any]]
    queues: dict[str, list[StoredMessage]]
    objects: list[StoredObject]


def capture() -> Snapshot:
    """Return the state of this process's moto. No message is in flight in it."""
    return Snapshot(
        rows=_rows(), queues={name: _messages(name) for name in QUEUES}, objects=_objects()
    )


def restore(snapshot: Snapshot) -> None:
    """Write a snapshot into existing, empty resources."""
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    for row in snapshot.rows:
        dynamodb.put_item(TableName=TABLE, Item=_with_bytes(row))
    for one in snapshot.objects:
        s3.put_object(Bucket=BUCKET, Key=one.key, Body=one.body, Metadata=one.metadata)
    for name, messages in snapshot.queues.items():
        for message in messages:
            _queue(name).add_message(_message(message))


def _with_bytes(value: Any) -> Any:
    """Return attributes whose binary values are bytes again: JSON has them in base64."""
    if isinstance(value, list):
        return [_with_bytes(one) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(binary := value.get("B"), str) and len(value) == 1:
        return {"B": base64.b64decode(binary)}
    return {name: _with_bytes(one) for name, one in value.items()}


def write(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot atomically, readable by its owner only: it has personal data."""
    draft = path.with_name(path.name + ".new")
    with open_private(draft) as file:
        file.write(msgspec.json.encode(snapshot))
    draft.replace(path)


def read(path: Path) -> Snapshot:
    """Read a snapshot. Raise msgspec.DecodeError and OSError."""
    return msgspec.json.decode(path.read_bytes(), type=Snapshot)


def open_private(path: Path) -> Any:
    """Create a file for writing bytes, readable by its owner only."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _rows() -> list[dict[str, Any]]:
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    return [dict(row) for page in pages for row in page["Items"]]


def _objects() -> list[StoredObject]:
    s3 = boto3.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    stored = []
    for found in (found for page in pages for found in page.get("Contents", [])):
        response = s3.get_object(Bucket=BUCKET, Key=found["Key"])
        body = response["Body"].read()
        stored.append(StoredObject(key=found["Key"], body=body, metadata=response["Metadata"]))
    return stored


def _queue(name: str) -> Any:
    return sqs_backends[ACCOUNT][REGION].get_queue(name)


def _messages(name: str) -> list[StoredMessage]:
    return [
        StoredMessage(
            id=one.id,
            body=one.body,
            attributes=dict(one.message_attributes),
            sent=one.sent_timestamp,
            delayed_until=one.delayed_until,
            receives=one.approximate_receive_count,
        )
        for one in list(_queue(name)._messages)  # noqa: SLF001 - see above
    ]


def _message(stored: StoredMessage) -> Message:
    message = Message(stored.id, stored.body)
    message.message_attributes = stored.attributes
    message.sent_timestamp = stored.sent  # type: ignore[assignment]  # moto begins with None
    message.delayed_until = stored.delayed_until
    message.approximate_receive_count = stored.receives
    return message

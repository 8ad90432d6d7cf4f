"""
Where moto is more lenient than AWS, or loses what AWS keeps: fixed here, so that our bugs show.

Found in moto 5.2.5 by running it; each gap is described at the function that closes it. One is not
a gap but makes a long run slow: the copy that moto makes before a transaction.
"""

from __future__ import annotations

import copy
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.sqs.models import Queue, SQSBackend

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Seconds between two looks of a long poll for messages whose delay or visibility time-out has
# ended.
_POLL_INTERVAL = 0.05
_SWEEP_INTERVAL = 5.0
_WRITES = ("put_item", "update_item", "delete_item", "transact_write_items")
_lock = threading.RLock()
_closed = threading.Event()


def close_gaps() -> None:
    """Patch moto in this process; a second call changes nothing."""
    if _closed.is_set():
        return
    _closed.set()
    closed: dict[type, dict[str, Callable[..., Any]]] = {
        Queue: {
            "add_message": _locked(Queue.add_message),
            "delete_message": _locked(_only_newest_handle(Queue.delete_message)),
        },
        SQSBackend: {
            "receive_message": _polling(_locked(SQSBackend.receive_message)),
            "change_message_visibility": _locked(SQSBackend.change_message_visibility),
        },
        # A conditional write reads the old item, checks it, and then writes. Another thread may run
        # in between: two could take one lease, or get an item that has already changed.
        DynamoHandler: {name: _locked(getattr(DynamoHandler, name)) for name in _WRITES},
        DynamoDBBackend: {
            "transact_write_items": _tracking_keys(DynamoDBBackend.transact_write_items)
        },
        Table: {"__deepcopy__": _copy_table},
    }
    for owner, methods in closed.items():
        for name, method in methods.items():
            setattr(owner, name, method)


# The keys that the current transaction writes; protected by the handler's lock.
_written_keys: set[str] = set()


def _tracking_keys(method: Callable[..., Any]) -> Callable[..., Any]:
    # moto copies the whole table once for each item of a transaction, to restore it when one
    # fails: with a thousand rows that takes a tenth of a second for every commit.
    def transact(backend: Any, transact_items: list[Mapping[str, Any]]) -> Any:
        _written_keys.update(_transaction_keys(transact_items))
        try:
            return method(backend, transact_items)
        finally:
            _written_keys.clear()

    return transact


def _transaction_keys(transact_items: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the keys of a transaction; the ledger's table has the one key ``pk``."""
    for whole in transact_items:
        for one in whole.values():
            yield (one.get("Key") or one.get("Item", {})).get("pk", {}).get("S", "")


def _copy_table(table: Any, memo: dict[int, Any]) -> Any:
    """Copy a table: in a transaction only the rows it writes, else everything, as moto does."""
    copied = copy.copy(table)
    if not _written_keys:
        copied.__dict__ = copy.deepcopy(table.__dict__, memo)
        return copied
    rows = {
        key: copy.deepcopy(row) if key.value in _written_keys else row
        for key, row in table.items.items()
    }
    copied.items = defaultdict(dict, rows)
    return copied


def _locked(method: Callable[..., Any]) -> Callable[..., Any]:
    # moto's server runs one thread per connection, and a delete replaces the list of messages: a
    # message sent meanwhile would be lost, and two receivers could get the same one.
    def locked(*args: Any, **kwargs: Any) -> Any:
        with _lock:
            return method(*args, **kwargs)

    return locked


def _only_newest_handle(delete: Callable[..., Any]) -> Callable[..., Any]:
    # AWS accepts a delete with the handle of an earlier receive, "but the message might not be
    # deleted" (SQS API reference, DeleteMessage); moto always deletes. A worker that exceeds its
    # visibility time-out would work here and fail on AWS.
    def delete_message(queue: Any, receipt_handle: str) -> None:
        for message in queue._messages:  # noqa: SLF001 - the gap is inside moto
            if message.had_receipt_handle(receipt_handle):
                if message.receipt_handle == receipt_handle:
                    delete(queue, receipt_handle)
                return
        delete(queue, receipt_handle)

    return delete_message


def _polling(receive: Callable[..., Any]) -> Callable[..., Any]:
    # moto's long poll wakes for a new message but notices the end of a delay or of a visibility
    # time-out only once a second, and it would hold the lock while it waits.
    def receive_message(
        backend: Any, queue_name: str, count: int, wait_seconds_timeout: int, *args: Any, **kw: Any
    ) -> Any:
        end = time.monotonic() + int(wait_seconds_timeout)
        while True:
            messages = receive(backend, queue_name, count, 0, *args, **kw)
            if messages or time.monotonic() >= end:
                return messages
            time.sleep(_POLL_INTERVAL)

    return receive_message


def sweep(client: DynamoDBClient, table: str, now: float) -> int:
    """
    Delete the rows whose ``ttl`` is before ``now`` (epoch seconds); return how many.

    DynamoDB deletes expired rows within a few days; moto never does, so that code which treats an
    expired row as valid, or relies on a row that AWS removes, would seem to work.
    """
    values = {":now": {"N": str(int(now))}}
    expired = "#ttl < :now"
    names = {"#ttl": "ttl"}
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression=expired,
        ExpressionAttributeNames={**names, "#pk": "pk"},
        ExpressionAttributeValues=values,
        ProjectionExpression="#pk",
    )
    swept = 0
    for row in (row for page in pages for row in page["Items"]):
        try:
            client.delete_item(
                TableName=table,
                Key={"pk": row["pk"]},
                ConditionExpression=expired,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
            swept += 1
        except ClientError:
            continue  # the row was renewed since the scan
    return swept


class Sweeper:
    """A thread that sweeps a table every few seconds until stopped."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ttl-sweeper", daemon=True)

    def start(self) -> None:
        """Start to sweep."""
        self._thread.start()

    def stop(self) -> None:
        """Stop sweeping and wait for the current sweep."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_SWEEP_INTERVAL):
            try:
                sweep(self._client, self._table, time.time())
            except (BotoCoreError, ClientError):
                continue  # the next sweep tries again

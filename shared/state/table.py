"""One DynamoDB table with the key ``pk``: batches, and the translation of AWS's errors."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import LedgerUnavailable, NotUnderstood
from shared.model.value import Value
from shared.state.item import text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The limits of BatchGetItem and BatchWriteItem (DynamoDB API reference).
READ_BATCH, WRITE_BATCH = 100, 25


# The pauses before what DynamoDB left of a batch is requested again, in seconds, each with up to
# twice its length of jitter ("delay ... using exponential backoff": API reference, BatchGetItem).
# They end before the receiver must respond.
PAUSES = (0.02, 0.04, 0.08, 0.16, 0.32)


class Table(Value, kw_only=False):
    """Reads and writes many items; raises LedgerUnavailable if there is no response."""

    client: DynamoDBClient
    name: str
    sleep: Callable[[float], None] = time.sleep

    def get(self, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Read the items that exist, with strong consistency."""
        wanted = [{"pk": text(name)} for name in keys]
        for start in range(0, len(wanted), READ_BATCH):
            request: Any = {
                self.name: {"Keys": wanted[start : start + READ_BATCH], "ConsistentRead": True}
            }
            pauses = iter(PAUSES)
            while request:
                with ledger_errors("a read"):
                    response = self.client.batch_get_item(RequestItems=request)
                yield from response["Responses"].get(self.name, [])
                request = response.get("UnprocessedKeys")
                self._pause(request, pauses)

    def put(self, items: Iterable[dict[str, Any]]) -> None:
        """Write items unconditionally."""
        self._write([{"PutRequest": {"Item": item}} for item in items])

    def delete(self, keys: Iterable[str]) -> None:
        """Delete items, whether they exist or not."""
        self._write([{"DeleteRequest": {"Key": {"pk": text(key)}}} for key in keys])

    def pages(self) -> Iterator[list[str]]:
        """Yield the keys of all items, one page at a time."""
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.name, ProjectionExpression="pk"
        )
        with ledger_errors("a scan"):
            for page in pages:
                yield [found["pk"]["S"] for found in page["Items"]]

    def _write(self, requests: list[Any]) -> None:
        for start in range(0, len(requests), WRITE_BATCH):
            request: Any = {self.name: requests[start : start + WRITE_BATCH]}
            pauses = iter(PAUSES)
            while request:
                with ledger_errors("a batch"):
                    response = self.client.batch_write_item(RequestItems=request)
                request = response.get("UnprocessedItems")
                self._pause(request, pauses)

    def _pause(self, left: Any, pauses: Iterator[float]) -> None:
        """Wait before what is left of a batch is requested again; raise after the last pause."""
        if not left:
            return
        pause = next(pauses, None)
        if pause is None:
            raise LedgerUnavailable("DynamoDB leaves a part of a batch: it throttles the table")
        self.sleep(pause * (1 + 2 * random.random()))  # noqa: S311 - jitter


@contextmanager
def ledger_errors(what: str) -> Iterator[None]:
    """
    Raise LedgerUnavailable for an error of AWS, or NotUnderstood for an item that it will never
    accept; a failed condition and a transaction conflict are raised unchanged. ``what`` says what
    was requested.
    """
    try:
        yield
    except ClientError as error:
        if _condition_failed(error) or _conflicting(error):
            raise
        code = error.response["Error"]["Code"]
        if code == "ValidationException":
            # It will never be accepted: a key or a row that is too large.
            raise NotUnderstood(f"DynamoDB cannot hold {what}") from error
        raise LedgerUnavailable(f"DynamoDB refused {what}: {code}") from error
    except BotoCoreError as error:
        msg = f"DynamoDB did not answer {what}: {type(error).__name__}"
        raise LedgerUnavailable(msg) from error


def conflicts(error: ClientError) -> bool:
    """Return whether the only reason is a conflict with another transaction or write."""
    return "TransactionConflict" in _codes(error) and not _condition_failed(error)


def only_last_failed(error: ClientError) -> bool:
    """Return whether only the last write of a transaction failed, such as a throttled one."""
    *others, last = error.response.get("CancellationReasons", []) or [{}]
    return last.get("Code", "None") != "None" and all(
        one.get("Code", "None") == "None" for one in others
    )


def _condition_failed(error: ClientError) -> bool:
    """Return whether a condition failed, alone or inside a transaction."""
    codes_ = {"ConditionalCheckFailedException", "ConditionalCheckFailed"}
    return not _codes(error).isdisjoint(codes_)


def _conflicting(error: ClientError) -> bool:
    """Return whether a single write conflicted with a transaction."""
    return error.response["Error"]["Code"] == "TransactionConflictException"


def _codes(error: ClientError) -> set[str]:
    reasons: Any = error.response.get("CancellationReasons", [])
    return {error.response["Error"]["Code"], *(one.get("Code", "") for one in reasons)}

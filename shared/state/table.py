"""One DynamoDB table with the key ``pk``: batches, and errors of AWS in our own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


class Table(Value, kw_only=False):
    """Reads and writes many items; raises LedgerUnavailable when there is no answer."""

    client: DynamoDBClient
    name: str

    def get(self, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Read the items that are there, consistently."""
        wanted = [{"pk": text(name)} for name in keys]
        for start in range(0, len(wanted), READ_BATCH):
            asked: Any = {
                self.name: {"Keys": wanted[start : start + READ_BATCH], "ConsistentRead": True}
            }
            while asked:
                with ledger_errors("a read"):
                    answer = self.client.batch_get_item(RequestItems=asked)
                yield from answer["Responses"].get(self.name, [])
                asked = answer.get("UnprocessedKeys")

    def put(self, items: Iterable[dict[str, Any]]) -> None:
        """Write items, whatever is there."""
        self._write([{"PutRequest": {"Item": item}} for item in items])

    def delete(self, keys: Iterable[str]) -> None:
        """Delete items, whether they are there or not."""
        self._write([{"DeleteRequest": {"Key": {"pk": text(key)}}} for key in keys])

    def pages(self) -> Iterator[list[str]]:
        """Give the keys of all items, a page at a time."""
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.name, ProjectionExpression="pk"
        )
        with ledger_errors("a scan"):
            for page in pages:
                yield [found["pk"]["S"] for found in page["Items"]]

    def _write(self, requests: list[Any]) -> None:
        for start in range(0, len(requests), WRITE_BATCH):
            asked: Any = {self.name: requests[start : start + WRITE_BATCH]}
            while asked:
                with ledger_errors("a batch"):
                    answer = self.client.batch_write_item(RequestItems=asked)
                asked = answer.get("UnprocessedItems")


@contextmanager
def ledger_errors(what: str) -> Iterator[None]:
    """
    Turn an error of AWS into LedgerUnavailable, or NotUnderstood for what it will never take; a
    condition of ours that was not met, and a transaction that has the item, stay as they are.
    ``what`` says what was asked.
    """
    try:
        yield
    except ClientError as error:
        if _forbidden_by_condition(error) or _conflicting(error):
            raise
        code = error.response["Error"]["Code"]
        if code == "ValidationException":
            # It will never be taken: a key or a row that is too large.
            raise NotUnderstood(f"DynamoDB cannot hold {what}") from error
        raise LedgerUnavailable(f"DynamoDB refused {what}: {code}") from error
    except BotoCoreError as error:
        msg = f"DynamoDB did not answer {what}: {type(error).__name__}"
        raise LedgerUnavailable(msg) from error


def conflicts(error: ClientError) -> bool:
    """Tell whether another transaction, or a write beside it, was in the way; and nothing else."""
    return "TransactionConflict" in _codes(error) and not _forbidden_by_condition(error)


def _forbidden_by_condition(error: ClientError) -> bool:
    """Tell whether a condition of ours was not met, alone or inside a transaction."""
    met = {"ConditionalCheckFailedException", "ConditionalCheckFailed"}
    return not _codes(error).isdisjoint(met)


def _conflicting(error: ClientError) -> bool:
    """Tell whether a single write met a transaction that has the item."""
    return error.response["Error"]["Code"] == "TransactionConflictException"


def _codes(error: ClientError) -> set[str]:
    reasons: Any = error.response.get("CancellationReasons", [])
    return {error.response["Error"]["Code"], *(one.get("Code", "") for one in reasons)}

"""Batches of the table: what DynamoDB did not process is requested again."""

from __future__ import annotations

from typing import Any

from shared.state.table import Table


class HalfClient:
    """Process one item of each request, as a throttled table does."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        [(table, [first, *rest])] = RequestItems.items()
        self.written.append(first["DeleteRequest"]["Key"]["pk"]["S"])
        return {"UnprocessedItems": {table: rest} if rest else {}}


def test_items_that_were_not_written_are_written_by_the_next_request() -> None:
    client = HalfClient()

    Table(client, "rows").delete(["a", "b", "c"])  # type: ignore[arg-type]  # only what is called

    assert client.written == ["a", "b", "c"]

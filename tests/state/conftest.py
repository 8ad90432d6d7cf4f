from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import RLock
from typing import Any

import pytest
from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend

from shared.state.ledger import DynamoLedger
from tests.fakes.ledger import MemoryLedger
from tests.state.bench import TABLE, Bench, dynamo


@pytest.fixture(autouse=True)
def writes_are_atomic(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto 5.2 checks a condition and writes in two steps; DynamoDB does it in one."""
    lock = RLock()

    def alone(method: Callable[..., Any]) -> Callable[..., Any]:
        def locked(*args: Any, **kwargs: Any) -> Any:
            with lock:
                return method(*args, **kwargs)

        return locked

    for name in ("put_item", "update_item", "delete_item", "transact_write_items"):
        monkeypatch.setattr(DynamoDBBackend, name, alone(getattr(DynamoDBBackend, name)))


@pytest.fixture(params=["memory", "dynamodb"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "memory":
        memory = MemoryLedger()
        yield Bench(ledger=memory, pause=memory.stops.add)
        return
    with mock_aws():
        client = dynamo()
        yield Bench(
            ledger=DynamoLedger(client, TABLE),
            pause=lambda name: client.put_item(
                TableName=TABLE, Item={"pk": {"S": f"control#pause#{name}"}}
            ),
        )

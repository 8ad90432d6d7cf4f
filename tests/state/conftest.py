from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from cli.local.moto_gaps import close_gaps
from shared.state.ledger import DynamoLedger
from tests.fakes.ledger import MemoryLedger
from tests.state.bench import TABLE, Bench, dynamo


@pytest.fixture(autouse=True, scope="session")
def moto_is_as_strict_as_aws() -> None:
    close_gaps()


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

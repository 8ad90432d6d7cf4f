from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from cli.local.moto_gaps import close_gaps
from shared.state.ledger import DynamoLedger
from tests.fakes.ledger import MemoryLedger
from tests.state.ledgers import Bench, table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NUMBERS = itertools.count()


@pytest.fixture(autouse=True, scope="session")
def moto_is_as_strict_as_aws() -> None:
    close_gaps()


@pytest.fixture(scope="module")
def aws() -> Iterator[DynamoDBClient]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name="eu-central-1")


@pytest.fixture(params=["memory", "dynamodb"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "memory":
        memory = MemoryLedger()
        return Bench(ledger=memory, pause=memory.stops.add)
    client: DynamoDBClient = request.getfixturevalue("aws")
    name = f"ledger-{next(NUMBERS)}"
    table(client, name)
    return Bench(
        ledger=DynamoLedger(client, name),
        pause=lambda one: client.put_item(
            TableName=name, Item={"pk": {"S": f"control#pause#{one}"}}
        ),
    )

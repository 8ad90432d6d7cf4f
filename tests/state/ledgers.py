"""Two ledgers that must behave the same: DynamoDB (moto) and a dict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from shared.model.entity import Entity, Kind
from shared.state.journal import INDEX
from shared.state.ledger import DynamoLedger
from shared.state.ports import Claim, Claimed, Intent
from shared.state.row import Lease, Row
from tests.fakes.ledger import MemoryLedger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "ledger"
SHOE = Entity(Kind.PRODUCT, "632910392")
SALE = Entity(Kind.ORDER, "820982911946154508")
ANN = Entity(Kind.PERSON, "207119551")
NOW = 1_795_000_000.0
DAY = 86_400
MANY = frozenset(f"v{number}" for number in range(150))


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A ledger, and a function that pauses a destination in it."""

    ledger: DynamoLedger | MemoryLedger
    pause: Callable[[str], object]

    def claimed(self, claim: Claim) -> Claimed:
        response = self.ledger.claim(claim)
        assert isinstance(response, Claimed)
        return response

    def keep(self, row: Row, now: float = NOW) -> Row:
        """Write a row into the ledger by a claim and a commit."""
        self.claimed(claim(row.entity, token="keep", now=now))
        assert self.ledger.commit(row, "keep")
        return row


def claim(
    entity: Entity = SHOE,
    *,
    token: str = "mine",
    now: float = NOW,
    delivery: str | None = None,
    **more: Any,
) -> Claim:
    return Claim(
        entity=entity,
        lease=Lease(token=token, until=now + 10),
        now=now,
        delivery=delivery,
        destinations=more.pop("destinations", frozenset({"datacue"})),
        **more,
    )


def intents(key: str, *, once: bool, again: bool) -> Mapping[str, Intent]:
    return {"datacue": Intent(key=key, once=once, again=again)}


def dynamo() -> DynamoDBClient:
    client = boto3.client("dynamodb", region_name="eu-central-1")
    table(client, TABLE)
    return client


def table(client: DynamoDBClient, name: str) -> None:
    """Make an empty table as in template.yaml."""
    client.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "entity", "at")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": INDEX,
                "KeySchema": [
                    {"AttributeName": "entity", "KeyType": "HASH"},
                    {"AttributeName": "at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def counting(client: DynamoDBClient) -> Counter[str]:
    """Count the requests of the client, by an event of botocore."""
    seen: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        seen[model.name] += 1

    client.meta.events.register("before-call.dynamodb.*", count)
    return seen

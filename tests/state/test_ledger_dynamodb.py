"""Tests only of the ledger in DynamoDB: the number of requests, and unavailability."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from shared.errors import LedgerUnavailable
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.model.version import Version
from shared.state import item
from shared.state.ledger import DynamoLedger
from shared.state.ports import Claimed
from shared.state.row import (
    DAY,
    DONE_KEPT,
    DestinationState,
    Ending,
    Lease,
    Register,
    Row,
    Tombstone,
)
from shared.state.table import PAUSES, Table
from tests.state.ledgers import MANY, NOW, SALE, SHOE, TABLE, claim, counting, dynamo, intents

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def client() -> Iterator[DynamoDBClient]:
    with mock_aws():
        yield dynamo()


def test_an_ordinary_webhook_costs_two_writes_and_no_read(client: DynamoDBClient) -> None:
    ledger, seen = DynamoLedger(client, TABLE), counting(client)

    ledger.claim(claim(delivery="d1", variants=frozenset({"1", "2"})))
    ledger.commit(Row(entity=SHOE, variants=frozenset({"1", "2"})), "mine")

    assert seen == {"UpdateItem": 1, "PutItem": 1}


def test_a_duplicate_costs_one_write_and_no_read(client: DynamoDBClient) -> None:
    ledger = DynamoLedger(client, TABLE)
    ledger.claim(claim(delivery="d1"))
    ledger.commit(Row(entity=SHOE, done=("d1",)), "mine")
    seen = counting(client)

    ledger.claim(claim(delivery="d1"))

    assert seen == {"UpdateItem": 1}


def test_an_event_that_was_sent_before_costs_one_more_write(client: DynamoDBClient) -> None:
    ledger = DynamoLedger(client, TABLE)
    ledger.claim(claim(SALE))
    ledger.commit(
        Row(entity=SALE, destination_states={"datacue": DestinationState(sent="k")}), "mine"
    )
    seen = counting(client)

    ledger.claim(claim(SALE, intents=intents("k", once=True, again=True)))

    assert seen == {"UpdateItem": 2}


def test_many_variants_cost_one_more_write_for_claim_and_commit(client: DynamoDBClient) -> None:
    ledger, seen = DynamoLedger(client, TABLE), counting(client)

    ledger.claim(claim(variants=MANY))
    ledger.commit(Row(entity=SHOE, variants=MANY), "mine")

    assert seen == {"UpdateItem": 2, "TransactWriteItems": 1}


def test_unprocessed_keys_are_read_again(client: DynamoDBClient) -> None:
    ledger = DynamoLedger(client, TABLE)
    ledger.remember_tracked({"1": True, "2": False})
    halves = [True, False]

    def half(parsed: dict[str, object], **_: object) -> None:
        if halves.pop(0):
            parsed["Responses"] = {}
            parsed["UnprocessedKeys"] = {
                TABLE: {"Keys": [{"pk": {"S": f"inventory#{name}"}} for name in "12"]}
            }

    client.meta.events.register("after-call.dynamodb.BatchGetItem", half)

    assert ledger.tracked(frozenset({"1", "2"})) == {"1": True, "2": False}
    assert halves == []


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem"])
def test_what_is_never_processed_ends_after_pauses_with_jitter(
    client: DynamoDBClient, operation: str
) -> None:
    pauses: list[float] = []
    table = Table(client, TABLE, sleep=pauses.append)

    def leave_all(parsed: dict[str, object], **_: object) -> None:
        parsed["Responses"] = {}
        parsed["UnprocessedKeys"] = parsed["UnprocessedItems"] = {
            TABLE: [{"DeleteRequest": {"Key": {"pk": {"S": "1"}}}}]
            if operation == "BatchWriteItem"
            else {"Keys": [{"pk": {"S": "1"}}]}
        }

    def delete() -> None:
        table.delete("12")

    client.meta.events.register(f"after-call.dynamodb.{operation}", leave_all)

    with pytest.raises(LedgerUnavailable, match="throttles"):
        {"BatchGetItem": lambda: list(table.get("12")), "BatchWriteItem": delete}[operation]()

    assert [one <= pause <= 3 * one for one, pause in zip(PAUSES, pauses, strict=True)] == [
        True
    ] * len(PAUSES)
    # The receiver has three seconds in all.
    assert sum(3 * one for one in PAUSES) < 2


def test_the_item_of_a_committed_row_has_no_lease(client: DynamoDBClient) -> None:
    ledger = DynamoLedger(client, TABLE)
    ledger.claim(claim())
    held = client.get_item(TableName=TABLE, Key={"pk": {"S": item.key(SHOE)}})["Item"]

    ledger.commit(Row(entity=SHOE), "mine")

    assert item.lease_of(held) == Lease(token="mine", until=NOW + 10)
    left = client.get_item(TableName=TABLE, Key={"pk": {"S": item.key(SHOE)}})["Item"]
    assert left == {"pk": {"S": "entity#product:632910392"}}


@dataclass(frozen=True)
class _Use:
    """One method of a ledger."""

    name: str
    ask: Callable[[DynamoLedger], object]


USES = [
    _Use("claim", lambda ledger: ledger.claim(claim())),
    _Use("claim many", lambda ledger: ledger.claim(claim(variants=MANY))),
    _Use("commit", lambda ledger: ledger.commit(Row(entity=SHOE), "mine")),
    _Use("commit many", lambda ledger: ledger.commit(Row(entity=SHOE, variants=MANY), "mine")),
    _Use("redacted", lambda ledger: ledger.redacted([SALE])),
    _Use("known variants", lambda ledger: ledger.known_variants(["1"])),
    _Use("paused", lambda ledger: ledger.paused(["datacue"])),
    _Use("tracked", lambda ledger: ledger.tracked(frozenset({"1"}))),
    _Use("remember tracked", lambda ledger: ledger.remember_tracked({"1": True})),
    _Use("pseudonym key", lambda ledger: ledger.pseudonym_key("fresh")),
    _Use("purge", lambda ledger: ledger.purge(math.inf)),
    _Use("row", lambda ledger: ledger.row(SHOE)),
]


@pytest.mark.parametrize("use", USES, ids=lambda use: use.name)
def test_an_error_of_dynamodb_is_unavailable(use: _Use) -> None:
    with mock_aws():
        ledger = DynamoLedger(boto3.client("dynamodb", region_name="eu-central-1"), "no-table")

        with pytest.raises(LedgerUnavailable, match="ResourceNotFoundException"):
            use.ask(ledger)


@pytest.mark.parametrize("use", USES, ids=lambda use: use.name)
def test_a_ledger_without_a_response_is_unavailable(use: _Use) -> None:
    client = boto3.client(
        "dynamodb",
        region_name="eu-central-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1),
    )

    with pytest.raises(LedgerUnavailable, match="EndpointConnectionError"):
        use.ask(DynamoLedger(client, TABLE))


INSTANTS = st.integers(0, 10**6).map(lambda number: f"2026-11-21T09:00:00.{number:09d}Z")
TEXTS = st.text(min_size=1, max_size=8)
STANDINGS = st.builds(
    DestinationState,
    applied=st.none() | st.builds(Version, INSTANTS, INSTANTS),
    gone=st.booleans(),
    digest=st.none() | TEXTS,
    unsure_until=st.none() | st.floats(0, 1e10),
    intended=st.none() | TEXTS,
    sent=st.none() | TEXTS,
)
ROWS = st.builds(
    Row,
    entity=st.just(SHOE),
    done=st.lists(TEXTS, max_size=DONE_KEPT).map(tuple),
    # A destination with an empty state is not in an item.
    destination_states=st.dictionaries(
        st.sampled_from(["datacue", "yespo"]),
        STANDINGS.filter(lambda one: one != DestinationState()),
    ),
    variants=st.frozensets(TEXTS),
    registers=st.dictionaries(
        TEXTS,
        st.builds(Register, at=INSTANTS, value=st.none() | st.booleans() | st.integers(0, 10**12)),
    ),
    stock_at=st.none() | INSTANTS,
    stock_open=st.frozensets(TEXTS),
    tombstone=st.none() | st.builds(Tombstone, end=st.sampled_from(Ending), at=INSTANTS),
    expires=st.none() | st.integers(0, 10**10),
)


@given(ROWS)
def test_every_row_survives_a_round_trip(row: Row) -> None:
    assert item.read(item.write(item.key(SHOE), row, many=False), SHOE) == row


def test_a_claim_whose_response_was_lost_succeeds_when_botocore_retries(
    client: DynamoDBClient,
) -> None:
    ledger = DynamoLedger(client, TABLE)
    ledger.claim(claim(delivery="d1"))
    again = ledger.claim(claim(delivery="d1"))

    assert isinstance(again, Claimed)
    assert again.abandoned == NOW
    assert ledger.commit(Row(entity=SHOE), "mine")


def test_many_variants_of_a_released_claim_are_not_known(client: DynamoDBClient) -> None:
    # A webhook of two products: the second was busy, so the first was released unchanged, and the
    # item with its variants stayed.
    ledger = DynamoLedger(client, TABLE)
    found = ledger.claim(claim(variants=MANY))
    assert isinstance(found, Claimed)

    assert ledger.commit(found.row, "mine")

    assert ledger.known_variants([SHOE.id]) == {SHOE.id: frozenset()}


def test_the_key_of_a_customer_is_a_keyed_hash_and_a_guests_is_not_hashed_twice(
    client: DynamoDBClient,
) -> None:
    ledger = DynamoLedger(client, TABLE, lambda name: f"hash-of-{name}")
    ada, guest = Entity(Kind.PERSON, "777"), Entity(Kind.PERSON, "email:0a")
    for one in (ada, guest):
        ledger.claim(claim(one))
        ledger.commit(Row(entity=one, tombstone=Tombstone(end=Ending.REDACTED, at="t")), "mine")

    keys = {found["pk"]["S"] for found in client.scan(TableName=TABLE)["Items"]}
    assert keys >= {"entity#person:hash-of-777", "entity#person:email:0a"}
    assert ledger.redacted([ada, guest]) == {ada: "t", guest: "t"}


def test_a_purge_out_of_time_raises_and_the_next_one_continues(
    client: DynamoDBClient,
) -> None:
    ledger = DynamoLedger(client, TABLE, clock=lambda: 5.0)
    ledger.claim(claim(SHOE))

    with pytest.raises(LedgerUnavailable, match="not all rows were deleted in time"):
        ledger.purge(5.0)
    assert ledger.purge(6.0) >= 1
    assert ledger.row(SHOE) is None


def test_many_variants_expire_with_their_row(client: DynamoDBClient) -> None:
    """Found by the model: a product with many variants ended, its id was reused a year later."""
    ledger, later = DynamoLedger(client, TABLE), NOW + 401 * DAY
    ended = Tombstone(end=Ending.GONE, at="2026-11-21T09:00:00.000000000Z")
    there = ledger.claim(claim(variants=MANY, token="first"))
    assert isinstance(there, Claimed)
    ledger.commit(replace(there.row, variants=MANY, tombstone=ended).lasting(NOW), "first")

    lease = Lease(token="second", until=later + 10)
    back = ledger.claim(replace(claim(), now=later, lease=lease))
    assert isinstance(back, Claimed)
    ledger.commit(replace(back.row, variants=frozenset({"v1"})), "second")

    assert ledger.known_variants([SHOE.id]) == {SHOE.id: frozenset({"v1"})}


@pytest.mark.parametrize("more", [frozenset(), frozenset({"new"})], ids=["a removal", "a return"])
def test_many_variants_of_a_claimed_product_last_as_long_as_its_row(
    client: DynamoDBClient, more: frozenset[str]
) -> None:
    # The holder of the lease crashes: neither item expires any more.
    clock = [NOW]
    ledger = DynamoLedger(client, TABLE, clock=lambda: clock[0])
    ended = Tombstone(end=Ending.GONE, at="2026-11-21T09:00:00.000000000Z")
    ledger.claim(claim(variants=MANY, token="first"))
    ledger.commit(Row(entity=SHOE, variants=MANY, tombstone=ended, many=True).lasting(NOW), "first")
    wanted = MANY | more | {f"w{number}" for number in range(101 if more else 0)}

    back = ledger.claim(
        claim(token="second", now=NOW + 399 * DAY, variants=(wanted - MANY) if more else more)
    )

    assert isinstance(back, Claimed)
    assert back.row.variants == MANY
    clock[0] = NOW + 800 * DAY
    assert ledger.known_variants([SHOE.id]) == {SHOE.id: wanted}


def test_expired_variants_are_not_known_before_they_are_deleted(
    client: DynamoDBClient,
) -> None:
    ledger = DynamoLedger(client, TABLE, clock=lambda: NOW + 401 * DAY)
    ended = Tombstone(end=Ending.GONE, at="2026-11-21T09:00:00.000000000Z")
    ledger.claim(claim(variants=MANY))
    ledger.commit(Row(entity=SHOE, variants=MANY, tombstone=ended, many=True).lasting(NOW), "mine")

    assert ledger.known_variants([SHOE.id]) == {SHOE.id: frozenset()}

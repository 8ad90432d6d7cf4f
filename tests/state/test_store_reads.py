"""Reads of the store, one at a time for each entity: one suite for memory and DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws

from shared.errors import StoreReadLater, StoreReadSince
from shared.model.entity import Entity, Kind
from shared.model.version import instant_at
from shared.state.store_reads import BUSY, INTERVAL, LOCK, SKEW, DynamoStoreReads
from tests.fakes.clock import Clock
from tests.fakes.store_reads import MemoryStoreReads
from tests.state.ledgers import TABLE, dynamo

Reads = DynamoStoreReads | MemoryStoreReads
SHOE, ORDER = Entity(Kind.PRODUCT, "11"), Entity(Kind.ORDER, "51")
ANN = Entity(Kind.PERSON, "61")
APART = INTERVAL[Kind.PRODUCT]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "dynamodb"])
def reads(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Reads]:
    if request.param == "memory":
        yield MemoryStoreReads(clock)
        return
    with mock_aws():
        yield DynamoStoreReads(dynamo(), TABLE, "hashed-{}".format, clock)


@pytest.fixture
def ago(clock: Clock) -> Callable[[float], str]:
    return lambda seconds: instant_at(clock() - seconds)


def wait(reads: Reads, entity: Entity, received_at: str) -> float:
    with pytest.raises(StoreReadLater) as caught:
        reads.begin(entity, received_at)
    return caught.value.seconds


def test_only_one_delivery_reads_an_entity_at_a_time(
    reads: Reads, ago: Callable[[float], str]
) -> None:
    reads.begin(ORDER, ago(1))

    assert wait(reads, ORDER, ago(0)) == BUSY
    assert reads.begin(SHOE, ago(0)).entity == SHOE


def test_a_settled_read_covers_what_was_received_before_it_and_nothing_later(
    reads: Reads, clock: Clock, ago: Callable[[float], str]
) -> None:
    before, at = ago(SKEW + 0.01), ago(0)
    reads.end(reads.begin(ORDER, before), settled=True)
    clock.now += 1

    with pytest.raises(StoreReadSince) as caught:
        reads.begin(ORDER, before)
    assert caught.value.entity == str(ORDER)
    assert reads.begin(ORDER, at).at == instant_at(clock())


def test_a_read_that_failed_covers_nothing(reads: Reads, ago: Callable[[float], str]) -> None:
    received = ago(60)
    reads.end(reads.begin(ORDER, received), settled=False)

    assert reads.begin(ORDER, received).entity == ORDER


@pytest.mark.parametrize("settled", [True, False])
def test_a_product_is_not_read_again_for_ten_seconds_whatever_became_of_the_read(
    reads: Reads, clock: Clock, ago: Callable[[float], str], *, settled: bool
) -> None:
    reads.end(reads.begin(SHOE, ago(0)), settled=settled)
    clock.now += 4

    assert wait(reads, SHOE, ago(0)) == pytest.approx(APART - 4 + 1)
    clock.now += APART - 4
    assert reads.begin(SHOE, ago(0)).entity == SHOE


def test_while_webhooks_keep_coming_each_interval_is_longer_up_to_a_minute(
    reads: Reads, clock: Clock, ago: Callable[[float], str]
) -> None:
    apart = []
    for _ in range(4):
        read = reads.begin(SHOE, ago(0))
        reads.end(read, settled=True)
        apart.append(read.apart)
        clock.now += read.apart + 0.1
    clock.now += 300

    assert apart == [10.0, 30.0, 60.0, 60.0]
    assert reads.begin(SHOE, ago(0)).apart == APART


def test_the_interval_of_a_read_that_failed_does_not_grow(
    reads: Reads, clock: Clock, ago: Callable[[float], str]
) -> None:
    for _ in range(3):
        reads.end(reads.begin(SHOE, ago(0)), settled=False)
        assert wait(reads, SHOE, ago(0)) == pytest.approx(APART + 1)
        clock.now += APART + 0.1


def test_what_arrives_during_a_read_waits_until_the_next_one_is_allowed(
    reads: Reads, clock: Clock, ago: Callable[[float], str]
) -> None:
    early = ago(1)
    reads.begin(SHOE, early)
    clock.now += 1

    assert wait(reads, SHOE, early) == BUSY
    assert wait(reads, SHOE, ago(0)) == pytest.approx(APART - 1 + 1)


def test_the_lock_of_a_reader_that_died_ends_by_itself(
    reads: Reads, clock: Clock, ago: Callable[[float], str]
) -> None:
    dead = reads.begin(ORDER, ago(0))
    clock.now += LOCK + 1
    alive = reads.begin(ORDER, ago(0))
    reads.end(dead, settled=True)

    # It neither releases the lock of the other, nor covers what came since.
    assert wait(reads, ORDER, ago(0)) == BUSY
    reads.end(alive, settled=True)
    assert reads.begin(ORDER, ago(0)).token != alive.token


def test_a_time_in_the_future_neither_locks_nor_covers(
    reads: Reads, clock: Clock, ago: Callable[[float], str]
) -> None:
    # The clock of a container was hours ahead, and is set back.
    clock.now += 7200
    reads.end(reads.begin(SHOE, ago(0)), settled=True)
    clock.now -= 7200

    assert reads.begin(SHOE, ago(0)).entity == SHOE


def test_the_key_of_a_person_is_a_hash() -> None:
    with mock_aws():
        client = dynamo()
        clock = Clock()
        DynamoStoreReads(client, TABLE, "hashed-{}".format, clock).begin(ANN, instant_at(clock()))
        (item,) = client.scan(TableName=TABLE)["Items"]

    assert item["pk"] == {"S": "read#entity#person:hashed-61"}
    assert "ttl" in item


def test_a_wait_lasts_as_long_as_the_scaled_interval() -> None:
    clock = Clock()
    scaled = MemoryStoreReads(clock, scale=0.1)
    scaled.end(scaled.begin(SHOE, instant_at(clock())), settled=True)

    # The settlement scales it: it is 0.4 s until the next read is allowed.
    clock.now += 0.6
    assert wait(scaled, SHOE, instant_at(clock())) * 0.1 == pytest.approx(0.4 + 0.1)

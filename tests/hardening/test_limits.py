"""The limits of DynamoDB: 400 KB a row, 2 KB a key, 100 items a transaction. In moto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from shared.delivery.deliver import Deadline
from shared.delivery.settlement import Status
from shared.model.entity import Entity, Kind
from shared.queue.envelope import Envelope
from shared.state.ledger import DynamoLedger
from tests.delivery.harness import World, webhook
from tests.state.ledgers import TABLE, dynamo

# Four of them fit in a row as its variants, but not together with the availability of each.
HUGE = [letter * 60_000 for letter in "abcd"]


class Slow(World):
    """A world with the worker's leases: a minute, longer than the window of an unknown outcome."""

    def deliver(self, envelope: Envelope) -> Status:
        now = self.clock()
        budget = Deadline(deadline=now + 3, longest=3, lease=now + 61)
        return self.pipeline().deliver(envelope, budget)


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        one = Slow()
        one.ledger = DynamoLedger(dynamo(), TABLE)  # type: ignore[assignment]  # the real one
        yield one


def reasons(world: World) -> list[str]:
    return [death.reason for _, death in world.dead]


def test_a_product_of_two_thousand_variants_is_delivered(world: World) -> None:
    many = [f"4565010{number:07d}" for number in range(2048)]

    assert world.deliver(webhook("product", 1, 1, variants=many)) is Status.DELIVERED
    fewer = webhook("product", 1, 2, variants=many[:2000])
    assert world.deliver(fewer) is Status.DELIVERED
    assert world.deliver(webhook("gone", 1, 3)) is Status.DELIVERED

    row = world.ledger.row(Entity(Kind.PRODUCT, "1"))
    assert row is not None
    assert (row.lease, row.variants, world.parked) == (None, frozenset(), [])


# AWS rejects the claim; moto checks only the size of a put, so that here it is the commit.
def cannot_hold(world: World) -> list[bool]:
    return [reason.startswith("DynamoDB cannot hold ") for reason in reasons(world)]


def test_variants_that_are_too_large_for_a_row_are_a_dead_letter(world: World) -> None:
    too_many = [letter * 45_000 for letter in "abcdefghij"]

    assert world.deliver(webhook("product", 1, 1, variants=too_many)) is Status.DEAD_LETTER
    assert world.deliver(webhook("product", 2, 2)) is Status.DELIVERED

    assert (cannot_hold(world), world.parked) == ([True], [])


def test_many_variants_that_are_too_large_for_their_item_are_a_dead_letter(world: World) -> None:
    too_many = [f"{number:05d}" + "v" * 4_200 for number in range(101)]

    assert world.deliver(webhook("product", 1, 1, variants=too_many)) is Status.DEAD_LETTER

    assert (cannot_hold(world), world.parked) == ([True], [])


def test_a_key_of_more_than_two_kilobytes_is_a_dead_letter(world: World) -> None:
    assert world.deliver(webhook("cart", int("9" * 2100), 1)) is Status.DEAD_LETTER
    assert reasons(world) == ["DynamoDB cannot hold a claim"]


def test_a_row_that_cannot_be_written_makes_one_dead_letter_per_webhook(world: World) -> None:
    world.deliver(webhook("product", 1, 1, variants=HUGE))
    for second, name in enumerate(HUGE):
        world.deliver(webhook("stock", 1, 10 + second, variant=name, n=3))
    before = len(world.dead)
    for second in (20, 21):
        world.deliver(webhook("stock", 1, second, variant=HUGE[3], n=second))
    world.drain(hours=0.06)

    assert world.parked == []
    assert len(world.dead) == before + 2
    assert set(reasons(world)) == {"DynamoDB cannot hold a commit"}


@pytest.mark.parametrize("times", [1, 24])
def test_a_webhook_changes_many_rows_without_a_transaction(world: World, times: int) -> None:
    # Only a product with many variants needs one, of two items; AWS allows a hundred.
    one = webhook("product", 1, 1, times=times)

    assert world.deliver(one) in {Status.DELIVERED, Status.QUEUED}
    world.drain()
    assert world.platforms["one"].names(1) == {"a": "v1"}

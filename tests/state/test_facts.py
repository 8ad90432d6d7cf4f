"""Facts about the shop: one suite for memory and DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from shared.errors import LedgerUnavailable, NotUnderstood
from shared.state.shop_facts import DynamoFacts
from tests.fakes.clock import Clock
from tests.fakes.facts import MemoryFacts
from tests.state.ledgers import TABLE, counting, dynamo

Facts = DynamoFacts | MemoryFacts


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "dynamodb"])
def facts(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Facts]:
    if request.param == "memory":
        yield MemoryFacts(clock)
        return
    with mock_aws():
        yield DynamoFacts(dynamo(), TABLE, clock)


def test_only_stored_facts_are_recalled(facts: Facts) -> None:
    facts.remember({"currency": "EUR", "tree": '{"1": "Grün 👕"}'})

    assert facts.recall({"currency", "tree", "unknown"}) == {
        "currency": "EUR",
        "tree": '{"1": "Grün 👕"}',
    }


def test_the_newest_value_is_recalled(facts: Facts) -> None:
    facts.remember({"currency": "EUR"})
    facts.remember({"currency": "USD"})

    assert facts.recall({"currency"}) == {"currency": "USD"}


def test_a_fact_with_a_lifetime_expires_at_its_end_and_not_before(
    facts: Facts, clock: Clock
) -> None:
    facts.remember({"currency": "EUR"}, 60)

    clock.now += 59
    assert facts.recall({"currency"}) == {"currency": "EUR"}
    clock.now += 1
    assert facts.recall({"currency"}) == {}


def test_a_fact_without_a_lifetime_stays(facts: Facts, clock: Clock) -> None:
    facts.remember({"variation:7": "5"})

    clock.now += 10 * 365 * 86_400
    assert facts.recall({"variation:7"}) == {"variation:7": "5"}


def test_an_empty_set_of_facts_needs_no_request() -> None:
    with mock_aws():
        client = dynamo()
        facts, requests = DynamoFacts(client, TABLE, Clock()), counting(client)

        facts.remember({})
        assert facts.recall(frozenset()) == {}

    assert requests == {}


def test_a_fact_that_is_too_large_for_an_item_is_not_understood() -> None:
    # Characters without repetition: compression must not make it fit.
    large = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(300_000))
    with mock_aws():
        facts = DynamoFacts(dynamo(), TABLE, Clock())

        with pytest.raises(NotUnderstood):
            facts.remember({"tree": large})


def test_an_unavailable_table_raises_ledger_unavailable() -> None:
    with mock_aws():
        facts = DynamoFacts(dynamo(), "no-such-table", Clock())

        with pytest.raises(LedgerUnavailable):
            facts.recall({"currency"})
        with pytest.raises(LedgerUnavailable):
            facts.remember({"currency": "EUR"})

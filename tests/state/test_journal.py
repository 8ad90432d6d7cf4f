"""The journal: one item for each webhook, in the ledger's table in moto."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from shared.errors import LedgerUnavailable
from shared.model.value import replace
from shared.state.journal import DynamoJournal, JournalEntry, JournalRecord
from shared.state.ledger import DynamoLedger
from shared.state.ports import Busy
from shared.state.row import DAY, Row
from tests.state.ledgers import NOW, SHOE, claim, counting, table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NUMBERS = itertools.count()
FIRST = JournalEntry(
    id="d1",
    source="shopify",
    topic="orders/create",
    entity="order:1234",
    received_at="2026-11-21T09:00:00.000000000Z",
    verdicts={"datacue": "delivered", "yespo": "waits: answered 503"},
    milliseconds=120,
)
LATER = replace(FIRST, id="d2", topic="orders/paid", received_at="2026-11-21T09:05:00.000000000Z")


@pytest.fixture
def name(aws: DynamoDBClient) -> str:
    fresh = f"journal-{next(NUMBERS)}"
    table(aws, fresh)
    return fresh


def journal_of(aws: DynamoDBClient, name: str, days: int = 14) -> DynamoJournal:
    return DynamoJournal(aws, name, lambda one: f"keyed-{one}", days, lambda: NOW)


def test_an_entry_is_found_by_its_entity(aws: DynamoDBClient, name: str) -> None:
    journal = journal_of(aws, name)

    journal.write(FIRST)

    assert list(journal.of("order:1234")) == [
        JournalRecord(
            id="d1",
            source="shopify",
            topic="orders/create",
            entity="order:1234",
            received_at="2026-11-21T09:00:00.000000000Z",
            verdicts={"datacue": "delivered", "yespo": "waits: answered 503"},
            attempts=1,
            milliseconds=120,
        )
    ]


def test_a_retry_adds_to_the_webhooks_own_item(aws: DynamoDBClient, name: str) -> None:
    journal = journal_of(aws, name)
    journal.write(FIRST)

    journal.write(replace(FIRST, verdicts={"yespo": "delivered"}, milliseconds=30))

    [entry] = journal.of("order:1234")
    assert entry.verdicts == {"datacue": "delivered", "yespo": "delivered"}
    assert (entry.attempts, entry.milliseconds) == (2, 150)


def test_the_verdict_for_all_destinations_ends_with_the_first_of_one(
    aws: DynamoDBClient, name: str
) -> None:
    journal = journal_of(aws, name)
    journal.write(replace(FIRST, entity="", verdicts={"all": "waits: the store answered 502"}))

    journal.write(FIRST)

    [entry] = journal.of("order:1234")
    assert entry.verdicts == FIRST.verdicts


def test_the_newest_webhook_of_an_entity_comes_first(aws: DynamoDBClient, name: str) -> None:
    journal = journal_of(aws, name)
    journal.write(FIRST)
    journal.write(LATER)

    assert [one.id for one in journal.of("order:1234")] == ["d2", "d1"]


def test_all_entries_since_an_instant_are_found(aws: DynamoDBClient, name: str) -> None:
    journal = journal_of(aws, name)
    journal.write(FIRST)
    journal.write(replace(LATER, entity="product:1"))

    assert [one.id for one in journal.all("2026-11-21T09:01:00.000000000Z")] == ["d2"]
    assert {one.id for one in journal.all()} == {"d1", "d2"}


def test_an_entry_of_a_customer_has_a_keyed_hash_and_is_found_by_their_id(
    aws: DynamoDBClient, name: str
) -> None:
    journal = journal_of(aws, name)
    journal.write(replace(FIRST, entity="person:7"))

    assert [one.entity for one in journal.of("person:7")] == ["person:keyed-7"]
    assert [one.entity for one in journal.all()] == ["person:keyed-7"]


def test_a_guest_is_not_hashed_twice(aws: DynamoDBClient, name: str) -> None:
    journal = journal_of(aws, name)
    journal.write(replace(FIRST, entity="person:email:0123"))

    assert [one.id for one in journal.of("person:email:0123")] == ["d1"]


def test_an_entry_without_an_entity_is_found_by_its_topic(aws: DynamoDBClient, name: str) -> None:
    journal = journal_of(aws, name)
    journal.write(replace(FIRST, entity=""))

    assert [one.id for one in journal.of("topic:orders/create")] == ["d1"]


def test_an_entry_expires_after_its_days(aws: DynamoDBClient, name: str) -> None:
    journal_of(aws, name, days=3).write(FIRST)

    [item] = aws.scan(TableName=name)["Items"]
    assert int(item["ttl"]["N"]) == int(NOW) + 3 * DAY


def test_with_no_days_nothing_is_written(aws: DynamoDBClient, name: str) -> None:
    journal = journal_of(aws, name, days=0)

    journal.write(FIRST)

    assert list(journal.all()) == []


def test_a_long_reason_is_truncated(aws: DynamoDBClient, name: str) -> None:
    journal = journal_of(aws, name)
    journal.write(replace(FIRST, verdicts={"datacue": "x" * 5000}))

    [entry] = journal.all()
    assert len(entry.verdicts["datacue"]) == 160


def ledger(aws: DynamoDBClient, name: str, days: int = 14) -> DynamoLedger:
    return DynamoLedger(aws, name, journal=journal_of(aws, name, days))


def test_an_entry_is_written_with_the_commit_without_another_request(
    aws: DynamoDBClient, name: str
) -> None:
    rows = ledger(aws, name)
    seen = counting(aws)

    rows.claim(claim(delivery="d1"))
    committed = rows.commit(Row(entity=SHOE, done=("d1",)), "mine", FIRST)

    assert committed
    assert seen == {"UpdateItem": 1, "TransactWriteItems": 1}
    assert [one.id for one in journal_of(aws, name).all()] == ["d1"]


def test_without_a_journal_the_commit_is_one_put(aws: DynamoDBClient, name: str) -> None:
    rows = ledger(aws, name, days=0)
    seen = counting(aws)

    rows.claim(claim(delivery="d1"))
    rows.commit(Row(entity=SHOE, done=("d1",)), "mine", FIRST)

    assert seen == {"UpdateItem": 1, "PutItem": 1}


def test_a_commit_with_a_lost_lease_writes_no_entry(aws: DynamoDBClient, name: str) -> None:
    rows = ledger(aws, name)
    rows.claim(claim(delivery="d1"))

    assert not rows.commit(Row(entity=SHOE), "another's", FIRST)

    assert list(journal_of(aws, name).all()) == []


def test_a_conflict_with_another_claim_loses_the_entry_and_not_the_commit(
    aws: DynamoDBClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ledger(aws, name)
    rows.claim(claim(delivery="d1"))
    monkeypatch.setattr(aws, "transact_write_items", _cancelled("TransactionConflict", "None"))

    assert rows.commit(Row(entity=SHOE, done=("d1",)), "mine", FIRST)

    # The claim alone leaves a row too: only the commit stores the delivery and ends the lease.
    row = rows.row(SHOE)
    assert row is not None
    assert (row.done, row.lease) == (("d1",), None)
    assert list(journal_of(aws, name).all()) == []


def test_a_conflict_without_an_entry_is_not_tried_again_at_once(
    aws: DynamoDBClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ledger(aws, name)
    rows.claim(claim(delivery="d1"))
    attempts: list[object] = []

    def conflict(**arguments: Any) -> None:
        assert not attempts, "the same transaction was sent again"
        attempts.append(arguments)
        _cancelled("TransactionConflict")()

    monkeypatch.setattr(aws, "transact_write_items", conflict)

    # More variants than fit into the row: a transaction without a journal entry to leave out.
    with pytest.raises(LedgerUnavailable):
        rows.commit(Row(entity=SHOE, variants=frozenset(map(str, range(101)))), "mine")

    assert len(attempts) == 1


def test_a_claim_during_a_commit_is_busy(
    aws: DynamoDBClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = {"Error": {"Code": "TransactionConflictException", "Message": "in the way"}}

    def raise_error(**_: Any) -> None:
        raise ClientError(error, "UpdateItem")  # type: ignore[arg-type]  # it is what comes

    monkeypatch.setattr(aws, "update_item", raise_error)

    assert ledger(aws, name).claim(claim(delivery="d1")) == Busy()


def test_a_throttled_journal_loses_the_entry_and_not_the_commit(
    aws: DynamoDBClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = journal_of(aws, name)
    rows = DynamoLedger(aws, name, str, lambda: NOW, journal)
    rows.claim(claim(delivery="d1"))
    monkeypatch.setattr(aws, "transact_write_items", _cancelled("None", "ThrottlingError"))

    assert rows.commit(Row(entity=SHOE, done=("d1",)), "mine", FIRST)

    row = rows.row(SHOE)
    assert row is not None
    assert (row.done, row.lease) == (("d1",), None)
    assert (list(journal.all()), journal.lost) == ([], 1)


def test_a_throttled_transaction_is_an_error_of_the_ledger(
    aws: DynamoDBClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ledger(aws, name)
    rows.claim(claim(delivery="d1"))
    monkeypatch.setattr(aws, "transact_write_items", _cancelled("ThrottlingError", "None"))

    with pytest.raises(LedgerUnavailable):
        rows.commit(Row(entity=SHOE, done=("d1",)), "mine", FIRST)


def test_a_sample_in_time_is_the_whole_journal(aws: DynamoDBClient, name: str) -> None:
    journal = journal_of(aws, name)
    journal.write(FIRST)
    journal.write(LATER)
    journal.write(replace(FIRST, id="d3", entity="order:5"))

    assert sorted(journal.sample(NOW + 1)) == [
        ("orders/create", FIRST.received_at),
        ("orders/create", FIRST.received_at),
        ("orders/paid", LATER.received_at),
    ]


def test_a_sample_ends_at_its_deadline_after_a_whole_segment(
    aws: DynamoDBClient, name: str
) -> None:
    entries = [replace(FIRST, id=f"d{n}", entity=f"order:{n % 50}") for n in range(200)]
    for entry in entries:
        journal_of(aws, name).write(entry)
    ticks = itertools.count()
    journal = DynamoJournal(aws, name, str, 14, lambda: next(ticks))

    # A page is one tick: some of the segments are read.
    found = list(journal.sample(30))

    assert 0 < len(found) < len(entries)
    assert list(journal.sample(0)) == []


def _cancelled(*codes: str) -> Any:
    # The shape of DynamoDB's TransactionCanceledException: a reason for each of the items.
    response: Mapping[str, Any] = {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }

    def raise_error(**_: Any) -> None:
        raise ClientError(response, "TransactWriteItems")  # type: ignore[arg-type]  # it is what comes

    return raise_error

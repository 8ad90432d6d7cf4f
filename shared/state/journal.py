"""
The journal: one small item for each webhook, that says what became of it. It stands in the ledger's
table, and in an index of it by entity and moment, so that "what happened to order 1234?" is one
query. It names no person: a customer stands under a keyed hash, as in the ledger, and reasons are
our own words.

What is written goes along with the commit of the ledger, in one transaction: a note costs no
request of its own. Without a commit (a dead letter that nobody could read) it is a write by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import field

from shared.model.entity import Entity, Kind
from shared.model.value import Value
from shared.state.item import AttributeValue, Item, pseudonymous, text
from shared.state.row import DAY
from shared.state.table import ledger_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "journal#"
# The index of template.yaml: items that have both of its keys, which no other item has.
INDEX = "journal"
# What belongs to no entity (a body that nobody could read) stands under its topic.
UNREAD = "topic:"
VERDICT = "v#"
# Our own words are short; what is longer is cut.
LONGEST = 160


class JournalEntry(Value):
    """
    What became of a webhook in one attempt. ``verdicts`` says it for each destination that was
    addressed, in a few words; ``milliseconds`` is what the attempt took.
    """

    id: str
    source: str
    topic: str
    entity: str
    received_at: str
    verdicts: Mapping[str, str]
    milliseconds: int


class JournalRecord(Value):
    """A webhook as the journal knows it: ``verdicts`` are the last, ``attempts`` counts all."""

    id: str
    source: str
    topic: str
    entity: str
    received_at: str
    verdicts: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 1
    milliseconds: int = 0


class DynamoJournal:
    """Entries in the ledger's table, each for so many ``days``; with 0 nothing is written."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        pseudonym: Callable[[str], str],
        days: int,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._table = table
        self._pseudonym = pseudonym
        self._days = days
        self._clock = clock

    def update(self, note: JournalEntry) -> dict[str, Any] | None:
        """Give the arguments of the UpdateItem that writes a note; None when nothing is kept."""
        if not self._days:
            return None
        names = {
            "#e": "entity",
            "#a": "at",
            "#s": "source",
            "#t": "topic",
            "#x": "ttl",
            "#n": "attempts",
            "#m": "milliseconds",
        }
        at = f"{note.received_at}#{note.id}"
        values: dict[str, AttributeValue] = {
            ":e": text(self._key(note.entity or UNREAD + note.topic)),
            ":a": text(at),
            ":s": text(note.source),
            ":t": text(note.topic),
            ":x": {"N": str(int(self._clock()) + self._days * DAY)},
            ":m": {"N": str(note.milliseconds)},
            ":one": {"N": "1"},
        }
        sets = ["#e = :e", "#a = :a", "#s = :s", "#t = :t", "#x = :x"]
        for number, (destination, verdict) in enumerate(sorted(note.verdicts.items())):
            names[f"#v{number}"] = VERDICT + destination
            values[f":v{number}"] = text(verdict[:LONGEST])
            sets.append(f"#v{number} = :v{number}")
        return {
            "TableName": self._table,
            "Key": {"pk": text(PREFIX + at)},
            "UpdateExpression": f"SET {', '.join(sets)} ADD #n :one, #m :m",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }

    def write(self, note: JournalEntry) -> None:
        """Write a note that no commit goes along with. Raises LedgerUnavailable."""
        update = self.update(note)
        if update is not None:
            with ledger_errors("the journal"):
                self._client.update_item(**update)

    def of(self, entity: str) -> Iterator[JournalRecord]:
        """Give the entries of an entity (its text), the newest first. Raises LedgerUnavailable."""
        asked = {
            "KeyConditionExpression": "entity = :entity",
            "ExpressionAttributeValues": {":entity": text(self._key(entity))},
            "ScanIndexForward": False,
        }
        return self._found("query", asked)

    def all(self, since: str = "") -> Iterator[JournalRecord]:
        """Give all entries received since an `instant`, in no order. Raises LedgerUnavailable."""
        asked = {
            "FilterExpression": "#at >= :since",
            "ExpressionAttributeNames": {"#at": "at"},
            "ExpressionAttributeValues": {":since": text(since or "0")},
        }
        return self._found("scan", asked)

    def _found(self, operation: Any, asked: Mapping[str, Any]) -> Iterator[JournalRecord]:
        with ledger_errors("the journal"):
            pages = self._client.get_paginator(operation)
            for page in pages.paginate(TableName=self._table, IndexName=INDEX, **asked):
                yield from (_read(item) for item in page["Items"])

    def _key(self, entity: str) -> str:
        if entity.partition(":")[0] not in {*Kind}:
            return entity
        return str(pseudonymous(Entity.parse(entity), self._pseudonym))


def _read(item: Item) -> JournalRecord:
    received_at, _, name = item["at"]["S"].partition("#")
    return JournalRecord(
        id=name,
        source=item["source"]["S"],
        topic=item["topic"]["S"],
        entity=item["entity"]["S"],
        received_at=received_at,
        verdicts={
            key.removeprefix(VERDICT): value["S"]
            for key, value in sorted(item.items())
            if key.startswith(VERDICT)
        },
        attempts=int(item["attempts"]["N"]),
        milliseconds=int(item["milliseconds"]["N"]),
    )

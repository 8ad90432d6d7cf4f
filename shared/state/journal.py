"""
The journal: one small item for each webhook with its outcomes. It is in the ledger's table, with an
index by entity and time, so that "what happened to order 1234?" is one query. It contains no
personal data: a customer has a keyed hash, as in the ledger, and reasons are our own texts.

An entry is written in one transaction with the commit of the ledger, without a request of its own.
Without a commit (an unreadable dead letter) it is a separate write.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
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
# The index in template.yaml: it has only the items with both of its keys, which are the journal's.
INDEX = "journal"
# A webhook without an entity (an unreadable body) has its topic instead.
UNREAD = "topic:"
VERDICT = "v#"
# The name that a verdict has where no destination was reached: the body or the store was not read.
ALL_DESTINATIONS = "all"
# One segment of 25 million entries is read in about ten seconds and needs some 50 MB.
SEGMENTS = 100
# Our own texts are short; longer ones are truncated.
LONGEST = 160


class JournalEntry(Value):
    """
    The outcome of a webhook in one attempt. ``verdicts`` has a short text for each destination;
    ``milliseconds`` is the duration of the attempt.
    """

    id: str
    source: str
    topic: str
    entity: str
    received_at: str
    verdicts: Mapping[str, str]
    milliseconds: int


class JournalRecord(Value):
    """A webhook in the journal: ``verdicts`` are the last, ``attempts`` counts all."""

    id: str
    source: str
    topic: str
    entity: str
    received_at: str
    verdicts: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 1
    milliseconds: int = 0


class DynamoJournal:
    """
    Entries in the ledger's table, stored for ``days``; with 0 nothing is written. ``lost`` counts
    the entries that were not written, so that a commit could be.
    """

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
        self.lost = 0

    def update(self, entry: JournalEntry) -> dict[str, Any] | None:
        """Return the arguments of UpdateItem for an entry; None if the journal is off."""
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
        at = f"{entry.received_at}#{entry.id}"
        values: dict[str, AttributeValue] = {
            ":e": text(self._key(entry.entity or UNREAD + entry.topic)),
            ":a": text(at),
            ":s": text(entry.source),
            ":t": text(entry.topic),
            ":x": {"N": str(int(self._clock()) + self._days * DAY)},
            ":m": {"N": str(entry.milliseconds)},
            ":one": {"N": "1"},
        }
        sets = ["#e = :e", "#a = :a", "#s = :s", "#t = :t", "#x = :x"]
        for number, (destination, verdict) in enumerate(sorted(entry.verdicts.items())):
            names[f"#v{number}"] = VERDICT + destination
            values[f":v{number}"] = text(verdict[:LONGEST])
            sets.append(f"#v{number} = :v{number}")
        remove = ""
        if ALL_DESTINATIONS not in entry.verdicts:
            # It waited for the store, or was a dead letter; now each destination has its own.
            names["#all"] = VERDICT + ALL_DESTINATIONS
            remove = " REMOVE #all"
        return {
            "TableName": self._table,
            "Key": {"pk": text(PREFIX + at)},
            "UpdateExpression": f"SET {', '.join(sets)}{remove} ADD #n :one, #m :m",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }

    def write(self, entry: JournalEntry) -> None:
        """Write an entry without a commit. Raise LedgerUnavailable."""
        update = self.update(entry)
        if update is not None:
            with ledger_errors("the journal"):
                self._client.update_item(**update)

    def of(self, entity: str) -> Iterator[JournalRecord]:
        """Yield the entries of an entity (its text), newest first. Raise LedgerUnavailable."""
        request = {
            "KeyConditionExpression": "entity = :entity",
            "ExpressionAttributeValues": {":entity": text(self._key(entity))},
            "ScanIndexForward": False,
        }
        return self._query("query", request)

    def all(self, since: str = "") -> Iterator[JournalRecord]:
        """Yield all entries received since an `instant`, in no order. Raise LedgerUnavailable."""
        request = {
            "FilterExpression": "#at >= :since",
            "ExpressionAttributeNames": {"#at": "at"},
            "ExpressionAttributeValues": {":since": text(since or "0")},
        }
        return self._query("scan", request)

    def sample(self, deadline: float) -> Iterator[tuple[str, str]]:
        """
        Yield the topic and the `instant` of entries in no order, until a deadline (epoch seconds).

        An index can be read in segments, each with the entries of a part of the entities. Only
        whole segments are yielded: all of them if there is time, or else a random sample, whose
        topics are as regular as those of all. Raise LedgerUnavailable.
        """
        for segment in random.sample(range(SEGMENTS), SEGMENTS):
            found: list[tuple[str, str]] = []
            with ledger_errors("the journal"):
                for page in self._segment(segment):
                    if self._clock() >= deadline:
                        return
                    found += [
                        (one["topic"]["S"], one["at"]["S"].partition("#")[0])
                        for one in page["Items"]
                    ]
            yield from found

    def _segment(self, segment: int) -> Iterable[Any]:
        return self._client.get_paginator("scan").paginate(
            TableName=self._table,
            IndexName=INDEX,
            Segment=segment,
            TotalSegments=SEGMENTS,
            ProjectionExpression="topic, #at",
            ExpressionAttributeNames={"#at": "at"},
        )

    def _query(self, operation: Any, request: Mapping[str, Any]) -> Iterator[JournalRecord]:
        with ledger_errors("the journal"):
            pages = self._client.get_paginator(operation)
            for page in pages.paginate(TableName=self._table, IndexName=INDEX, **request):
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

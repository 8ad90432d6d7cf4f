"""
Reads of the store, one at a time for each entity.

A hundred webhooks of one product need one read, if it begins after they were received. So the first
takes a lock before it reads, the others wait, and those that the read covers end without one. A
read covers nothing before its changes are delivered, parked or dead-lettered: until then each
webhook is in the queue itself. The lock saves requests; correctness does not depend on it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from shared.errors import StoreReadLater, StoreReadSince
from shared.model.entity import Entity, Kind
from shared.model.value import Value
from shared.model.version import instant_at, moment
from shared.state import item as items
from shared.state.table import ledger_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "read#"
# Longer than a read and its delivery take; a crashed reader keeps the others waiting for so long.
LOCK = 30.0
# A product is read at most once in so many seconds: the variations of one batch are as many
# webhooks, and the store needs about this long to send them.
INTERVAL: Mapping[Kind, float] = {Kind.PRODUCT: 10.0}
# The clocks of two containers differ by milliseconds.
SKEW = 0.05
# As `shared.queue.backoff.BUSY`: soon over.
BUSY = 3.0
# The retry worker takes a message that is due within a second: it must not come too early, or it
# would go round and round.
_EARLY = 1.0
_LIFETIME = 3600
_FREE = (
    "(attribute_not_exists(#until) OR #until < :now OR #until > :far)"
    " AND (attribute_not_exists(settled) OR settled < :since OR settled > :text)"
    " AND (attribute_not_exists(began) OR began <= :before OR began > :now)"
)


class StoreRead(Value):
    """A read of an entity from the store that began ``at`` an instant, and its lock's token."""

    entity: Entity
    at: str
    token: str


class ReadState(Value):
    """
    The reads of an entity: the lock's end and when the last read began (epoch seconds), and the
    `instant` at which the last read began whose changes are safe.
    """

    until: float = 0.0
    began: float = 0.0
    settled: str = ""


def refuse(
    entity: Entity, state: ReadState, received_at: str, now: float, scale: float = 1.0
) -> None:
    """
    Raise StoreReadSince or StoreReadLater where a webhook must not read the store now. ``scale`` is
    that of the waits: an interval is as much shorter.
    """
    received = moment(received_at).timestamp() + SKEW
    # Times in the future are from a clock that was wrong: they neither cover nor lock anything.
    if state.settled and received <= moment(state.settled).timestamp() <= now:
        raise StoreReadSince(str(entity))
    left = state.began + interval_of(entity, scale) - now if state.began <= now else 0.0
    wait = left / scale + _EARLY if left > 0 else 0.0
    if now <= state.until <= now + LOCK:
        # What was received before the read that is in progress is covered by it.
        raise StoreReadLater(BUSY if received <= state.began else max(BUSY, wait))
    if wait:
        raise StoreReadLater(wait)


def interval_of(entity: Entity, scale: float) -> float:
    """Return how many seconds at least are between two reads of an entity."""
    return INTERVAL.get(entity.kind, 0.0) * scale


class DynamoStoreReads:
    """Locks in the ledger's table. ``scale`` shortens the interval in local runs."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        pseudonym: Callable[[str], str],
        clock: Callable[[], float],
        scale: float = 1.0,
    ) -> None:
        self._client = client
        self._table = table
        self._pseudonym = pseudonym
        self._clock = clock
        self._scale = scale

    def begin(self, entity: Entity, received_at: str) -> StoreRead:
        """
        Take the lock, for a webhook that was received at that `instant`.

        Raise StoreReadSince, StoreReadLater or LedgerUnavailable.
        """
        now = self._clock()
        token = uuid.uuid4().hex
        values = {
            ":now": items.number(now),
            ":far": items.number(now + LOCK),
            ":until": items.number(now + LOCK),
            ":before": items.number(now - interval_of(entity, self._scale)),
            ":text": items.text(instant_at(now)),
            ":since": items.text(instant_at(moment(received_at).timestamp() + SKEW)),
            ":token": items.text(token),
            ":ttl": items.number(int(now) + _LIFETIME),
        }
        try:
            with ledger_errors("the lock of a read"):
                self._client.update_item(
                    TableName=self._table,
                    Key={"pk": items.text(self._key(entity))},
                    UpdateExpression="SET #until = :until, #token = :token, #ttl = :ttl, "
                    "began = :now",
                    ConditionExpression=_FREE,
                    ExpressionAttributeNames={"#until": "until", "#token": "token", "#ttl": "ttl"},
                    ExpressionAttributeValues=values,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            found: Any = error.response.get("Item", {})
            refuse(entity, _state(found), received_at, now, self._scale)
            raise StoreReadLater(BUSY) from None
        return StoreRead(entity=entity, at=instant_at(now), token=token)

    def end(self, read: StoreRead, *, settled: bool) -> None:
        """
        Release the lock; ``settled``: the changes of the read are safe, so that it covers what was
        received before it. Raise LedgerUnavailable: then the lock ends by itself.
        """
        update = "SET settled = :at REMOVE #until, #token" if settled else "REMOVE #until, #token"
        values = {":token": items.text(read.token)}
        if settled:
            values[":at"] = items.text(read.at)
        try:
            with ledger_errors("the end of a read"):
                self._client.update_item(
                    TableName=self._table,
                    Key={"pk": items.text(self._key(read.entity))},
                    UpdateExpression=update,
                    ConditionExpression="#token = :token",
                    ExpressionAttributeNames={"#until": "until", "#token": "token"},
                    ExpressionAttributeValues=values,
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # the lock had ended, and another read has it

    def _key(self, entity: Entity) -> str:
        return PREFIX + items.key(items.pseudonymous(entity, self._pseudonym))


def _state(item: Mapping[str, Any]) -> ReadState:
    return ReadState(
        until=float(item.get("until", {}).get("N", 0)),
        began=float(item.get("began", {}).get("N", 0)),
        settled=item.get("settled", {}).get("S", ""),
    )

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
# After a read, a product is not read again for so many seconds: the variations of one batch are as
# many webhooks. While they keep coming, each interval is longer than the one before: a batch that a
# slow store sends for half a minute is three reads.
INTERVAL: Mapping[Kind, float] = {Kind.PRODUCT: 10.0}
GROWTH = 3.0
LONGEST = 60.0
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
    " AND (attribute_not_exists(due) OR due <= :now OR due > :latest)"
)


class StoreRead(Value):
    """
    A read of an entity from the store that began ``at`` an instant, and its lock's token. After it
    the store is not read again for ``apart`` seconds.
    """

    entity: Entity
    at: str
    token: str
    apart: float = 0.0


class ReadState(Value):
    """
    The reads of an entity: the lock's end, when the last read began and when the next one is due
    (epoch seconds), the interval between both (seconds), and the `instant` at which the last read
    began whose changes are safe.
    """

    until: float = 0.0
    began: float = 0.0
    due: float = 0.0
    apart: float = 0.0
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
    left = state.due - now if state.due <= now + LONGEST * scale else 0.0
    wait = left / scale + _EARLY if left > 0 else 0.0
    if now <= state.until <= now + LOCK:
        # What was received before the read that is in progress is covered by it.
        raise StoreReadLater(BUSY if received <= state.began else max(BUSY, wait))
    if wait:
        raise StoreReadLater(wait)


def interval(entity: Entity, state: ReadState, now: float, scale: float) -> float:
    """Return how long the store is not read again (seconds), after a read that begins ``now``."""
    shortest = INTERVAL.get(entity.kind, 0.0) * scale
    if 0 <= now - state.began < 2 * state.apart:
        return min(max(shortest, state.apart * GROWTH), LONGEST * scale)
    return shortest


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
        scale = self._scale
        shortest = interval(entity, ReadState(), now, scale)
        values = {
            ":now": items.number(now),
            ":far": items.number(now + LOCK),
            ":until": items.number(now + LOCK),
            ":due": items.number(now + shortest),
            ":latest": items.number(now + LONGEST * scale),
            ":text": items.text(instant_at(now)),
            ":since": items.text(instant_at(moment(received_at).timestamp() + SKEW)),
            ":token": items.text(token),
            ":ttl": items.number(int(now) + _LIFETIME),
        }
        try:
            with ledger_errors("the lock of a read"):
                before: Any = self._client.update_item(
                    TableName=self._table,
                    Key={"pk": items.text(self._key(entity))},
                    UpdateExpression="SET #until = :until, #token = :token, #ttl = :ttl, "
                    "began = :now, due = :due",
                    ConditionExpression=_FREE,
                    ExpressionAttributeNames={"#until": "until", "#token": "token", "#ttl": "ttl"},
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            found: Any = error.response.get("Item", {})
            refuse(entity, _state(found), received_at, now, scale)
            raise StoreReadLater(BUSY) from None
        apart = interval(entity, _state(before.get("Attributes", {})), now, scale)
        return StoreRead(entity=entity, at=instant_at(now), token=token, apart=apart)

    def end(self, read: StoreRead, *, settled: bool) -> None:
        """
        Release the lock; ``settled``: the changes of the read are safe, so that it covers what was
        received before it. Raise LedgerUnavailable: then the lock ends by itself.
        """
        update, values = "REMOVE #until, #token", {":token": items.text(read.token)}
        if settled:
            update = f"SET settled = :at, due = :due, apart = :apart {update}"
            due = moment(read.at).timestamp() + read.apart
            values |= {
                ":at": items.text(read.at),
                ":due": items.number(due),
                ":apart": items.number(read.apart),
            }
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
        until=_number(item, "until"),
        began=_number(item, "began"),
        due=_number(item, "due"),
        apart=_number(item, "apart"),
        settled=item.get("settled", {}).get("S", ""),
    )


def _number(item: Mapping[str, Any], name: str) -> float:
    return float(item.get(name, {}).get("N", 0))

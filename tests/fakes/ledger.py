"""A ledger of dicts, tested by the same conformance suite as the one in DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from shared.errors import LedgerUnavailable
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.state.journal import JournalEntry
from shared.state.ports import Busy, Claim, Claimed, Duplicate
from shared.state.row import LIFETIME, DestinationState, Ending, Row


@dataclass
class MemoryLedger:
    """``rows`` are the rows of the table, leases included."""

    rows: dict[Entity, Row] = field(default_factory=dict)
    stops: set[str] = field(default_factory=set)
    counted: dict[str, bool] = field(default_factory=dict)
    notes: list[JournalEntry] = field(default_factory=list)
    key: str = ""
    shop_kept: str | None = None
    out_of_reach: bool = False
    clock: Callable[[], float] = lambda: 0.0
    lock: Lock = field(default_factory=Lock)

    def claim(self, claim: Claim) -> Claimed | Busy | Duplicate:
        self._reach()
        with self.lock:
            there = self.rows.get(claim.entity, Row(entity=claim.entity))
            row = _alive(there, claim.now)
            if row.lease == claim.lease and claim.lease.until >= claim.now:
                # The first claim succeeded and its response was lost: the row before is unknown.
                return Claimed(row=replace(row, lease=None), abandoned=claim.now)
            if row.lease is not None and row.lease.holds(claim.now):
                return Busy()
            if claim.delivery in row.done:
                return Duplicate()
            refused = frozenset(
                name
                for name, one in claim.intents.items()
                if one.forbidden_by(row.destination_state(name))
            )
            # An expired row forbids nothing, and yet stays until a commit or a sweep.
            self.rows[claim.entity] = _written(_taken(there, claim, refused))
        return Claimed(
            row=replace(row, lease=None),
            abandoned=row.lease.until if row.lease else None,
            refused=refused,
        )

    def commit(self, row: Row, token: str, entry: JournalEntry | None = None) -> bool:
        self._reach()
        with self.lock:
            there = self.rows.get(row.entity)
            if there is None or there.lease is None or there.lease.token != token:
                return False
            self.rows[row.entity] = _written(replace(row, lease=None))
            if entry is not None:
                self.notes.append(entry)
        return True

    def redacted(self, people: Iterable[Entity]) -> Mapping[Entity, str]:
        self._reach()
        found = {one: row.tombstone for one in people if (row := self.rows.get(one))}
        return {one: end.at for one, end in found.items() if end and end.end is Ending.REDACTED}

    def known_variants(self, products: Iterable[str]) -> Mapping[str, frozenset[str]]:
        self._reach()
        rows = {one: self.rows.get(Entity(Kind.PRODUCT, one)) for one in products}
        return {product: _alive(row, self.clock()).variants for product, row in rows.items() if row}

    def paused(self, destinations: Iterable[str]) -> frozenset[str]:
        self._reach()
        return frozenset(self.stops) & frozenset(destinations)

    def shop_kept_at(self) -> str | None:
        self._reach()
        return self.shop_kept

    def tracked(self, inventory: frozenset[str]) -> Mapping[str, bool]:
        self._reach()
        return {one: self.counted[one] for one in inventory if one in self.counted}

    def remember_tracked(self, tracked: Mapping[str, bool]) -> None:
        self._reach()
        self.counted.update(tracked)

    def pseudonym_key(self, fresh: str) -> str:
        self._reach()
        self.key = self.key or fresh
        return self.key

    def purge(self, _deadline: float = 0.0) -> int:
        self._reach()
        gone = len(self.rows) + len(self.counted)
        self.rows.clear()
        self.counted.clear()
        return gone

    def row(self, entity: Entity) -> Row | None:
        self._reach()
        return self.rows.get(entity)

    def sweep(self, now: float) -> int:
        """Delete the rows that expired before ``now`` (epoch seconds), as DynamoDB does later."""
        expired = [one for one, row in self.rows.items() if (row.expires or now) < int(now)]
        for entity in expired:
            del self.rows[entity]
        return len(expired)

    def _reach(self) -> None:
        if self.out_of_reach:
            raise LedgerUnavailable("the ledger of a test is unavailable")


def _alive(row: Row, now: float) -> Row:
    if row.expires is not None and row.expires < now:
        return Row(entity=row.entity, lease=row.lease)
    return row


def _written(row: Row) -> Row:
    """Omit destinations with an empty state: an item does not store them."""
    return replace(
        row,
        destination_states={
            name: one for name, one in row.destination_states.items() if one != DestinationState()
        },
    )


def _taken(row: Row, claim: Claim, refused: frozenset[str]) -> Row:
    """Return the row during the lease."""
    span = LIFETIME[claim.entity.kind]
    after = replace(
        row,
        lease=claim.lease,
        variants=row.variants | claim.variants,
        expires=None if span is None else int(claim.now) + span,
    )
    for name in claim.destinations:
        after = after.with_destination_state(
            name, replace(after.destination_state(name), digest=None)
        )
    for name, intent in claim.intents.items():
        if name not in refused:
            state = replace(after.destination_state(name), intended=intent.written)
            after = after.with_destination_state(name, state)
    return after

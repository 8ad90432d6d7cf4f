"""
What the law asks of our own stores: to forget a person, to tell the merchant what is held, and to
purge a shop. The worker does it, after the platforms were told by the ordinary way.

What is parked is not searched: it ends at the tombstone that the ordinary way has set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from shared.delivery.bodies import Bodies
from shared.delivery.envelope import Envelope
from shared.errors import NotUnderstood, PortUnavailable, StoreUnavailable
from shared.model.change import mentions
from shared.model.entity import Entity, Kind
from shared.observe import Observer
from shared.sources.contract import DataRequested, Redacted, ShopRedacted, Source
from shared.state.row import Row

_ADDRESS = re.compile(rb"[^\s\"'<>,;:\\]+@[^\s\"'<>,;:\\]+")
_NUMBER = re.compile(rb"\d+")

Match = Callable[[Envelope], bool]


class Dead(Protocol):
    """The dead letters, as far as privacy needs them."""

    def purge(self, match: Match | None, deadline: float) -> int:
        """Delete matching dead letters; all without a match, also what is no envelope."""
        ...

    def holds(self, match: Match, deadline: float) -> int:
        """Count matching dead letters."""
        ...


class Rows(Protocol):
    """The ledger, as far as privacy needs it."""

    def row(self, entity: Entity) -> Row | None:
        """Read one row."""
        ...

    def purge(self) -> int:
        """Delete every row."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """Carries out a duty. Raises PortUnavailable; the message then stays in the queue."""

    sources: Mapping[str, Source]
    rows: Rows
    dead: Dead
    bodies: Bodies
    purge_queue: Callable[[], None]
    pseudonym: Callable[[str], str]
    observer: Observer

    def perform(self, envelope: Envelope, deadline: float) -> None:
        """Carry out the duty that an envelope names; ``deadline`` is in epoch seconds."""
        match self.sources[envelope.source].translate(envelope, deadline).notice:
            case Redacted(people=people, orders=orders):
                self._forget(envelope, {*people, *orders}, deadline)
            case DataRequested(people=people, orders=orders):
                self._tell(envelope, (*people, *orders), deadline)
            case ShopRedacted():
                self._purge(envelope, deadline)
            case _:
                raise NotUnderstood("this webhook asks for nothing of ours")

    def _forget(self, envelope: Envelope, who: set[Entity], deadline: float) -> None:
        about = self._about(who)

        def match(letter: Envelope) -> bool:
            # What was done since is not meant; and a redaction that a platform refused must stay,
            # or that platform would never hear of it.
            meant = letter.topic != envelope.topic and letter.triggered_at <= envelope.triggered_at
            return meant and about(letter)

        dead = self.dead.purge(match, deadline)
        bodies = self.bodies.remove(match)
        self.observer.line("forgotten", id=envelope.id, dead_letters=dead, bodies=bodies)
        self.observer.count("Forgotten")

    def _tell(self, envelope: Envelope, whom: tuple[Entity, ...], deadline: float) -> None:
        held = {str(one): _held(row) for one in whom if (row := self.rows.row(one))}
        dead = self.dead.holds(self._about(set(whom)), deadline)
        record = {"request": envelope.id, "ledger": held, "dead_letters": dead}
        self.bodies.record(envelope.id, msgspec.json.encode(record))
        self.observer.alarm(
            "DataRequested", "a person asks what is held: see the record", id=envelope.id
        )

    def _purge(self, envelope: Envelope, deadline: float) -> None:
        dead = self.dead.purge(None, deadline)
        bodies, rows = self.bodies.purge(), self.rows.purge()
        # Last, for it also removes the message that asks for this.
        self.purge_queue()
        self.observer.alarm(
            "ShopPurged",
            "everything of the shop was purged",
            id=envelope.id,
            dead_letters=dead,
            bodies=bodies,
            rows=rows,
        )

    def _about(self, who: set[Entity]) -> Match:
        def about(envelope: Envelope) -> bool:
            if envelope.entity in map(str, who):
                return True
            try:
                # Without time for the store: what it must complete is a product and names nobody.
                changes = self.sources[envelope.source].translate(envelope, 0.0).changes
            except StoreUnavailable:
                return False
            except PortUnavailable:
                raise
            except Exception:  # noqa: BLE001 - many a dead letter is one because of a bug of ours
                return self._names(envelope.body, who)
            return any(change.entity in who or mentions(change) in who for change in changes)

        return about

    def _names(self, body: bytes, who: Iterable[Entity]) -> bool:
        """Search a body that cannot be translated for addresses and ids of people."""
        ids = {one.id for one in who if one.kind is Kind.PERSON}
        if ids & {found.decode() for found in _NUMBER.findall(body)}:
            return True
        addresses = {found.decode(errors="replace").lower() for found in _ADDRESS.findall(body)}
        return any(f"email:{self.pseudonym(address)}" in ids for address in addresses)


def _held(row: Row) -> dict[str, str]:
    """Say what the ledger holds of an entity, and what each platform was told last."""
    told = {
        name: "removed" if standing.gone else str(standing.applied or "nothing yet")
        for name, standing in row.standings.items()
    }
    return told | ({"ended": row.tombstone.end.value} if row.tombstone else {})

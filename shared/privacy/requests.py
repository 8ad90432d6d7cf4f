"""
What the law asks of our own stores: to forget a person, to tell the merchant what is held, and to
purge a shop. The worker does it, after the platforms were told by the ordinary way.

What is parked is not searched: it ends at the tombstone that the ordinary way has set. A duty for
which one invocation has no time says in a header of its message how far it came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from shared.errors import NotUnderstood
from shared.model.entity import Entity
from shared.model.value import Value, replace
from shared.observability import Observer
from shared.privacy.matching import PersonMatcher
from shared.privacy.records import Held, ToErase, asked_by, held, kinds
from shared.queue.envelope import Envelope
from shared.queue.payload_store import BEGINNING, Cursor, PayloadStore
from shared.queue.sqs import PLACEHOLDERS
from shared.queue.sweep import START, Sweep
from shared.sources.contract import DataRequested, Redacted, ShopRedacted, Source
from shared.state.ports import Visitors
from shared.state.row import Row

# No shop sends a header of this name: a source keeps those it names.
PROGRESS = "shoprelay-progress"

Match = Callable[[Envelope], bool]


class Progress(Value):
    """How far a duty came: through the dead letters, the bodies, and the merchant's records."""

    dead: Sweep = START
    bodies: Cursor = BEGINNING
    records: Cursor = BEGINNING


class Dead(Protocol):
    """The dead letters, as far as privacy needs them."""

    def purge(self, match: Match | None, deadline: float, sweep: Sweep = START) -> Sweep:
        """Go on deleting matching dead letters; all without a match, also what is no envelope."""
        ...

    def count_matching(self, match: Match, deadline: float, sweep: Sweep = START) -> Sweep:
        """Go on counting matching dead letters."""
        ...


class Rows(Protocol):
    """The ledger, as far as privacy needs it."""

    def row(self, entity: Entity) -> Row | None:
        """Read one row."""
        ...

    def purge(self, deadline: float) -> int:
        """Delete every row; raise LedgerUnavailable when the deadline (epoch seconds) is first."""
        ...


class Privacy(Value):
    """
    Carries out a duty. Raises PortUnavailable; the message then stays in the queue.

    ``unforgetting`` are the destinations where no call erases a person.
    """

    sources: Mapping[str, Source]
    rows: Rows
    visitors: Visitors
    dead: Dead
    bodies: PayloadStore
    purge_queue: Callable[[], None]
    pseudonym: Callable[[str], str]
    observer: Observer
    unforgetting: tuple[str, ...] = ()

    @property
    def traces(self) -> PersonMatcher:
        """What tells whom an envelope is about."""
        return PersonMatcher(sources=self.sources, pseudonym=self.pseudonym)

    def perform(self, envelope: Envelope, deadline: float) -> Envelope | None:
        """
        Carry out the duty that an envelope names; ``deadline`` is in epoch seconds.

        What is left to be done when time does not suffice is given back, to be parked.
        """
        if envelope.task in PLACEHOLDERS:
            self.observer.line(envelope.task, id=envelope.id, topic=envelope.topic)
            self.observer.count(envelope.task.capitalize())
            return None
        match self.sources[envelope.source].translate(envelope, deadline).notice:
            case Redacted(people=people, orders=orders):
                return self._forget(envelope, frozenset({*people, *orders}), deadline)
            case DataRequested(people=people, orders=orders):
                return self._tell(envelope, (*people, *orders), deadline)
            case ShopRedacted():
                return self._purge(envelope, deadline)
            case _:
                raise NotUnderstood("this webhook asks for nothing of ours")

    def _forget(
        self, envelope: Envelope, who: frozenset[Entity], deadline: float
    ) -> Envelope | None:
        def match(letter: Envelope) -> bool:
            # What was done since is not meant; and a redaction that a platform refused must stay,
            # or that platform would never hear of it.
            meant = letter.triggered_at <= envelope.triggered_at and not self._redacts(letter)
            return (meant or letter.task in PLACEHOLDERS) and self.traces.about(letter, who)

        so_far = _progress(envelope)
        dead, bodies, records = so_far.dead, so_far.bodies, so_far.records
        if not dead.over:
            dead = self.dead.purge(match, deadline, dead)
        # Not before: a dead letter whose body is gone tells no more whom it is about.
        if dead.over and not bodies.over:
            bodies = self.bodies.remove(match, deadline, bodies)
        if bodies.over:
            asked = asked_by(who, envelope.triggered_at)
            records = self.bodies.remove_records(asked, deadline, records)
        if not records.over:
            return _carried(envelope, Progress(dead=dead, bodies=bodies, records=records))
        # Last: whatever was at work with them meanwhile may have remembered them.
        visitors = self.visitors.forget(sorted(who))
        self._by_hand(envelope, who)
        self.observer.line(
            "forgotten",
            id=envelope.id,
            dead_letters=dead.done,
            bodies=bodies.done,
            records=records.done,
            visitors=visitors,
        )
        self.observer.count("Forgotten")
        return None

    def _by_hand(self, envelope: Envelope, who: frozenset[Entity]) -> None:
        """Write down where a person must be erased by hand; the platform's plan has alarmed."""
        if not self.unforgetting:
            return
        record = ToErase(
            request=envelope.id,
            asked_at=envelope.triggered_at,
            about=tuple(map(str, sorted(who))),
            erase_by_hand=self.unforgetting,
        )
        self.bodies.record(envelope.id, msgspec.json.encode(record))

    def _redacts(self, letter: Envelope) -> bool:
        source = self.sources.get(letter.source)
        return source is not None and letter.topic in source.redactions

    def _tell(
        self, envelope: Envelope, whom: tuple[Entity, ...], deadline: float
    ) -> Envelope | None:
        def match(letter: Envelope) -> bool:
            return letter.task not in PLACEHOLDERS and self.traces.about(letter, frozenset(whom))

        dead = self.dead.count_matching(match, deadline, _progress(envelope).dead)
        if not dead.over:
            return _carried(envelope, Progress(dead=dead))
        record = Held(
            request=envelope.id,
            asked_at=envelope.triggered_at,
            about=tuple(map(str, whom)),
            ledger={str(one): held(row) for one in whom if (row := self.rows.row(one))},
            dead_letters=dead.matched,
            visitors=kinds(self.visitors.find(whom)),
        )
        self.bodies.record(envelope.id, msgspec.json.encode(record))
        self.observer.alarm(
            "DataRequested", "a person asks what is held: see the record", id=envelope.id
        )
        return None

    def _purge(self, envelope: Envelope, deadline: float) -> Envelope | None:
        """
        Delete everything of a shop. Where the merchant has another shop too, that one's webhooks
        must not go with it: then the rows stay, which name nobody, and what waits in the queue.
        """
        if len(self.sources) > 1:
            return self._purge_of(envelope, deadline)
        dead = self.dead.purge(None, deadline, _progress(envelope).dead)
        if not dead.over:
            return _carried(envelope, Progress(dead=dead))
        bodies = self.bodies.purge(deadline)
        rows = self.visitors.purge(deadline) + self.rows.purge(deadline)
        # Last, for it also removes the message that asks for this.
        self.purge_queue()
        self._purged(envelope, dead_letters=dead.done, bodies=bodies, rows=rows)
        return None

    def _purge_of(self, envelope: Envelope, deadline: float) -> Envelope | None:
        def match(letter: Envelope) -> bool:
            return letter.source == envelope.source

        so_far = _progress(envelope)
        dead, bodies = so_far.dead, so_far.bodies
        if not dead.over:
            dead = self.dead.purge(match, deadline, dead)
        if dead.over and not bodies.over:
            bodies = self.bodies.remove(match, deadline, bodies)
        if not bodies.over:
            return _carried(envelope, Progress(dead=dead, bodies=bodies))
        # Of all shops, for none is named with them: the other's shoppers are met again.
        rows = self.visitors.purge(deadline)
        self._purged(envelope, dead_letters=dead.done, bodies=bodies.done, rows=rows)
        return None

    def _purged(self, envelope: Envelope, **counts: int) -> None:
        self.observer.alarm(
            "ShopPurged", "everything of the shop was purged", id=envelope.id, **counts
        )


def _progress(envelope: Envelope) -> Progress:
    return msgspec.json.decode(envelope.headers.get(PROGRESS, "{}"), type=Progress)


def _carried(envelope: Envelope, progress: Progress) -> Envelope:
    text = msgspec.json.encode(progress).decode()
    return replace(envelope, headers={**envelope.headers, PROGRESS: text})

"""
Legal requests to our own stores: erase a person, report the stored data to the merchant, and purge
a shop. The worker carries them out, after the ordinary delivery to the platforms.

Parked envelopes are not searched: they end at the tombstone that the ordinary delivery has set. A
task that needs more than one invocation has its progress in a header of its message.
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
from shared.privacy.records import (
    DataRecord,
    ErasureRecord,
    ledger_data,
    requested_by,
    visitor_id_kinds,
)
from shared.queue.envelope import Envelope
from shared.queue.payload_store import BEGINNING, Cursor, PayloadStore
from shared.queue.sqs import PLACEHOLDERS
from shared.queue.sweep import START, Sweep
from shared.sources.contract import DataRequested, Redacted, ShopRedacted, Source
from shared.state.ports import Visitors
from shared.state.row import Row

# No shop sends a header of this name: a source stores only the headers that it names.
PROGRESS = "shoprelay-progress"

Match = Callable[[Envelope], bool]


class Progress(Value):
    """The progress of a task: in the dead letters, the bodies, and the merchant's records."""

    dead: Sweep = START
    bodies: Cursor = BEGINNING
    records: Cursor = BEGINNING


class DeadLetterStore(Protocol):
    """The methods of dead letters that privacy needs."""

    def purge(self, match: Match | None, deadline: float, sweep: Sweep = START) -> Sweep:
        """Continue to delete matching dead letters, or all, invalid ones too, without a match."""
        ...

    def count_matching(self, match: Match, deadline: float, sweep: Sweep = START) -> Sweep:
        """Continue to count matching dead letters."""
        ...


class Rows(Protocol):
    """The methods of the ledger that privacy needs."""

    def row(self, entity: Entity) -> Row | None:
        """Read one row."""
        ...

    def shop_kept_at(self) -> str | None:
        """Return until which `instant` requests to delete the shop's data are cancelled."""
        ...

    def purge(self, deadline: float) -> int:
        """Delete every row; raise LedgerUnavailable if the deadline (epoch seconds) comes first."""
        ...


class Privacy(Value):
    """
    Carries out privacy tasks. Raises PortUnavailable; the message then stays in the queue.

    ``unforgetting`` are the destinations that have no call to erase a person.
    """

    sources: Mapping[str, Source]
    rows: Rows
    visitors: Visitors
    dead: DeadLetterStore
    bodies: PayloadStore
    purge_queue: Callable[[], None]
    pseudonym: Callable[[str], str]
    observer: Observer
    without_erasure: tuple[str, ...] = ()

    @property
    def matcher(self) -> PersonMatcher:
        """The matcher of envelopes and people."""
        return PersonMatcher(sources=self.sources, pseudonym=self.pseudonym)

    def perform(self, envelope: Envelope, deadline: float) -> Envelope | None:
        """
        Carry out the task of an envelope; ``deadline`` is in epoch seconds.

        Return the envelope of the rest, to be parked, if there is not enough time.
        """
        if envelope.task in PLACEHOLDERS:
            self.observer.line(envelope.task, id=envelope.id, topic=envelope.topic)
            self.observer.count(envelope.task.capitalize())
            return None
        translated = self.sources[envelope.source].translate(envelope, deadline)
        if translated.ignored:
            self._drop(envelope, translated.ignored)
            return None
        match translated.notice:
            case Redacted() as notice:
                return self._forget(envelope, notice, deadline)
            case DataRequested(people=people, orders=orders):
                return self._report(envelope, (*people, *orders), deadline)
            case ShopRedacted():
                return self._purge(envelope, deadline)
            case _:
                raise NotUnderstood("this webhook is no privacy request")

    def _forget(self, envelope: Envelope, notice: Redacted, deadline: float) -> Envelope | None:
        who = frozenset({*notice.people, *notice.orders})
        until = notice.repeats or envelope.triggered_at

        def match(found: Envelope) -> bool:
            # A later webhook is not part of the request; and a redaction that a platform rejected
            # must stay, or that platform would never receive it.
            included = found.triggered_at <= until and not self._redacts(found)
            return (included or found.task in PLACEHOLDERS) and self.matcher.matches(found, who)

        so_far = _progress(envelope)
        dead, bodies, records = so_far.dead, so_far.bodies, so_far.records
        if not dead.over:
            dead = self.dead.purge(match, deadline, dead)
        # After the dead letters: one without its body does not show whom it is about.
        if dead.over and not bodies.over:
            bodies = self.bodies.remove(match, deadline, bodies)
        if bodies.over:
            requested = requested_by(who, until)
            records = self.bodies.remove_records(requested, deadline, records)
        if not records.over:
            return _with_progress(envelope, Progress(dead=dead, bodies=bodies, records=records))
        # Last, because another delivery may have stored them meanwhile.
        # Of a person who came back since, the first request erased the earlier ones.
        visitors = 0 if notice.repeats else self.visitors.forget(sorted(who))
        self._record_erasure(envelope, who)
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

    def _record_erasure(self, envelope: Envelope, who: frozenset[Entity]) -> None:
        """Record where a person must be erased manually; the platform's plan raised an alarm."""
        if not self.without_erasure:
            return
        record = ErasureRecord(
            request=envelope.id,
            asked_at=envelope.triggered_at,
            about=tuple(map(str, sorted(who))),
            erase_by_hand=self.without_erasure,
        )
        self.bodies.record(envelope.id, msgspec.json.encode(record))

    def _redacts(self, found: Envelope) -> bool:
        source = self.sources.get(found.source)
        return source is not None and found.topic in source.redactions

    def _report(
        self, envelope: Envelope, whom: tuple[Entity, ...], deadline: float
    ) -> Envelope | None:
        def match(found: Envelope) -> bool:
            return found.task not in PLACEHOLDERS and self.matcher.matches(found, frozenset(whom))

        dead = self.dead.count_matching(match, deadline, _progress(envelope).dead)
        if not dead.over:
            return _with_progress(envelope, Progress(dead=dead))
        record = DataRecord(
            request=envelope.id,
            asked_at=envelope.triggered_at,
            about=tuple(map(str, whom)),
            ledger={str(one): ledger_data(row) for one in whom if (row := self.rows.row(one))},
            dead_letters=dead.matched,
            visitors=visitor_id_kinds(self.visitors.find(whom)),
        )
        self.bodies.record(envelope.id, msgspec.json.encode(record))
        self.observer.alarm(
            "DataRequested", "a person requests their data: see the record", id=envelope.id
        )
        return None

    def _purge(self, envelope: Envelope, deadline: float) -> Envelope | None:
        """
        Delete everything of a shop. If the merchant has another shop too, its webhooks must stay:
        then the rows, which name nobody, and the retry queue are kept.
        """
        if (self.rows.shop_kept_at() or "") >= envelope.received_at:
            self._drop(envelope, "cancelled by `shoprelay keep-shop`")
            return None
        if len(self.sources) > 1:
            return self._purge_of(envelope, deadline)
        dead = self.dead.purge(None, deadline, _progress(envelope).dead)
        if not dead.over:
            return _with_progress(envelope, Progress(dead=dead))
        bodies = self.bodies.purge(deadline)
        rows = self.visitors.purge(deadline) + self.rows.purge(deadline)
        # Last, because it also deletes the message of this request.
        self.purge_queue()
        self._purged(envelope, dead_letters=dead.done, bodies=bodies, rows=rows)
        return None

    def _purge_of(self, envelope: Envelope, deadline: float) -> Envelope | None:
        def match(found: Envelope) -> bool:
            return found.source == envelope.source

        so_far = _progress(envelope)
        dead, bodies = so_far.dead, so_far.bodies
        if not dead.over:
            dead = self.dead.purge(match, deadline, dead)
        if dead.over and not bodies.over:
            bodies = self.bodies.remove(match, deadline, bodies)
        if not bodies.over:
            return _with_progress(envelope, Progress(dead=dead, bodies=bodies))
        # Of all shops, since visitors have no shop: those of the other are identified again.
        rows = self.visitors.purge(deadline)
        self._purged(envelope, dead_letters=dead.done, bodies=bodies.done, rows=rows)
        return None

    def _drop(self, envelope: Envelope, reason: str) -> None:
        self.observer.line("dropped", id=envelope.id, topic=envelope.topic, reason=reason)
        self.observer.count("TaskDropped")

    def _purged(self, envelope: Envelope, **counts: int) -> None:
        self.observer.alarm(
            "ShopPurged", "everything of the shop was purged", id=envelope.id, **counts
        )


def _progress(envelope: Envelope) -> Progress:
    return msgspec.json.decode(envelope.headers.get(PROGRESS, "{}"), type=Progress)


def _with_progress(envelope: Envelope, progress: Progress) -> Envelope:
    text = msgspec.json.encode(progress).decode()
    return replace(envelope, headers={**envelope.headers, PROGRESS: text})

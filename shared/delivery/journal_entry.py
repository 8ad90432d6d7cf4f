"""The journal entry of a delivery: a few words per destination, and nothing about people."""

from __future__ import annotations

from collections.abc import Mapping

from shared.delivery.attempt import Attempted
from shared.delivery.settlement import Status
from shared.http.verdict import OutcomeUnknown, Rejected, Retry
from shared.queue.envelope import Envelope
from shared.state.journal import ALL_DESTINATIONS, JournalEntry
from shared.state.outcome import (
    AlreadySent,
    Applied,
    Deferred,
    Failed,
    Superseded,
    Unchanged,
)

# The store was read after a webhook was received, for another one of the same entity.
COVERED = {ALL_DESTINATIONS: "superseded: the store was read since"}


def entry_of(envelope: Envelope, verdicts: Mapping[str, str], seconds: float) -> JournalEntry:
    """Return the journal entry of one delivery; ``seconds`` is what it took."""
    return JournalEntry(
        id=envelope.id,
        source=envelope.source,
        topic=envelope.topic,
        entity=envelope.entity,
        received_at=envelope.received_at,
        verdicts=verdicts,
        milliseconds=round(max(0.0, seconds) * 1000),
    )


def describe(attempted: Attempted, status: Status) -> str:
    """Return in a few words what became of a webhook at one destination."""
    match attempted.outcome:
        case Applied(note=note):
            return _delivered(note, attempted)
        case Unchanged():
            return _delivered("unchanged", attempted)
        case AlreadySent():
            return _delivered("told_already", attempted)
        case Failed(failure=OutcomeUnknown(reason=reason)) | Deferred(reason=reason):
            return _failed(status, reason, None)
        case Failed(failure=Retry() | Rejected() as failure):
            return _failed(status, failure.reason, failure.status)
        case Superseded():
            return "superseded"
        case _:
            return "nothing to tell"


def _delivered(note: str, attempted: Attempted) -> str:
    unsure = attempted.confirm_at is not None
    return ", ".join(filter(None, ("delivered", note, "to be confirmed" * unsure)))


def unsent(envelope: Envelope, status: Status, reason: str) -> Mapping[str, str]:
    """Return the verdict of a webhook that was sent to no destination, for a reason before that."""
    name = envelope.destination or ALL_DESTINATIONS
    if status is Status.IGNORED:
        return {name: f"ignored: {reason}"}
    return {name: _failed(status, reason, None)}


def _failed(status: Status, reason: str, code: int | None) -> str:
    status_words = "dead letter" if status is Status.DEAD_LETTER else "waits"
    shown = reason if code is None or str(code) in reason else f"{reason} ({code})"
    return f"{status_words}: {shown}"

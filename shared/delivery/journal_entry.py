"""What the journal says of a delivery: a few words for each destination, and nothing of people."""

from __future__ import annotations

from collections.abc import Mapping

from shared.delivery.attempt import Attempted, Superseded
from shared.delivery.exchange import Deferred
from shared.delivery.settlement import Status
from shared.http.verdict import Delivered, OutcomeUnknown, Rejected, Retry
from shared.queue.envelope import Envelope
from shared.state.journal import JournalEntry

ALL_DESTINATIONS = "all"


def entry_of(envelope: Envelope, verdicts: Mapping[str, str], seconds: float) -> JournalEntry:
    """Write the note of one delivery; ``seconds`` is what it took."""
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
    """Say what became of a webhook at one destination."""
    match attempted.end:
        case Delivered(note=what):
            doubt = attempted.confirm_at is not None
            return ", ".join(filter(None, ("delivered", what, "to be confirmed" * doubt)))
        case Rejected(reason=reason, status=code) | Retry(reason=reason, status=code):
            return _failed(status, reason, code)
        case OutcomeUnknown(reason=reason) | Deferred(reason=reason):
            return _failed(status, reason, None)
        case Superseded():
            return "superseded"
        case _:
            return "nothing to tell"


def dead_lettered(reason: str) -> Mapping[str, str]:
    """Say of all destinations that they were told nothing, and will not be."""
    return {ALL_DESTINATIONS: f"dead letter: {reason}"}


def _failed(status: Status, reason: str, code: int | None) -> str:
    fate = "dead letter" if status is Status.DEAD_LETTER else "waits"
    shown = reason if code is None or str(code) in reason else f"{reason} ({code})"
    return f"{fate}: {shown}"

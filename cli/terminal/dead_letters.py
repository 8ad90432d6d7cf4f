"""How dead letters are shown: as tables for people, as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict
from rich.table import Table
from rich.text import Text

from shared.queue.dead_letter import DeadLetter
from shared.queue.envelope import Envelope
from shared.queue.scan_report import ScanReport

_AGES = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def age(seconds: float) -> str:
    """Write an age in its largest whole unit: ``3d``, ``5h``, ``12m``, ``40s``."""
    for size, unit in _AGES:
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return "0s"


def plain(text: object) -> Text:
    """Write a text as it is: no markup, and no sign that would move a terminal's cursor."""
    return Text("".join(sign if sign.isprintable() else "?" for sign in str(text)))


def listing(rows: Iterable[Mapping[str, Any]], now: float) -> Table:
    """Draw the table of ``dlq list`` from what `row` wrote."""
    table = _table("Age", "Id", "Topic", "Destination", "Entity", "Reason", "Status", "Tries")
    for one in rows:
        died_at = datetime.fromisoformat(one["died_at"]).timestamp()
        names = ("topic", "destination", "entity", "reason", "status", "tries")
        told = {**one, "reason": " at ".join(filter(None, (one["reason"], one["path"])))}
        cells = (one["id"] or one["message_id"], *(told[name] for name in names))
        table.add_row(age(now - died_at), *("" if one is None else plain(one) for one in cells))
    return table


def summary(reasons: Counter[str]) -> Table:
    """Draw how many died of what."""
    table = _table("Count", "Reason")
    for reason, count in reasons.most_common():
        table.add_row(str(count), plain(reason))
    return table


def journal(verdicts: Mapping[str, str]) -> Table:
    """Draw what became of a webhook at each destination, as the journal tells it."""
    table = _table("Destination", "What became of it")
    for name, verdict in verdicts.items():
        table.add_row(plain(name), plain(verdict))
    return table


def facts(letter: DeadLetter, envelope: Envelope | None) -> Table:
    """Draw all that is known about one letter, but for its body and headers."""
    table = _table("Fact", "Value")
    for name, value in described(letter, envelope).items():
        if name != "trail" and value not in {None, ""}:
            table.add_row(name.replace("_", " "), plain(value))
    return table


def trail(envelope: Envelope) -> Table:
    """Draw the tries of a webhook at its destination."""
    table = _table("Try", "At", "Verdict", "Status", "Reason")
    for at, attempt in enumerate(envelope.trail, 1):
        status = "" if attempt.status is None else str(attempt.status)
        table.add_row(
            str(at), plain(attempt.at), plain(attempt.verdict), status, plain(attempt.reason)
        )
    return table


def row(letter: DeadLetter, envelope: Envelope | None) -> dict[str, Any]:
    """Describe a letter as a row of a list: no body, and how often it was tried."""
    known: dict[str, Any] = asdict(letter)
    del known["body"]
    known["died_at"] = datetime.fromtimestamp(letter.died_at, UTC).isoformat(timespec="seconds")
    return known | {"tries": None if envelope is None else len(envelope.trail)}


def described(letter: DeadLetter, envelope: Envelope | None) -> dict[str, Any]:
    """Describe a letter as JSON; its body and headers hold personal data and are left out."""
    known = row(letter, envelope)
    if envelope is None:
        return known
    return known | {
        "replays": envelope.replays,
        "triggered_at": envelope.triggered_at,
        "received_at": envelope.received_at,
        "first_failed_at": envelope.first_failed_at,
        "version": envelope.version,
        "size": len(envelope.body),
        "trail": [asdict(one) for one in envelope.trail],
    }


def remarks(tally: ScanReport) -> list[str]:
    """Say what an operator must know beside the numbers."""
    said = (
        (tally.unreadable, "cannot be replayed: no envelope, or S3 has forgotten the body"),
        (tally.returned, "died again meanwhile; they are dead letters once more"),
        (tally.in_flight_elsewhere, "are hidden: another scan holds them, for 10 minutes at most"),
        (tally.unseen, "were counted but not seen: look again in a minute"),
        (tally.hidden, "could not be released: they come back within 10 minutes"),
    )
    return [f"{number} {text}." for number, text in said if number]


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table

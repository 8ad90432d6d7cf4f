"""Dead letters as tables for people, and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict
from rich.table import Table
from rich.text import Text

from cli import output
from shared.queue.dead_letter import DeadLetter
from shared.queue.envelope import Envelope
from shared.queue.scan_report import ScanReport

_ONE_LINE = str.maketrans("\n\t", "??")
_AGES = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def age(seconds: float) -> str:
    """Return an age in its largest whole unit: ``3d``, ``5h``, ``12m``, ``40s``."""
    for size, unit in _AGES:
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return "0s"


def plain(text: object) -> Text:
    """Return a text without markup and without characters that move a terminal's cursor."""
    return Text(output.printable(str(text)).translate(_ONE_LINE))


def listing(rows: Iterable[Mapping[str, Any]], now: float) -> Table:
    """Return the table of ``dlq list`` from the rows of `row`."""
    table = _table("Age", "Id", "Topic", "Destination", "Entity", "Reason", "Status", "Attempts")
    for one in rows:
        died_at = datetime.fromisoformat(one["died_at"]).timestamp()
        names = ("topic", "destination", "entity", "reason", "status", "tries")
        shown = {**one, "reason": " at ".join(filter(None, (one["reason"], one["path"])))}
        cells = (one["id"] or one["message_id"], *(shown[name] for name in names))
        table.add_row(age(now - died_at), *("" if one is None else plain(one) for one in cells))
    return table


def summary(reasons: Counter[str]) -> Table:
    """Return a table with the number of dead letters for each reason."""
    table = _table("Count", "Reason")
    for reason, count in reasons.most_common():
        table.add_row(str(count), plain(reason))
    return table


def journal(verdicts: Mapping[str, str]) -> Table:
    """Return a table with the journal's verdict at each destination."""
    table = _table("Destination", "Result")
    for name, verdict in verdicts.items():
        table.add_row(plain(name), plain(verdict))
    return table


def facts(dead_letter: DeadLetter, envelope: Envelope | None) -> Table:
    """Return a table with all that is known about a dead letter except its body and headers."""
    table = _table("Fact", "Value")
    for name, value in described(dead_letter, envelope).items():
        if name != "trail" and value not in {None, ""}:
            table.add_row(name.replace("_", " "), plain(value))
    return table


def trail(envelope: Envelope) -> Table:
    """Return a table with the attempts at the destination."""
    table = _table("Attempt", "At", "Verdict", "Status", "Reason")
    for at, attempt in enumerate(envelope.trail, 1):
        status = "" if attempt.status is None else str(attempt.status)
        table.add_row(
            str(at), plain(attempt.at), plain(attempt.verdict), status, plain(attempt.reason)
        )
    return table


def row(dead_letter: DeadLetter, envelope: Envelope | None) -> dict[str, Any]:
    """Return a dead letter as a row of a list: no body, and the number of attempts."""
    known: dict[str, Any] = asdict(dead_letter)
    del known["body"]
    known["died_at"] = datetime.fromtimestamp(dead_letter.died_at, UTC).isoformat(
        timespec="seconds"
    )
    return known | {"tries": None if envelope is None else len(envelope.trail)}


def described(dead_letter: DeadLetter, envelope: Envelope | None) -> dict[str, Any]:
    """Return a dead letter for JSON, without body and headers, which hold personal data."""
    known = row(dead_letter, envelope)
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


def remarks(report: ScanReport) -> list[str]:
    """Return what an operator must know beside the numbers."""
    counts = (
        (report.unreadable, "cannot be replayed: no envelope, or the body in S3 has expired"),
        (report.returned, "failed again meanwhile and are dead letters again"),
        (report.in_flight_elsewhere, "are hidden by another scan: try again in 10 minutes"),
        (report.unseen, "were counted but not received: try again in a minute"),
        (report.hidden, "could not be released: they are visible again within 10 minutes"),
    )
    return [f"{number} {text}." for number, text in counts if number]


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table

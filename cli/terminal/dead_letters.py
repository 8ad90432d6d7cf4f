"""Dead letters as tables for people, and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict

from cli.terminal.table import Column, print_table
from cli.terminal.text import age
from shared.queue.dead_letter import DeadLetter
from shared.queue.envelope import Envelope
from shared.queue.scan_report import ScanReport

COLUMNS = (
    Column(title="Age", right=True),
    Column(title="Id", whole=True),
    Column(title="Topic", rank=3),
    Column(title="Destination", rank=1),
    Column(title="Entity", whole=True, rank=2),
    Column(title="Reason"),
    Column(title="Status", right=True, rank=4),
    Column(title="Attempts", right=True, wide=True),
)


def print_list(rows: Iterable[Mapping[str, Any]], now: float, *, wide: bool) -> None:
    """Print the table of ``dlq list`` from the rows of `row`."""
    print_table(COLUMNS, [_cells(one, now) for one in rows], wide=wide)


def _cells(one: Mapping[str, Any], now: float) -> tuple[object, ...]:
    return (
        age(now - datetime.fromisoformat(one["died_at"]).timestamp()),
        identifier(one),
        one["topic"],
        one["destination"],
        one["entity"],
        " at ".join(filter(None, (one["reason"], one["path"]))),
        one["status"],
        one["tries"],
    )


def identifier(row: Mapping[str, Any]) -> str:
    """Return the id of a dead letter: the webhook's, or the message's where it has none."""
    return str(row["id"] or row["message_id"])


def print_summary(reasons: Counter[str]) -> None:
    """Print the number of dead letters for each reason."""
    columns = (Column(title="Count", right=True), Column(title="Reason", prose=True))
    print_table(columns, [(count, reason) for reason, count in reasons.most_common()])


def print_journal(verdicts: Mapping[str, str]) -> None:
    """Print the journal's verdict at each destination."""
    print_table((Column(title="Destination"), Column(title="Result", prose=True)), verdicts.items())


def print_facts(dead_letter: DeadLetter, envelope: Envelope | None) -> None:
    """Print all that is known about a dead letter except its body and headers."""
    known = described(dead_letter, envelope).items()
    rows = [
        (name.replace("_", " "), value)
        for name, value in known
        if name != "trail" and value not in {None, ""}
    ]
    print_table((Column(title="Fact", whole=True), Column(title="Value", prose=True)), rows)


def print_trail(envelope: Envelope) -> None:
    """Print the attempts at the destination."""
    columns = (
        Column(title="Attempt", right=True),
        Column(title="At", whole=True),
        Column(title="Verdict"),
        Column(title="Status", right=True),
        Column(title="Reason", prose=True),
    )
    attempts = enumerate(envelope.trail, 1)
    print_table(
        columns,
        [(at, one.at, one.verdict, one.status, one.reason) for at, one in attempts],
    )


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

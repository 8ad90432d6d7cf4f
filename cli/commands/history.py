"""``shoprelay history``: what the journal says about webhooks."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec
import typer

from cli import output
from cli.commands.options import Json, Output, OutputFormat, spread
from cli.stack.resources import Location, journal
from cli.terminal.table import Column, print_table
from cli.terminal.text import age, at_second
from shared.model.entity import Kind
from shared.model.version import instant_at, moment
from shared.queue.dead_letter import parse_time
from shared.state.journal import JournalRecord

EXAMPLE = "Example: shoprelay history --merchant acme --entity order:1234"
ROWS = 100
COLUMNS = (
    Column(title="Received", rank=4),
    Column(title="Age", right=True),
    Column(title="Topic", rank=3),
    Column(title="Entity", whole=True, rank=2),
    Column(title="Attempts", right=True, wide=True),
    Column(title="ms", right=True, wide=True),
    Column(title="Result"),
    Column(title="Id", whole=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """Which webhooks to list. A webhook must match every option that is set."""

    entity: Annotated[
        str | None, typer.Option(help="Entity, such as order:1234, or 1234 of any kind.")
    ] = None
    topic: Annotated[str | None, typer.Option(help="Topic, such as orders/create.")] = None
    verdict: Annotated[
        str | None, typer.Option(help='Part of the verdict, such as "dead letter".')
    ] = None
    destination: Annotated[str | None, typer.Option(help="Destination, such as datacue.")] = None
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Received since: 2h, 3d, a date, a time.")
    ] = None
    limit: Annotated[int, typer.Option(min=1, help="List at most so many, the newest.")] = ROWS


@spread
def history(
    filters: JournalFilter,
    location: Location,
    *,
    output_format: Output = OutputFormat.TABLE,
    json_out: Json = False,
) -> None:
    """List webhooks and their results, one per line, the newest first."""
    now = time.time()
    since = _since(filters.since, now)
    found = [one for one in _entries(filters, location, since) if _matches(one, filters, since)]
    newest = sorted(found, key=lambda one: one.received_at, reverse=True)[: filters.limit]
    if json_out or output_format is OutputFormat.JSON:
        output.echo_json(msgspec.json.encode(newest))
    elif output_format is OutputFormat.NAME:
        for one in newest:
            output.echo(one.id)
    elif newest:
        rows = [_row(one, now) for one in newest]
        print_table(COLUMNS, rows, wide=output_format is OutputFormat.WIDE)
        if len(found) > len(newest):
            output.echo(f"{len(newest)} of {len(found)} are listed; --limit N lists more.")
    else:
        output.echo("The journal has no matching webhook.")
    raise typer.Exit(0 if newest else 1)


def _since(text: str | None, now: float) -> str:
    try:
        return instant_at(parse_time(text, now)) if text else ""
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None


def _entries(filters: JournalFilter, location: Location, since: str) -> Iterator[JournalRecord]:
    entries = journal(location)
    if filters.entity is None:
        return entries.all(since)
    return itertools.chain.from_iterable(entries.of(name) for name in _names(filters.entity))


def _names(entity: str) -> Iterable[str]:
    """Return the entities that a name may refer to: a number alone may be one of each kind."""
    kind, colon, _ = entity.partition(":")
    if not colon:
        return [f"{one}:{entity}" for one in Kind]
    if kind not in {*Kind}:
        kinds = ", ".join(Kind)
        raise typer.BadParameter(f"unknown kind; use one of {kinds}", param_hint="--entity")
    return [entity]


def _matches(entry: JournalRecord, filters: JournalFilter, since: str) -> bool:
    verdicts = entry.verdicts
    if filters.destination is not None:
        names = {filters.destination, "all"}
        verdicts = {name: text for name, text in verdicts.items() if name in names}
    return (
        entry.received_at >= since
        and filters.topic in {None, entry.topic}
        and (filters.destination is None or bool(verdicts))
        and any((filters.verdict or "") in text for text in verdicts.values() or ("",))
    )


def _row(entry: JournalRecord, now: float) -> tuple[object, ...]:
    received = moment(entry.received_at).timestamp()
    return (
        at_second(received),
        age(now - received),
        entry.topic,
        entry.entity,
        entry.attempts,
        entry.milliseconds,
        _result(entry.verdicts),
        entry.id,
    )


def _result(verdicts: Mapping[str, str]) -> str:
    """Return the verdicts in one line; those that are not "delivered" come first."""
    if set(verdicts.values()) == {"delivered"}:
        return f"delivered ({', '.join(verdicts)})"
    ordered = sorted(verdicts.items(), key=lambda one: one[1] == "delivered")
    return "; ".join(f"{name}: {text}" for name, text in ordered)

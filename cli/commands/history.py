"""``shoprelay history``: what became of webhooks, as the journal tells it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from cli.commands.options import spread
from cli.stack.resources import Reach, journal
from cli.terminal.dead_letters import age, plain
from shared.model.entity import Kind
from shared.model.version import instant_at, moment
from shared.queue.dead_letter import parse_time
from shared.state.journal import JournalRecord

EXAMPLE = "Example: shoprelay history --merchant acme --entity order:1234"
ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which webhooks are meant; all of it together must fit."""

    entity: Annotated[str | None, typer.Option(help="Such as order:1234, or 1234.")] = None
    topic: Annotated[str | None, typer.Option(help="Such as orders/create.")] = None
    verdict: Annotated[str | None, typer.Option(help='A part of it, such as "dead letter".')] = None
    destination: Annotated[str | None, typer.Option(help="Such as datacue.")] = None
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Received since: 2h, 3d, a date, a moment.")
    ] = None
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = ROWS


@spread
def history(
    asked: Asked,
    reach: Reach,
    *,
    json_out: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell what became of webhooks: one line each, the newest first."""
    now = time.time()
    since = _since(asked.since, now)
    found = [one for one in _entries(asked, reach, since) if _fits(one, asked, since)]
    newest = sorted(found, key=lambda one: one.received_at, reverse=True)[: asked.limit]
    if json_out:
        typer.echo(msgspec.json.encode(newest).decode())
    elif newest:
        Console().print(_table(newest, now))
        if len(found) > len(newest):
            typer.echo(f"{len(newest)} of {len(found)} are listed; --limit N lists more.")
    else:
        typer.echo("The journal knows no such webhook.")
    raise typer.Exit(0 if newest else 1)


def _since(text: str | None, now: float) -> str:
    try:
        return instant_at(parse_time(text, now)) if text else ""
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None


def _entries(asked: Asked, reach: Reach, since: str) -> Iterator[JournalRecord]:
    book = journal(reach)
    if asked.entity is None:
        return book.all(since)
    return itertools.chain.from_iterable(book.of(name) for name in _names(asked.entity))


def _names(entity: str) -> Iterable[str]:
    """Give the entities that a name may mean: a number alone may be one of each kind."""
    kind, colon, _ = entity.partition(":")
    if not colon:
        return [f"{one}:{entity}" for one in Kind]
    if kind not in {*Kind}:
        kinds = ", ".join(Kind)
        raise typer.BadParameter(f"no such kind; there is {kinds}", param_hint="--entity")
    return [entity]


def _fits(entry: JournalRecord, asked: Asked, since: str) -> bool:
    said = entry.verdicts
    if asked.destination is not None:
        said = {name: text for name, text in said.items() if name in {asked.destination, "all"}}
    return (
        entry.received_at >= since
        and asked.topic in {None, entry.topic}
        and (asked.destination is None or bool(said))
        and any((asked.verdict or "") in text for text in said.values() or ("",))
    )


def _table(entries: Iterable[JournalRecord], now: float) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Received", "Age", "Topic", "Entity", "Tries", "ms", "What became of it", "Id"):
        # An entity is what is typed next; where it is narrow, ids fold and are whole all the same.
        whole = name in {"Received", "Age", "Entity"}
        right = name in {"Age", "Tries", "ms"}
        justify: Literal["right", "left"] = "right" if right else "left"
        table.add_column(name, justify=justify, no_wrap=whole, overflow="fold")
    for one in entries:
        received = moment(one.received_at)
        verdicts = "\n".join(f"{name}: {text}" for name, text in one.verdicts.items())
        shown = (one.topic, one.entity, one.attempts, one.milliseconds, verdicts, one.id)
        table.add_row(
            datetime.fromtimestamp(received.timestamp(), UTC).strftime("%m-%d %H:%M:%S"),
            age(now - received.timestamp()),
            *(plain(text) if "\n" not in str(text) else str(text) for text in shown),
        )
    return table

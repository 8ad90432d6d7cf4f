"""``shoprelay status``: the state of a merchant's stack, and the results of the last day."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import track

from cli import output
from cli.checks import errors
from cli.commands.options import Json, OptionalName, spread
from cli.merchants import files
from cli.stack.health import PARTS, Health, read_health
from cli.stack.resources import Location
from cli.terminal.table import Column, print_table
from cli.terminal.text import age, plain
from shared.errors import NotConfigured

EXAMPLE = "Example: shoprelay status acme"
DAY = 86_400.0


@spread
def status(
    name: OptionalName = None,
    *,
    location: Location,
    everyone: Annotated[
        bool, typer.Option("--all", help="Show every merchant in merchants/.")
    ] = False,
    json_out: Json = False,
) -> None:
    """
    Show the stack, its alarms, queues and dead letters, and the results of the last day's webhooks.

    Exit code 1 when something is wrong (an alarm, a dead letter, a queue that is not processed) or
    could not be read: unknown is not healthy. A webhook that is retried is not wrong yet.
    """
    now = time.time()
    names = files.names() if everyone else [name]
    console = output.console(stderr=True)
    quiet = not console.is_terminal or len(names) < 2  # noqa: PLR2004 - one needs no progress
    merchants = track(names, "Querying", console=console, transient=True, disable=quiet)
    found = {one or _label(location): _read(location, one, now) for one in merchants}
    _require_some(found.values())
    if json_out:
        shown = {one: asdict(health) for one, health in found.items()}
        output.echo_json(msgspec.json.encode(shown))
    else:
        for one, health in found.items():
            _show(output.console(), one, health, now)
    raise typer.Exit(1 if any(one.wrong or one.unread for one in found.values()) else 0)


def _label(location: Location) -> str:
    return "local" if location.endpoint_url else location.merchant or "local"


def _read(location: Location, name: str | None, now: float) -> Health:
    return read_health(Location(merchant=name).with_defaults(location), now, DAY, _describe)


def _require_some(found: Iterable[Health]) -> None:
    """Raise NotConfigured when nothing of a merchant could be read, and all for one reason."""
    for health in found:
        reasons = {one.partition(": ")[2] for one in health.unread}
        if len(health.unread) == PARTS and len(reasons) == 1:
            raise NotConfigured(reasons.pop())


def _describe(error: Exception) -> str:
    return errors.describe(error).text


def _show(console: Console, name: str, health: Health, now: float) -> None:
    console.print(f"[bold]{name}[/bold]  {_headline(health)}")
    facts: dict[str, Mapping[str, Any]] = {
        "Stack": health.stack,
        "Webhooks": health.webhooks,
        "Alarms": health.alarms,
        "Queues": health.queues,
        "Dead letters": health.dead_letters,
    }
    for title, lines in facts.items():
        _print_facts(title, lines)
    _print_rows("Topic, last 24 h", health.topics, now)
    _print_rows("Destination, last 24 h", health.destinations, now)
    for text in health.unread:
        console.print(plain(f"could not read {text}"))


def _headline(health: Health) -> str:
    if health.wrong:
        return "something is wrong"
    if health.unread:
        return "UNKNOWN: some parts could not be read"
    if health.waiting:
        return f"{health.waiting} wait and are retried: `shoprelay history --verdict waits`"
    return "all is well"


def _print_facts(title: str, lines: Mapping[str, Any]) -> None:
    columns = (Column(title=title), Column(title="", prose=True))
    print_table(columns, lines.items() or [("none", "")])


def _print_rows(title: str, rows: Mapping[str, Mapping[str, Any]], now: float) -> None:
    names = ("delivered", "waits", "dead letter", "other", "last")
    columns = (Column(title=title), *(Column(title=name, right=True) for name in names))
    write: dict[str, Callable[[Any], str]] = {"last": lambda at: _age(at, now)}
    print_table(
        columns,
        [
            (name, *(write.get(one, str)(row.get(one, 0)) for one in names))
            for name, row in _by_name(rows)
        ],
    )


def _by_name(rows: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return sorted(rows.items()) or [("none", {"last": ""})]


def _age(at: str, now: float) -> str:
    if not at:
        return "-"
    return age(now - datetime.fromisoformat(at[:26] + "+00:00").astimezone(UTC).timestamp())

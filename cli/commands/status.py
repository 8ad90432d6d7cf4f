"""``shoprelay status``: one screen of what a merchant's stack does now, and did in the last day."""

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
from rich.table import Table

from cli.commands.options import spread
from cli.merchants.files import names as every
from cli.stack.health import PARTS, Health, look
from cli.stack.resources import Reach
from cli.terminal.dead_letters import age, plain
from cli.terminal.errors import told
from shared.errors import NotConfigured

EXAMPLE = "Example: shoprelay status acme"
DAY = 86_400.0


@spread
def status(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Of the merchant.")] = None,
    *,
    reach: Reach,
    everyone: Annotated[bool, typer.Option("--all", help="Every merchant of merchants/.")] = False,
    json_out: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """
    Show the stack, its alarms, queues and dead letters, and what became of the last day's webhooks.

    Exit code 1 when something is wrong: an alarm, a dead letter, a queue that nobody empties.
    """
    now = time.time()
    names = every() if everyone else [name]
    console = Console(stderr=True)
    quiet = not console.is_terminal or len(names) < 2  # noqa: PLR2004 - one needs no progress
    asked = track(names, "Asking", console=console, transient=True, disable=quiet)
    found = {one or "local": _look(reach, one, now) for one in asked}
    _heard(found.values())
    if json_out:
        shown = {one: asdict(health) for one, health in found.items()}
        typer.echo(msgspec.json.encode(shown).decode())
    else:
        for one, health in found.items():
            _show(Console(), one, health, now)
    raise typer.Exit(1 if any(health.wrong for health in found.values()) else 0)


def _look(reach: Reach, name: str | None, now: float) -> Health:
    return look(Reach(merchant=name).over(reach), now, DAY, _mishap)


def _heard(found: Iterable[Health]) -> None:
    """See that anything was answered at all. Raises NotConfigured with the reason."""
    for health in found:
        reasons = {one.partition(": ")[2] for one in health.unread}
        if len(health.unread) == PARTS and len(reasons) == 1:
            raise NotConfigured(reasons.pop())


def _mishap(error: Exception) -> str:
    return told(error).text


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
        console.print(_facts(title, lines))
    console.print(_rows("Topic, last 24 h", health.topics, now))
    console.print(_rows("Destination, last 24 h", health.destinations, now))
    for text in health.unread:
        console.print(plain(f"not known: {text}"))


def _headline(health: Health) -> str:
    if health.wrong:
        return "something is wrong"
    return "nothing is wrong of what could be asked" if health.unread else "all is well"


def _facts(title: str, lines: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title)
    table.add_column("")
    for name, value in lines.items() or [("none", "")]:
        table.add_row(plain(name), plain(value))
    return table


def _rows(title: str, rows: Mapping[str, Mapping[str, Any]], now: float) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = ("delivered", "waits", "dead letter", "other", "last")
    for column in (title, *names):
        table.add_column(column, justify="left" if column == title else "right")
    write: dict[str, Callable[[Any], str]] = {"last": lambda at: _ago(at, now)}
    for name, row in _by_name(rows):
        cells = (write.get(one, str)(row.get(one, 0)) for one in names)
        table.add_row(plain(name), *cells)
    return table


def _by_name(rows: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return sorted(rows.items()) or [("none", {"last": ""})]


def _ago(at: str, now: float) -> str:
    if not at:
        return "-"
    return age(now - datetime.fromisoformat(at[:26] + "+00:00").astimezone(UTC).timestamp())

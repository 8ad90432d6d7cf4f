"""``shoprelay explain``: what a webhook becomes, without AWS, without the store, and unsent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from cli.commands.dlq import Json
from cli.commands.explain_dry_run import Explained, Meaning, Supposed, explained
from cli.commands.send import event_of
from cli.merchants.files import named
from cli.terminal import reasons
from cli.terminal.dead_letters import plain
from shared.http.call import Call
from shared.model.change import Change
from shared.model.visitor import Visitor

EXAMPLE = (
    "Example: shoprelay explain events/shopify/orders__create__guest.json --merchant demo. "
    "Exit codes: 0 explained, 1 it would be a dead letter, 2 not explained."
)


def explain(  # noqa: PLR0913 - one parameter per option of the command
    file: Annotated[Path, typer.Argument(metavar="EVENT.json", help="A body, as in events/.")],
    *,
    merchant: Annotated[str, typer.Option(metavar="NAME", help="As in merchants/NAME.toml.")],
    topic: Annotated[str | None, typer.Option(help="By default as the file is named.")] = None,
    sc: Annotated[str | None, typer.Option(help="Cookie of Yespo or eSputnik.")] = None,
    did: Annotated[str | None, typer.Option(help="Device id of PersonaClick.")] = None,
    known: Annotated[
        bool, typer.Option("--known", help="As if the platforms had been told of it before.")
    ] = False,
    json_out: Json = False,
) -> None:
    """Show what a webhook becomes: our changes, each platform's calls, and what is left out."""
    shop = named(merchant)
    supposed = Supposed(visitor=Visitor(tracker_cookie=sc, device_id=did), known=known)
    found = explained(shop, event_of(shop, file, topic), supposed)
    if json_out:
        typer.echo(json.dumps(described(found), indent=2, ensure_ascii=False))
    else:
        _print(found)
    if found.refused or any(one.refused for _, ends in found.meanings for one in ends):
        raise typer.Exit(1)


def described(found: Explained) -> dict[str, Any]:
    """Describe everything as JSON, whole addresses and bodies included."""
    notice = found.translated.notice
    return {
        "source": found.event.source,
        "topic": found.event.topic,
        "ignored": found.translated.ignored or None,
        "asks": found.asks or None,
        "dead_letter": found.refused or None,
        "notice": reasons.of_notice(notice) if notice else None,
        "left_out": _counts(found.translated.counts),
        "changes": [_change(change, ends) for change, ends in found.meanings],
    }


def _change(change: Change, ends: tuple[Meaning, ...]) -> dict[str, Any]:
    return {
        "change": type(change).__name__,
        "entity": str(change.entity),
        "destinations": {one.destination: _end(one) for one in ends},
    }


def _end(one: Meaning) -> dict[str, Any]:
    return {
        "event": one.event.name if one.event else None,
        "rule": reasons.of_event(one.event) if one.plan.calls else None,
        "calls": [_call(call) for call in one.plan.calls],
        "asks_for_ids": one.introduces,
        "left_out": _counts(one.plan.counts),
        "alarms": list(one.plan.alarms),
        "dead_letter": one.refused or None,
        "nothing": _nothing(one) or None,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "method": call.method,
        "host": urlsplit(call.url).netloc,
        "url": call.url,
        "label": call.label,
        "effect": str(call.effect),
        "body": _body(call),
    }


def _body(call: Call) -> Any:
    if not call.body:
        return None
    try:
        return json.loads(call.body)
    except ValueError:
        return call.body.decode(errors="replace")


def _counts(counts: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"count": one, "why": reasons.meaning(one)} for one in counts]


def _nothing(one: Meaning) -> str:
    """Say why a destination is told nothing at all; empty where it is told something."""
    if one.plan.calls or one.refused:
        return ""
    if one.plan.counts:
        return "; ".join(reasons.meaning(count) for count in one.plan.counts)
    if one.plan.state:
        return "it has this state already"
    return "it means nothing to this platform"


def _print(found: Explained) -> None:
    console = Console(highlight=False)
    console.print(plain(f"{found.event.topic} of {found.event.source}"), style="bold")
    for line in _remarks(found):
        console.print(plain(line))
    if found.meanings:
        console.print(_table(found))
    for _, ends in found.meanings:
        for one in ends:
            for call in one.plan.calls:
                _print_call(console, one.destination, call)


def _remarks(found: Explained) -> list[str]:
    translated = found.translated
    said = [f"left out: {reasons.meaning(count)} ({count})" for count in translated.counts]
    if translated.ignored:
        said.append(f"ignored: {translated.ignored}")
    if translated.notice:
        said.append(f"also: {reasons.of_notice(translated.notice)}")
    if found.asks:
        said.append(f"{found.asks}; what it answers is told, so nothing more can be said here")
    if found.refused:
        said.append(f"a dead letter: {found.refused}")
    return said


def _table(found: Explained) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Change", "Entity", "Destination", "Calls", "Why"):
        table.add_column(column, overflow="fold")
    for change, ends in found.meanings:
        for one in ends:
            calls = ", ".join(call.label for call in one.plan.calls) or "-"
            cells = (type(change).__name__, change.entity, one.destination, calls, _why(one))
            table.add_row(*(plain(cell) for cell in cells))
    return table


def _why(one: Meaning) -> str:
    if one.refused:
        return f"a dead letter: {one.refused}"
    if nothing := _nothing(one):
        return f"nothing: {nothing}"
    said = [reasons.of_event(one.event)]
    said += ["the first call asks for the visitor's ids"] if one.introduces else []
    said += [f"left out: {reasons.meaning(count)}" for count in one.plan.counts]
    return "; ".join([*said, *(f"alarm {alarm}" for alarm in one.plan.alarms)])


def _print_call(console: Console, destination: str, call: Call) -> None:
    parts = urlsplit(call.url)
    console.print()
    console.print(
        plain(f"{destination}: {call.method} {parts.netloc} ({call.label})"), style="bold"
    )
    body = _body(call)
    if body is not None:
        text = json.dumps(body, indent=2, ensure_ascii=False) if not isinstance(body, str) else body
        for line in text.splitlines():
            console.print(plain(line), soft_wrap=True)

"""``shoprelay explain``: what a webhook becomes, without AWS, without the store, and unsent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console

from cli import output
from cli.commands.explain_dry_run import Assumptions, Explanation, Result, explain_event
from cli.commands.options import Json
from cli.commands.send import event_of
from cli.merchants.files import named
from cli.terminal import reasons
from cli.terminal.table import Column, print_table
from cli.terminal.text import plain
from shared.http.call import Call
from shared.model.change import Change
from shared.model.visitor import Visitor

EXAMPLE = (
    "Example: shoprelay explain events/shopify/orders__create__guest.json --merchant demo. "
    "Exit codes: 0 explained, 1 it would be a dead letter, 2 not explained."
)


def explain(  # noqa: PLR0913 - one parameter per option of the command
    file: Annotated[
        Path, typer.Argument(metavar="EVENT.json", help="Body of a webhook, as in events/.")
    ],
    *,
    merchant: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the merchant, as in merchants/NAME.toml.")
    ],
    topic: Annotated[
        str | None, typer.Option(help="Topic. Default: from the name of the file.")
    ] = None,
    sc: Annotated[
        str | None, typer.Option(help="The visitor's cookie of Yespo or eSputnik.")
    ] = None,
    did: Annotated[
        str | None, typer.Option(help="The visitor's device id of PersonaClick.")
    ] = None,
    known: Annotated[
        bool, typer.Option("--known", help="Assume that the platforms have an earlier version.")
    ] = False,
    json_out: Json = False,
) -> None:
    """Show what a webhook becomes: our changes, each platform's calls, and what is omitted."""
    shop = named(merchant)
    assumed = Assumptions(visitor=Visitor(tracker_cookie=sc, device_id=did), known=known)
    found = explain_event(shop, event_of(shop, file, topic), assumed)
    if json_out:
        output.echo_json(json.dumps(described(found), indent=2, ensure_ascii=False))
    else:
        _print(found)
    if found.dead_letter or any(one.dead_letter for _, all_of in found.results for one in all_of):
        raise typer.Exit(1)


def described(found: Explanation) -> dict[str, Any]:
    """Return everything for JSON, whole addresses and bodies included."""
    notice = found.translated.notice
    return {
        "source": found.event.source,
        "topic": found.event.topic,
        "ignored": found.translated.ignored or None,
        "asks": found.query or None,
        "dead_letter": found.dead_letter or None,
        "notice": reasons.of_notice(notice) if notice else None,
        "left_out": _counts(found.translated.counts),
        "odd_fields": list(found.translated.odd_fields),
        "changes": [_change(change, results) for change, results in found.results],
    }


def _change(change: Change, results: tuple[Result, ...]) -> dict[str, Any]:
    return {
        "change": type(change).__name__,
        "entity": str(change.entity),
        "destinations": {one.destination: _result(one) for one in results},
    }


def _result(one: Result) -> dict[str, Any]:
    return {
        "event": one.event.name if one.event else None,
        "rule": reasons.of_event(one.event) if one.plan.calls else None,
        "calls": [_call(call) for call in one.plan.calls],
        "asks_for_ids": one.identifies,
        "left_out": _counts(one.plan.counts),
        "alarms": list(one.plan.alarms),
        "dead_letter": one.dead_letter or None,
        "nothing": _no_calls(one) or None,
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


def _no_calls(one: Result) -> str:
    """Return why nothing is sent to a destination; empty where something is."""
    if one.plan.calls or one.dead_letter:
        return ""
    if one.plan.counts:
        return "; ".join(reasons.meaning(count) for count in one.plan.counts)
    if one.plan.state:
        return "the platform has this state already"
    return "the platform has no call for this"


def _print(found: Explanation) -> None:
    console = output.console(highlight=False)
    console.print(plain(f"{found.event.topic} of {found.event.source}"), style="bold")
    for line in _remarks(found):
        console.print(plain(line))
    if found.results:
        _print_results(found)
    for _, results in found.results:
        for one in results:
            for call in one.plan.calls:
                _print_call(console, one.destination, call)


def _remarks(found: Explanation) -> list[str]:
    translated = found.translated
    lines = [f"omitted: {reasons.meaning(count)} ({count})" for count in translated.counts]
    lines += [reasons.odd_field(path) for path in translated.odd_fields]
    if translated.ignored:
        lines.append(f"ignored: {translated.ignored}")
    if translated.notice:
        lines.append(f"also: {reasons.of_notice(translated.notice)}")
    if found.query:
        lines.append(f"{found.query}; the calls depend on its response and cannot be shown here")
    if found.dead_letter:
        lines.append(f"a dead letter: {found.dead_letter}")
    return lines


def _print_results(found: Explanation) -> None:
    columns = (
        Column(title="Change", rank=2),
        Column(title="Entity", whole=True, rank=1),
        Column(title="Destination"),
        Column(title="Calls", prose=True),
        Column(title="Why", prose=True),
    )
    rows = [
        (
            type(change).__name__,
            change.entity,
            one.destination,
            ", ".join(call.label for call in one.plan.calls) or "-",
            _why(one),
        )
        for change, results in found.results
        for one in results
    ]
    print_table(columns, rows)


def _why(one: Result) -> str:
    if one.dead_letter:
        return f"a dead letter: {one.dead_letter}"
    if nothing := _no_calls(one):
        return f"nothing is sent: {nothing}"
    parts = [reasons.of_event(one.event)]
    parts += ["the first call requests the visitor's ids"] if one.identifies else []
    parts += [f"omitted: {reasons.meaning(count)}" for count in one.plan.counts]
    return "; ".join([*parts, *(f"alarm {alarm}" for alarm in one.plan.alarms)])


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

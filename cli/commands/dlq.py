"""``shoprelay dlq``: list dead letters, show one, replay them, drop them."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import typer
from botocore.exceptions import ClientError
from msgspec.structs import asdict

from cli import output
from cli.commands.options import (
    FilterOptions,
    Json,
    Output,
    OutputFormat,
    Yes,
    dead_letter_filter,
    spread,
)
from cli.stack.resources import Location, dead_letters, journal
from cli.stack.target import announce
from cli.terminal import dead_letters as view
from cli.terminal.progress import ScanProgress, note, show_progress
from shared.errors import ShoprelayError
from shared.queue.dead_letter import DeadLetter, DeadLetterFilter
from shared.queue.dead_letters import DeadLetters
from shared.queue.envelope import Envelope
from shared.queue.replay import SLOWEST, Replay
from shared.queue.scan_report import ScanReport, ScanResult
from shared.state.journal import UNREAD

# Nobody reads a longer table; --json and --limit list more.
ROWS = 100

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="Ids or their beginnings; all that match if none."),
]

app = typer.Typer(
    help="Dead letters: webhooks that could not be delivered.",
    epilog="Example: shoprelay dlq replay --merchant acme --destination datacue --after 12h --yes",
    no_args_is_help=True,
)


@app.callback()
@spread
def dlq(ctx: typer.Context, location: Location) -> None:
    """Manage dead letters: webhooks that could not be delivered. SQS keeps them for 14 days."""
    ctx.obj = location


@app.command("list", epilog="Example: shoprelay dlq list --merchant acme --topic orders/paid")
@spread
def show_list(
    filters: FilterOptions,
    location: Location,
    *,
    output_format: Output = OutputFormat.TABLE,
    json_out: Json = False,
) -> None:
    """List dead letters and their reasons."""
    now = time.time()
    dead, selected = dead_letters(location), dead_letter_filter(filters, now)
    rows = list[dict[str, Any]]()
    json_out = json_out or output_format is OutputFormat.JSON
    programs = json_out or output_format is OutputFormat.NAME
    most = math.inf if programs else (filters.limit or ROWS)
    with show_progress(dead) as progress:

        def watch(dead_letter: DeadLetter, result: ScanResult) -> None:
            progress(dead_letter, result)
            if result is ScanResult.MATCHED and len(rows) < most:
                rows.append(view.row(dead_letter, dead.open(dead_letter)))

        report = dead.find(selected, watch)
    if json_out:
        _print_json({"letters": rows, **_numbers(report)})
    elif output_format is OutputFormat.NAME:
        for one in rows:
            output.echo(view.identifier(one))
    else:
        _print_list(rows, progress, report, now, wide=output_format is OutputFormat.WIDE)
    _end(report)


@app.command("show", epilog="Example: shoprelay dlq show b54557e4-bdd9-4b37-8a5f --merchant acme")
@spread
def show_one(
    name: Annotated[
        str,
        typer.Argument(metavar="ID", help="Id of the webhook or the message, or its beginning."),
    ],
    location: Location,
    *,
    body: Annotated[
        bool, typer.Option("--body", help="Show the body too. It may hold personal data.")
    ] = False,
    json_out: Json = False,
) -> None:
    """Show a dead-lettered webhook: its facts, every attempt, and its result per destination."""
    dead, found, now = dead_letters(location), list[DeadLetter](), time.time()
    with show_progress(dead) as progress:

        def watch(dead_letter: DeadLetter, result: ScanResult) -> None:
            progress(dead_letter, result)
            if result is ScanResult.MATCHED:
                found.append(dead_letter)

        report = dead.find(dead_letter_filter(FilterOptions(), now, (name,)), watch)
    journaled = [_verdicts(location, dead.open(one)) for one in found]
    if json_out:
        pairs = zip(found, journaled, strict=True)
        _print_json([_described(dead, one, body=body) | {"journal": what} for one, what in pairs])
    else:
        for one, verdicts in zip(found, journaled, strict=True):
            _print_dead_letter(dead, one, body=body)
            _print_verdicts(verdicts)
    _end(report)
    if not found:
        note(f"There is no dead letter with the id {name}. `shoprelay dlq list` lists them.")
        raise typer.Exit(1)


@app.command("replay", epilog="Example: shoprelay dlq replay --merchant acme --after 12h --yes")
@spread
def replay(  # noqa: PLR0913 - one parameter per option of the command
    ids: Ids = None,
    *,
    filters: FilterOptions,
    location: Location,
    yes: Yes = False,
    rate: Annotated[
        float | None, typer.Option(min=SLOWEST, metavar="N", help="At most N per second.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also send what the destination seems to have already.")
    ] = False,
    json_out: Json = False,
) -> None:
    """Replay dead letters: deliver them with the deployed code. A dry run without --yes."""
    dead, selected = _chosen(filters, location, ids, announced=yes)
    with show_progress(dead) as progress:
        report = dead.replay(selected, Replay(dry=not yes, force=force, rate=rate), progress)
    _report("replayed", report, progress, dry=not yes, json_out=json_out)


@app.command("drop", epilog="Example: shoprelay dlq drop --merchant acme --before 10d --yes")
@spread
def drop(
    ids: Ids = None,
    *,
    filters: FilterOptions,
    location: Location,
    yes: Yes = False,
    json_out: Json = False,
) -> None:
    """Delete dead letters for good. A dry run without --yes."""
    dead, selected = _chosen(filters, location, ids, announced=yes)
    with show_progress(dead) as progress:
        report = dead.drop(selected, dry=not yes, watch=progress)
    _report("dropped", report, progress, dry=not yes, json_out=json_out)


def _chosen(
    filters: FilterOptions, location: Location, ids: list[str] | None, *, announced: bool
) -> tuple[DeadLetters, DeadLetterFilter]:
    """Return the dead letters and which of them to act on; ``announced``: print where."""
    if announced:
        announce(location)
    return dead_letters(location), dead_letter_filter(filters, time.time(), tuple(ids or ()))


def _report(
    verb: str, report: ScanReport, progress: ScanProgress, *, dry: bool, json_out: bool
) -> None:
    if json_out:
        numbers = _numbers(report)
        numbers[verb] = numbers.pop("done")
        _print_json(numbers | {"dry_run": dry, "reasons": dict(progress.reasons)})
    else:
        count = report.matched - report.unreadable if dry else report.done
        would = "would be" if dry else "were"
        text = f"{count} of {report.seen} dead letters {would} {verb}."
        output.echo(text + (" This was a dry run: add --yes to apply it." if dry else ""))
        if progress.reasons:
            view.print_summary(progress.reasons)
    _end(report)
    if report.unreadable and not dry:
        raise typer.Exit(1)


def _end(report: ScanReport) -> None:
    """Print the remarks. Exit after a failure: with 1 when something was done, else with 2."""
    for remark in view.remarks(report):
        note(remark)
    if report.error:
        note(f"Stopped: {report.error}. Nothing is lost: run the command again.")
        raise typer.Exit(1 if report.done else 2)


def _print_list(
    rows: list[dict[str, Any]],
    progress: ScanProgress,
    report: ScanReport,
    now: float,
    *,
    wide: bool,
) -> None:
    if not rows:
        output.echo("No dead letters." if not report.seen else "No dead letter matches.")
        return
    view.print_list(rows, now, wide=wide)
    output.echo()
    if report.matched > len(rows):
        output.echo(f"{len(rows)} of {report.matched} are listed; --limit N lists more.")
    view.print_summary(progress.reasons)


def _print_dead_letter(dead: DeadLetters, dead_letter: DeadLetter, *, body: bool) -> None:
    envelope = dead.open(dead_letter)
    view.print_facts(dead_letter, envelope)
    if envelope is not None:
        output.echo()
        view.print_trail(envelope)
    if body:
        output.echo()
        output.echo_json(_body(dead_letter, envelope))


def _verdicts(location: Location, envelope: Envelope | None) -> Mapping[str, str]:
    """Return the journal's verdict at each destination; empty where there is no entry."""
    if envelope is None:
        return {}
    entity = envelope.entity or UNREAD + envelope.topic
    try:
        entries = journal(location).of(entity)
        return next((one.verdicts for one in entries if one.id == envelope.id), {})
    except (ShoprelayError, ClientError):
        # The command is about the dead letter, which was found.
        return {}


def _print_verdicts(verdicts: Mapping[str, str]) -> None:
    if verdicts:
        output.echo()
        view.print_journal(verdicts)


def _described(dead: DeadLetters, dead_letter: DeadLetter, *, body: bool) -> dict[str, Any]:
    envelope = dead.open(dead_letter)
    known = view.described(dead_letter, envelope)
    return known | {"body": _body(dead_letter, envelope)} if body else known


def _body(dead_letter: DeadLetter, envelope: Envelope | None) -> str:
    return dead_letter.body if envelope is None else envelope.body.decode(errors="replace")


def _numbers(report: ScanReport) -> dict[str, Any]:
    return asdict(report) | {"left": report.left}


def _print_json(value: Any) -> None:
    output.echo_json(msgspec.json.encode(value))

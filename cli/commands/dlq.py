"""``shoprelay dlq``: list the dead letters, show one, send them back, drop them."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import typer
from botocore.exceptions import ClientError
from msgspec.structs import asdict
from rich.console import Console

from cli.commands.options import Filters, choice_of, spread
from cli.stack.resources import Reach, dead_letters, journal
from cli.terminal import dead_letters as view
from cli.terminal.progress import Seen, say, watching
from shared.errors import ShoprelayError
from shared.queue.dead_letter import DeadLetter, DeadLetterFilter
from shared.queue.dead_letters import DeadLetters
from shared.queue.envelope import Envelope
from shared.queue.replay import SLOWEST, Replay
from shared.queue.scan_report import ScanReport, ScanResult
from shared.state.journal import UNREAD

# A table of more is read by nobody; --json and --limit give more.
ROWS = 100

app = typer.Typer(
    help="Dead letters: webhooks that could not be delivered.",
    epilog="Example: shoprelay dlq replay --merchant acme --destination datacue --after 12h --yes",
    no_args_is_help=True,
)
Yes = Annotated[bool, typer.Option("--yes/--dry-run", help="Act, or only look.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
@spread
def dlq(ctx: typer.Context, reach: Reach) -> None:
    """Dead letters: webhooks that could not be delivered. They are kept for 14 days."""
    ctx.obj = reach


@app.command("list", epilog="Example: shoprelay dlq list --merchant acme --topic orders/paid")
@spread
def show_list(filters: Filters, reach: Reach, *, json_out: Json = False) -> None:
    """List dead letters, and what they died of."""
    now = time.time()
    dead, choice, rows = dead_letters(reach), choice_of(filters, now), list[dict[str, Any]]()
    most = math.inf if json_out else (filters.limit or ROWS)
    with watching(dead) as seen:

        def watch(letter: DeadLetter, fate: ScanResult) -> None:
            seen(letter, fate)
            if fate is ScanResult.MATCHED and len(rows) < most:
                rows.append(view.row(letter, dead.open(letter)))

        tally = dead.find(choice, watch)
    if json_out:
        _print_json({"letters": rows, **_numbers(tally)})
    else:
        _print_list(rows, seen, tally, now)
    _end(tally)


@app.command("show", epilog="Example: shoprelay dlq show b54557e4-bdd9-4b37-8a5f --merchant acme")
@spread
def show_one(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of the webhook or of the message.")],
    reach: Reach,
    *,
    body: Annotated[bool, typer.Option("--body", help="The body too: it may name people.")] = False,
    json_out: Json = False,
) -> None:
    """Show all that is known of a webhook that died: at each destination, and every try."""
    dead, found = dead_letters(reach), list[DeadLetter]()
    with watching(dead) as seen:

        def watch(letter: DeadLetter, fate: ScanResult) -> None:
            seen(letter, fate)
            if fate is ScanResult.MATCHED:
                found.append(letter)

        tally = dead.find(DeadLetterFilter(id=name), watch)
    noted = [_noted(reach, dead.open(letter)) for letter in found]
    if json_out:
        told = zip(found, noted, strict=True)
        _print_json([_described(dead, one, body=body) | {"journal": what} for one, what in told])
    else:
        for letter, verdicts in zip(found, noted, strict=True):
            _print_letter(dead, letter, body=body)
            _print_noted(verdicts)
    _end(tally)
    if not found:
        say(f"No dead letter has the id {name}.")
        raise typer.Exit(1)


@app.command("replay", epilog="Example: shoprelay dlq replay --merchant acme --after 12h --yes")
@spread
def replay(  # noqa: PLR0913 - one parameter per option of the command
    filters: Filters,
    reach: Reach,
    *,
    yes: Yes = False,
    rate: Annotated[
        float | None, typer.Option(min=SLOWEST, metavar="N", help="At most N per second.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also what the destination seems to have already.")
    ] = False,
    json_out: Json = False,
) -> None:
    """Send dead letters back, to be delivered with today's code. A dry run without --yes."""
    dead, choice = dead_letters(reach), choice_of(filters, time.time())
    with watching(dead) as seen:
        tally = dead.replay(choice, Replay(dry=not yes, force=force, rate=rate), seen)
    _report("replayed", tally, seen, dry=not yes, json_out=json_out)


@app.command("drop", epilog="Example: shoprelay dlq drop --merchant acme --before 10d --yes")
@spread
def drop(filters: Filters, reach: Reach, *, yes: Yes = False, json_out: Json = False) -> None:
    """Delete dead letters for good. A dry run without --yes."""
    dead, choice = dead_letters(reach), choice_of(filters, time.time())
    with watching(dead) as seen:
        tally = dead.drop(choice, dry=not yes, watch=seen)
    _report("dropped", tally, seen, dry=not yes, json_out=json_out)


def _report(verb: str, tally: ScanReport, seen: Seen, *, dry: bool, json_out: bool) -> None:
    if json_out:
        numbers = _numbers(tally)
        numbers[verb] = numbers.pop("done")
        _print_json(numbers | {"dry_run": dry, "reasons": dict(seen.reasons)})
    else:
        count = tally.matched - tally.unreadable if dry else tally.done
        would = "would be" if dry else "were"
        text = f"{count} of {tally.seen} dead letters {would} {verb}"
        typer.echo(text + (": a dry run, --yes acts." if dry else "."))
        if seen.reasons:
            Console().print(view.summary(seen.reasons))
    _end(tally)
    if tally.unreadable and not dry:
        raise typer.Exit(1)


def _end(tally: ScanReport) -> None:
    """Say what else must be known; what failed is exit code 2, or 1 when something was done."""
    for remark in view.remarks(tally):
        say(remark)
    if tally.error:
        say(f"Stopped: {tally.error}. Nothing is lost.")
        raise typer.Exit(1 if tally.done else 2)


def _print_list(rows: list[dict[str, Any]], seen: Seen, tally: ScanReport, now: float) -> None:
    if not rows:
        typer.echo("No dead letters." if not tally.seen else "No dead letter fits.")
        return
    console = Console()
    console.print(view.listing(rows, now))
    typer.echo()
    if tally.matched > len(rows):
        typer.echo(f"{len(rows)} of {tally.matched} are listed; --limit N lists more.")
    console.print(view.summary(seen.reasons))


def _print_letter(dead: DeadLetters, letter: DeadLetter, *, body: bool) -> None:
    console, envelope = Console(), dead.open(letter)
    console.print(view.facts(letter, envelope))
    if envelope is not None:
        typer.echo()
        console.print(view.trail(envelope))
    if body:
        typer.echo()
        typer.echo(_body(letter, envelope))


def _noted(reach: Reach, envelope: Envelope | None) -> Mapping[str, str]:
    """Give what the journal knows of the webhook at every destination; nothing without one."""
    if envelope is None:
        return {}
    entity = envelope.entity or UNREAD + envelope.topic
    try:
        entries = journal(reach).of(entity)
        return next((one.verdicts for one in entries if one.id == envelope.id), {})
    except (ShoprelayError, ClientError):
        # The letter is what was asked for, and is there.
        return {}


def _print_noted(verdicts: Mapping[str, str]) -> None:
    if verdicts:
        typer.echo()
        Console().print(view.journal(verdicts))


def _described(dead: DeadLetters, letter: DeadLetter, *, body: bool) -> dict[str, Any]:
    envelope = dead.open(letter)
    known = view.described(letter, envelope)
    return known | {"body": _body(letter, envelope)} if body else known


def _body(letter: DeadLetter, envelope: Envelope | None) -> str:
    return letter.body if envelope is None else envelope.body.decode(errors="replace")


def _numbers(tally: ScanReport) -> dict[str, Any]:
    return asdict(tally) | {"left": tally.left}


def _print_json(value: Any) -> None:
    typer.echo(msgspec.json.encode(value).decode())

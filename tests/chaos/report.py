"""What a run tried and found: as a table for the terminal, and as a page for docs/proof."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from tests.chaos.run import Outcome

ROOT = Path(__file__).parents[2]
Line = tuple[str, str]


def lines(outcome: Outcome) -> Iterator[Line]:
    """Give every figure with its name."""
    finding, sender, trouble = outcome.finding, outcome.sender, outcome.trouble
    yield "seed", str(outcome.wish.seed)
    yield "seconds of trouble, and in all", f"{outcome.wish.seconds:.0f}, {outcome.took:.0f}"
    for name, count in sorted(trouble.made.items()):
        yield name, str(count)
    yield "dead letters replayed", str(trouble.replayed)
    for reason, count in trouble.reasons.most_common():
        yield f"dead letters of: {reason}", str(count)
    yield "things of the shop, and their versions", _things(outcome)
    yield "webhooks, and posts", f"{len(outcome.said.webhooks)}, {sender.codes.total()}"
    for code, count in sorted(sender.codes.items()):
        yield f"answered: {code}", str(count)
    yield "slowest answer", f"{sender.slowest:.2f} s"
    for fate, count in sorted(finding.fates.items()):
        yield f"became: {fate}", str(count)
    yield "all queues drained", "yes" if outcome.drained else "NO"
    yield "the stack ended in good order", "yes" if outcome.clean_end else "NO"
    yield "never answered 2xx", str(len(finding.untaken))
    yield "wrong at the platform", str(len(finding.wrong))
    yield "lost", str(len(finding.lost))


def _things(outcome: Outcome) -> str:
    states = outcome.said.states
    return f"{len(states)}, {sum(map(len, states.values()))}"


def table(outcome: Outcome) -> Table:
    """Draw the figures."""
    drawn = Table("tried and found", "", box=None, header_style="bold", pad_edge=False)
    for name, figure in lines(outcome):
        drawn.add_row(name, figure)
    return drawn


def faults(outcome: Outcome) -> Iterator[str]:
    """Name everything that broke a promise."""
    finding = outcome.finding
    yield from (f"lost: {one}" for one in finding.lost)
    yield from (f"wrong: {one}" for one in finding.wrong)
    yield from (f"never answered 2xx: {one}" for one in finding.untaken)


def page(outcome: Outcome) -> str:
    """Write the summary of a run."""
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    rows = "\n".join(f"| {name} | {figure} |" for name, figure in lines(outcome))
    verdict = "Nothing was lost." if outcome.good else "**A promise was broken.**"
    return f"""# The last run of `make chaos`

{day}, commit {_commit()}, {os.cpu_count()} cores. {verdict}

The stack and the sandbox ran as processes of their own and were killed with SIGKILL while a shop
spoke to them, its webhooks shuffled, doubled, four at once. Then everything was mended, the dead
letters were replayed and the queues drained, and what the four platforms held was compared with the
newest version of every thing of the shop. Again, with the same shop and the same troubles, though
processes race as they like: `{_command(outcome)}`.

| tried and found | |
|---|---|
{rows}
"""


def _command(outcome: Outcome) -> str:
    return f"make chaos SECONDS={outcome.wish.seconds:.0f} SEED={outcome.wish.seed}"


def _commit() -> str:
    try:
        asked = subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever git there is
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return asked.stdout.strip()

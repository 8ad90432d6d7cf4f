"""The results of a run: a table for the terminal, and a page for docs/proof."""

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
    """Yield the name and the value of every figure."""
    finding, sender, injector = outcome.finding, outcome.sender, outcome.injector
    yield "seed", str(outcome.options.seed)
    yield (
        "seconds of faults, and in total",
        f"{outcome.options.seconds:.0f}, {outcome.duration:.0f}",
    )
    for name, count in sorted(injector.injected.items()):
        yield name, str(count)
    yield "dead letters replayed", str(injector.replayed)
    for reason, count in injector.reasons.most_common():
        yield f"dead letters: {reason}", str(count)
    yield "objects of the shop, and their versions", _objects(outcome)
    yield "webhooks, and requests", f"{len(outcome.history.webhooks)}, {sender.codes.total()}"
    for code, count in sorted(sender.codes.items()):
        yield f"response: {code}", str(count)
    yield "slowest response", f"{sender.slowest:.2f} s"
    for fate, count in sorted(finding.fates.items()):
        yield f"fate: {fate}", str(count)
    yield "all queues drained", "yes" if outcome.drained else "NO"
    yield "the stack stopped cleanly", "yes" if outcome.stopped_cleanly else "NO"
    yield "never acknowledged with 2xx", str(len(finding.unacknowledged))
    yield "wrong at a platform", str(len(finding.wrong))
    yield "lost", str(len(finding.lost))


def _objects(outcome: Outcome) -> str:
    states = outcome.history.states
    return f"{len(states)}, {sum(map(len, states.values()))}"


def table(outcome: Outcome) -> Table:
    """Return the figures as a table."""
    drawn = Table("figure", "value", box=None, header_style="bold", pad_edge=False)
    for name, figure in lines(outcome):
        drawn.add_row(name, figure)
    return drawn


def faults(outcome: Outcome) -> Iterator[str]:
    """Yield every lost, wrong or unacknowledged webhook."""
    finding = outcome.finding
    yield from (f"lost: {one}" for one in finding.lost)
    yield from (f"wrong: {one}" for one in finding.wrong)
    yield from (f"never acknowledged with 2xx: {one}" for one in finding.unacknowledged)


def page(outcome: Outcome) -> str:
    """Return the summary of a run as a page."""
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    rows = "\n".join(f"| {name} | {figure} |" for name, figure in lines(outcome))
    verdict = "Nothing was lost." if outcome.good else "**The run failed.**"
    return f"""# The last run of `make chaos`

{day}, commit {_commit()}, {os.cpu_count()} cores. {verdict}

The stack and the sandbox ran as separate processes and were killed with SIGKILL while a simulated
shop sent webhooks: shuffled, duplicated, four at a time. Then the faults were removed, the dead
letters replayed and the queues drained, and the states of the four platforms were compared with the
newest version of every object of the shop. Run it again with the same shop and the same faults
(only the timing differs): `{_command(outcome)}`.

| figure | value |
|---|---|
{rows}
"""


def _command(outcome: Outcome) -> str:
    return f"make chaos SECONDS={outcome.options.seconds:.0f} SEED={outcome.options.seed}"


def _commit() -> str:
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607 - git from the PATH
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()

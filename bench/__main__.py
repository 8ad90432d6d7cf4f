"""
Measures everything, shows it, and writes it down.

    python -m bench [--quick]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import cold, mapping, report, stack
from bench.measure import Effort, Figure, medians
from bench.processes import loopback, told

DOOR_GOAL = 1.3
MEMORY_GOAL = 128.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much is measured; ``seconds`` at the local stack, each time."""

    mapping: Effort
    door: Effort
    events: int
    starts: int
    seconds: float


WHOLE = Amount(
    mapping=Effort(rounds=31, calls=256),
    door=Effort(rounds=31, calls=48),
    events=1000,
    starts=15,
    seconds=10.0,
)
QUICK = Amount(
    mapping=Effort(rounds=1, calls=2),
    door=Effort(rounds=1, calls=2),
    events=10,
    starts=1,
    seconds=0.3,
)


def figures(amount: Amount, *, processes: bool = True) -> Iterator[Figure]:
    """
    Measure row by row. ``processes`` measures the built artefact and the local stack as well, which
    take seconds to start.
    """
    yield from mapping.figures(amount.mapping)
    with (
        loopback() as environment,
        tempfile.TemporaryDirectory(prefix="shoprelay-bench-") as folder,
    ):
        yield from _door(amount, environment)
        if processes:
            yield from cold.figures(amount.starts, amount.events, environment, Path(folder))
    if processes:
        yield from stack.figures(amount.seconds)


def _door(amount: Amount, environment: Mapping[str, str]) -> Iterator[Figure]:
    effort = amount.door
    measured = told(environment, "bench.door", "rounds", str(effort.rounds), str(effort.calls))
    for name, found in measured.items():
        rounds = tuple((one[0], one[1]) for one in found)
        ours, floor = medians(rounds)
        yield Figure(
            part="b",
            name=name,
            unit="µs",
            ours=ours,
            floor=floor,
            goal=DOOR_GOAL,
            rounds=rounds,
        )
    yield Figure(
        part="e",
        name=f"peak memory, handler after {amount.events} webhooks",
        unit="MB",
        ours=told(environment, "bench.door", "memory", str(amount.events)),
        goal=MEMORY_GOAL,
    )


def main(arguments: list[str]) -> None:
    """Measure, show, and write the raw output and the table of the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="see that it works; write nothing")
    given = parser.parse_args(arguments)
    console = Console()
    rows = []
    with console.status("measuring") as status:
        for row in figures(QUICK if given.quick else WHOLE):
            rows.append(row)
            status.update(f"measuring: {len(rows)} figures, the last ({row.part}) {row.name}")
    console.print(report.table(rows))
    if given.quick:
        return
    found = report.document(rows, datetime.now(UTC).date())
    report.write(report.RAW, found)
    page = report.PAGE.read_text(encoding="utf-8")
    report.PAGE.write_text(report.placed(page, found, rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

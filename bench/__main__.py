"""
Measure everything, show it, and write it to docs/performance.md and bench/results/last.json.

    python -m bench [--quick]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import cold, mapping, report, stack
from bench.measure import Effort, Figure, compared
from bench.processes import loopback, run_json

RECEIVER_GOAL = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much is measured; ``seconds`` of each load on the local stack."""

    mapping: Effort
    receiver: Effort
    events: int
    starts: int
    seconds: float


FULL = Amount(
    mapping=Effort(rounds=31, calls=256),
    receiver=Effort(rounds=31, calls=48),
    events=1000,
    starts=15,
    seconds=10.0,
)
QUICK = Amount(
    mapping=Effort(rounds=1, calls=2),
    receiver=Effort(rounds=1, calls=2),
    events=10,
    starts=1,
    seconds=0.3,
)


def figures(amount: Amount, *, processes: bool = True) -> Iterator[Figure]:
    """
    Measure row by row. ``processes`` includes the built artefact and the local stack, which take
    seconds to start.
    """
    yield from mapping.figures(amount.mapping)
    with (
        loopback() as environment,
        tempfile.TemporaryDirectory(prefix="shoprelay-bench-") as folder,
    ):
        yield from _receiver(amount, environment)
        if processes:
            yield from cold.figures(amount.starts, amount.events, environment, Path(folder))
    if processes:
        yield from stack.figures(amount.seconds)


def _receiver(amount: Amount, environment: Mapping[str, str]) -> Iterator[Figure]:
    numbers = (str(amount.receiver.rounds), str(amount.receiver.calls))
    measured = run_json(environment, "bench.receiver", "rounds", *numbers)
    for name, rounds in measured.items():
        yield compared("b", name, "µs", rounds, goal=RECEIVER_GOAL)
    yield Figure(
        part="e",
        name=f"peak memory, handler after {amount.events} webhooks",
        unit="MB",
        ours=run_json(environment, "bench.receiver", "memory", str(amount.events)),
        goal=cold.MEMORY_GOAL,
    )


def main() -> None:
    """Measure, show, and write the raw output and the table of the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="check that it works; write nothing")
    quick = parser.parse_args().quick
    console = Console()
    rows = []
    with console.status("measuring") as status:
        for row in figures(QUICK if quick else FULL):
            rows.append(row)
            status.update(f"measuring: {len(rows)} figures, the last ({row.part}) {row.name}")
    console.print(report.table(rows))
    if not quick:
        report.write(report.document(rows, datetime.now(UTC).date()), rows)


if __name__ == "__main__":
    main()

"""
Mutation testing of shared/delivery, shared/state and shared/queue with their near tests: mutmut
changes one expression at a time, and a test must fail. Run by `make mutate`, in the environment of
mutmut, which has the project's packages too. Results stay in `mutants/`: a run continues the last.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from tests.mutation.results import Results, read

ROOT = Path(__file__).parents[2]
# The first run must have a name, and this function has few mutants. All are generated before it.
FIRST = "shared.queue.backoff.*"
CHUNK = 20


def mutate(
    *,
    seconds: Annotated[int, typer.Option(min=1, help="No mutant is started after it.")] = 3600,
    seed: Annotated[int, typer.Option(help="The order of the mutants.")] = 1,
    sample: Annotated[int, typer.Option(min=1, help="How many mutants of that order.")] = 300,
) -> None:
    """Run mutants in an order drawn by a seed, and print those that survived."""
    end = time.monotonic() + seconds
    if not read(ROOT / "mutants"):
        run_mutmut([FIRST], seconds)
    names = sorted(read(ROOT / "mutants"))
    random.Random(seed).shuffle(names)
    chosen = names[:sample]
    waiting = [name for name in chosen if read(ROOT / "mutants")[name] is None]
    while waiting and (left := end - time.monotonic()) > 0:
        run_mutmut(waiting[:CHUNK], left)
        waiting = waiting[CHUNK:]
    results = Results({name: read(ROOT / "mutants")[name] for name in chosen})
    for line in results.lines(all_mutants=len(names)):
        typer.echo(line)


def run_mutmut(names: list[str], seconds: float) -> None:
    """Run mutants; those that have no result when the time is over are left for the next run."""
    try:
        subprocess.run(
            [Path(sys.executable).parent / "mutmut", "run", "--max-children", "1", *names],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return


if __name__ == "__main__":
    typer.run(mutate)

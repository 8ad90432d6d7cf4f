"""``make fuzz``: a hundred thousand inputs in two processes, reproducible with a seed."""

from __future__ import annotations

import json
import random
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.fuzz.chunks import chunk, chunks
from tests.fuzz.runner import Counterexample, Tally
from tests.fuzz.shrink import shrink
from tests.fuzz.summary import Run, format_summary

INPUTS = 100_000
FOUND = Path(".shoprelay") / "fuzz"


def main(
    seed: Annotated[
        int | None, typer.Option(help="The seed of an earlier run, to repeat it.")
    ] = None,
    inputs: Annotated[int, typer.Option(min=1, help="The number of inputs.")] = INPUTS,
    first: Annotated[int, typer.Option(min=0, help="The number of the first input.")] = 0,
    summary: Annotated[Path | None, typer.Option(help="Write the results to this file.")] = None,
) -> None:
    """Fuzz the receiver. Exit with 1 when an input got a 5xx, raised an exception or leaked."""
    chosen = random.SystemRandom().randrange(2**32) if seed is None else seed
    console = Console(stderr=True)
    console.print(f"seed {chosen}: repeat this run with make fuzz SEED={chosen} INPUTS={inputs}")
    done, memory = _run(chosen, range(first, first + inputs), console)
    run = Run(seed=chosen, tally=done, memory=memory)
    print(format_summary(run))  # noqa: T201 - the output of the command
    if summary is not None:
        summary.parent.mkdir(parents=True, exist_ok=True)
        summary.write_text(format_summary(run), encoding="utf-8")
    for found in done.found[:20]:
        problems = ", ".join(found.problems)
        console.print(
            f"input {found.input.number}: {problems}: {_write_counterexample(chosen, found)}",
            highlight=False,
        )
    raise typer.Exit(1 if done.found else 0)


def _run(seed: int, numbers: range, console: Console) -> tuple[Tally, int]:
    tally, memory = Tally(), 0
    found = TextColumn("{task.description}")
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), found)
    with (
        Progress(*columns, console=console) as progress,
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool,
    ):
        task = progress.add_task("", total=len(numbers))
        for future in as_completed([pool.submit(chunk, seed, one) for one in chunks(numbers)]):
            done, peak, size = future.result()
            tally.add(done)
            memory = max(memory, peak)
            progress.update(task, advance=size, description=f"{len(tally.found)} found")
    return tally, memory


def _write_counterexample(seed: int, found: Counterexample) -> str:
    """Write a failing input to a file; return the file's path."""
    FOUND.mkdir(parents=True, exist_ok=True)
    path = FOUND / f"{seed}-{found.input.number}.json"
    about = {"seed": seed, "number": found.input.number, "kind": found.input.kind}
    mutation = {"request_mutation": found.input.request_mutation, "problems": found.problems}
    whole = about | mutation | shrink(seed, found)
    path.write_text(json.dumps(whole), encoding="utf-8")
    return str(path)


if __name__ == "__main__":
    typer.run(main)

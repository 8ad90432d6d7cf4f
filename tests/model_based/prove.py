"""
Run a million steps of the machine, in as many processes as there are cores. Every batch has a seed
of its own; `--seed N --batches 1 --shrink` replays it and prints the shortest program that shows
its counterexample. One counterexample ends the run with exit code 1. It is printed as it was found:
to shrink it can take longer than to find it.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console
from rich.progress import Progress

from tests.model_based.draws import steady
from tests.model_based.four import FourMachine
from tests.model_based.machine import STEPS, Machine
from tests.model_based.summary import committed, cores, write
from tests.model_based.woo import WooMachine

STEPS_AT_A_TIME = 50
EXAMPLES = 100
# Whose webhooks: those of a test shop with every kind of change, sent to test platforms, or with
# `four` to the real ones by their real calls; or WooCommerce's own.
MACHINES = {"any": Machine, "woocommerce": WooMachine, "four": FourMachine}


@dataclass(slots=True)
class Batch:
    """The result of one batch; ``found`` is the counterexample, empty if there is none."""

    seed: int
    found: str = ""
    counts: Counter[str] = field(default_factory=Counter)


def batch(
    number: int, *, shrink: bool = False, shop: str = "any", examples: int = EXAMPLES
) -> Batch:
    """Run the examples of one seed. How many there are is part of what the seed draws."""
    STEPS.clear()
    machine: Any = seed(number)(type("Machine", (MACHINES[shop],), {}))
    options = settings(
        max_examples=examples,
        stateful_step_count=STEPS_AT_A_TIME,
        deadline=None,
        database=None,
        print_blob=False,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    found = ""
    try:
        with steady():
            run_state_machine_as_test(machine, settings=options)
    except Exception as error:  # noqa: BLE001 - any exception is a counterexample
        notes = "\n".join(getattr(error, "__notes__", ()))
        found = f"{type(error).__name__}: {error}\n{notes}"
    return Batch(seed=number, found=found, counts=Counter(STEPS))


def prove(  # noqa: PLR0913 - the options of a command
    *,
    steps: Annotated[int, typer.Option(min=1, help="The least number of steps.")] = 1_000_000,
    seed: Annotated[
        int, typer.Option(help="The first batch's seed; each next batch has the next.")
    ] = 1,
    batches: Annotated[int, typer.Option(min=0, help="How many batches; 0 is by steps.")] = 0,
    shrink: Annotated[bool, typer.Option("--shrink", help="Find the shortest program.")] = False,
    shop: Annotated[str, typer.Option(help=f"Whose webhooks: {', '.join(MACHINES)}.")] = "any",
    examples: Annotated[int, typer.Option(min=1, help="Examples of each batch.")] = EXAMPLES,
    summary: Annotated[Path | None, typer.Option(help="Where to write the results.")] = None,
) -> None:
    """Search for a counterexample with the machine."""
    console = Console(stderr=True)
    started, code, last = time.monotonic(), committed(), seed
    total, bad = Counter[str](), list[Batch]()
    console.print(f"seeds from {seed}, {examples} examples each")
    with (
        ProcessPoolExecutor(cores(), max_tasks_per_child=8) as pool,
        Progress(console=console) as bar,
    ):
        task, seeds = bar.add_task("Proving", total=steps), itertools.count(seed)
        running = {
            pool.submit(batch, next(seeds), shrink=shrink, shop=shop, examples=examples)
            for _ in range(batches or 2 * cores())
        }
        while running:
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for one in (future.result() for future in ended):
                last = max(last, one.seed)
                total.update(one.counts)
                bar.update(task, completed=total["steps"])
                if not console.is_terminal:
                    console.print(f"seed {one.seed}: {total['steps']:,} steps so far")
                if one.found:
                    bad.append(one)
                    console.print(f"seed {one.seed}: {one.found}", markup=False)
                if not batches and not bad and total["steps"] < steps:
                    running.add(
                        pool.submit(batch, next(seeds), shrink=shrink, shop=shop, examples=examples)
                    )
    facts = {
        "Steps of the machine": total.pop("steps"),
        "Examples, each drained, checked and repeated": total.pop("examples"),
        "Port calls, before each of which other processes may run": total.pop("port calls"),
        "Counterexamples": len(bad),
        "Seeds": f"{seed} to {last}",
        "Minutes": round((time.monotonic() - started) / 60),
        **{name: total[name] for name in sorted(total)},
    }
    for name, value in facts.items():
        console.print(f"{name}: {value}")
    if summary is not None:
        write(
            summary,
            f"python -m tests.model_based.prove --shop {shop} --steps {steps} --seed {seed}",
            facts | code,
        )
    raise typer.Exit(1 if bad else 0)


if __name__ == "__main__":
    typer.run(prove)

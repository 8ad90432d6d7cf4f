"""What a scan of the dead letters is seen to do while it goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TimeElapsedColumn

from shared.queue.dead_letter import DeadLetter
from shared.queue.dead_letters import DeadLetters
from shared.queue.scan_report import ScanResult


@dataclass(slots=True)
class Seen:
    """What a scan was seen to do; it is known also when Ctrl-C ends the scan."""

    progress: Progress
    task: TaskID
    fates: Counter[ScanResult] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def __call__(self, letter: DeadLetter, fate: ScanResult) -> None:
        """Note what became of a letter."""
        self.progress.advance(self.task)
        self.fates[fate] += 1
        if fate not in {ScanResult.PASSED, ScanResult.RETURNED}:
            self.reasons[letter.reason] += 1


@contextmanager
def watching(dead: DeadLetters) -> Iterator[Seen]:
    """Show how far a scan is; say what was done when Ctrl-C ends it."""
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    seen = Seen(progress, progress.add_task("", total=dead.count()))
    try:
        with progress:
            yield seen
    except KeyboardInterrupt:
        say(f"Stopped after {seen.fates[ScanResult.DONE]}; nothing is lost, the rest is released.")
        raise typer.Exit(1) from None


def say(text: str) -> None:
    """Tell the operator something that is no result: on standard error."""
    typer.echo(text, err=True)

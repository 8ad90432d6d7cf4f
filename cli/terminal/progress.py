"""The progress of a scan of the dead letters, and notes to the operator on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TimeElapsedColumn

from cli import output
from shared.queue.dead_letter import DeadLetter
from shared.queue.dead_letters import DeadLetters
from shared.queue.scan_report import ScanResult


@dataclass(slots=True)
class ScanProgress:
    """Counts what a scan has done so far, also when Ctrl-C ends it."""

    progress: Progress
    task: TaskID
    results: Counter[ScanResult] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def __call__(self, dead_letter: DeadLetter, result: ScanResult) -> None:
        """Count the result for one dead letter."""
        self.progress.advance(self.task)
        self.results[result] += 1
        if result not in {ScanResult.PASSED, ScanResult.RETURNED}:
            self.reasons[dead_letter.reason] += 1


@contextmanager
def show_progress(dead: DeadLetters) -> Iterator[ScanProgress]:
    """Show how far a scan is. When Ctrl-C ends it, print what was done and exit with 1."""
    console = output.console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    seen = ScanProgress(progress, progress.add_task("", total=dead.count()))
    try:
        with progress:
            yield seen
    except KeyboardInterrupt:
        done = seen.results[ScanResult.DONE]
        note(f"Stopped after {done}. Nothing is lost, the others were released: run it again.")
        raise typer.Exit(1) from None


def note(text: str) -> None:
    """Print a remark that is not part of the result, on standard error."""
    output.echo(text, err=True)

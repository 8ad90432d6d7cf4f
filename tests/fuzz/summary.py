"""The results of a run, as the page in ``docs/proof``."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.fuzz.runner import Tally

# Only the most frequent of the dead letters' many reasons are shown.
SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run; ``memory`` is the peak of one process, in MiB."""

    seed: int
    tally: Tally
    memory: int


def format_summary(run: Run) -> str:
    """Return the page."""
    tally = run.tally
    inputs = sum(tally.kinds.values())
    facts = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _commit(),
        "seed": str(run.seed),
        "inputs": f"{inputs:,}",
        "inputs through the real handler, on moto": f"{tally.real:,}",
        "messages handled by the worker": f"{tally.handled:,}",
        "counterexamples": str(len(tally.found)),
        "slowest response, in memory": f"{tally.slowest * 1000:.0f} ms",
        "slowest response, real handler": f"{tally.slowest_real * 1000:.0f} ms",
        "peak memory of a process": f"{run.memory} MiB",
    }
    again = f"make fuzz SEED={run.seed} INPUTS={inputs}"
    return "\n".join(
        (
            "# Fuzzing the receiver",
            "",
            "Written by `make fuzz`. A counterexample is an input that gets a 5xx, raises an",
            "exception, becomes an internal error, or leaves a canary in a log, a metric, a",
            "response or a message's attributes.",
            f"Repeat this run with `{again}`.",
            "",
            *_table(("", ""), facts.items()),
            *_counted("mutation of the body", tally.kinds),
            *_counted("mutation of the request", tally.request_mutations),
            *_counted("response", tally.responses),
            *_counted("dead letter's reason (digits as n)", tally.dead_letter_reasons),
        )
    )


def _counted(name: str, counts: Counter[str]) -> list[str]:
    rows = [(one, f"{number:,}") for one, number in counts.most_common(SHOWN)]
    rest = sum(counts.values()) - sum(counts[one] for one, _ in rows)
    return _table((name, "inputs"), [*rows, ("others", f"{rest:,}")] if rest else rows)


def _table(head: tuple[str, str], rows: object) -> list[str]:
    cells = [(_cell(one), other) for one, other in rows]  # type: ignore[attr-defined]
    return [f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {a} | {b} |" for a, b in cells), ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    head = _git(git, "rev-parse", "--short", "HEAD")
    return head + (" and changes on top" if _git(git, "status", "--porcelain") else "")


def _git(git: str, *words: str) -> str:
    done = subprocess.run([git, *words], capture_output=True, text=True, check=False)
    return done.stdout.strip()

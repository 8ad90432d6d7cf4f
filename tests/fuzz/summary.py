"""What a run tried and found, as the page in ``docs/proof``."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.fuzz.runner import Tally

# Of the dead letters' many reasons the most frequent are shown.
SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run; ``memory`` is the peak of one process, in MiB."""

    seed: int
    tally: Tally
    memory: int


def format_summary(run: Run) -> str:
    """Write the page."""
    tally = run.tally
    inputs = sum(tally.kinds.values())
    facts = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _commit(),
        "seed": str(run.seed),
        "inputs": f"{inputs:,}",
        "of them through the real handler, on moto": f"{tally.real:,}",
        "messages that the worker took": f"{tally.worked:,}",
        "counterexamples": str(len(tally.found)),
        "slowest answer, in memory": f"{tally.slowest * 1000:.0f} ms",
        "slowest answer, real handler": f"{tally.slowest_real * 1000:.0f} ms",
        "peak memory of a process": f"{run.memory} MiB",
    }
    again = f"make fuzz SEED={run.seed} INPUTS={inputs}"
    return "\n".join(
        (
            "# The door, fuzzed",
            "",
            "Written by `make fuzz`. An input that is answered 5xx, that lets an exception out,",
            "that ends as an internal error, or that leaves a canary in a log, a metric, an answer",
            "or a message's attributes is a counterexample.",
            f"`{again}` runs this again.",
            "",
            *_table(("", ""), facts.items()),
            *_counted("bent in the body", tally.kinds),
            *_counted("bent around it", tally.bends),
            *_counted("answer", tally.responses),
            *_counted("dead letter's reason (digits as n)", tally.deaths),
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
    head = _told(git, "rev-parse", "--short", "HEAD")
    return head + (" and changes on top" if _told(git, "status", "--porcelain") else "")


def _told(git: str, *words: str) -> str:
    done = subprocess.run([git, *words], capture_output=True, text=True, check=False)
    return done.stdout.strip()

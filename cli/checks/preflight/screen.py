"""The findings as a table, or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.checks.finding import Check, Verdict

_STYLES = {Verdict.OK: "green", Verdict.WRONG: "bold red", Verdict.UNKNOWN: "yellow"}


def table(checks: Iterable[Check]) -> Table:
    """Give a row for each check."""
    shown = Table(box=None, pad_edge=False)
    for head in ("Check", "Verdict", "What was seen"):
        shown.add_column(head, overflow="fold")
    for one in checks:
        found = one.finding
        verdict = Text(found.verdict.value, style=_STYLES[found.verdict])
        shown.add_row(one.name, verdict, Text(found.told))
    return shown


def summary(checks: Iterable[Check]) -> str:
    """Count the verdicts."""
    counted = Counter(one.finding.verdict for one in checks)
    return ", ".join(f"{counted[verdict]} {verdict.value}" for verdict in Verdict)


def as_json(merchant: str, checks: Sequence[Check]) -> str:
    """Give everything as one JSON object."""
    rows = [
        {
            "name": one.name,
            "verdict": one.finding.verdict.value,
            "told": one.finding.told,
            "next": one.finding.next,
        }
        for one in checks
    ]
    return json.dumps({"merchant": merchant, "ready": ready(checks), "checks": rows}, indent=2)


def ready(checks: Iterable[Check]) -> bool:
    """Tell whether nothing is wrong; what could not be checked is no reason to wait."""
    return all(one.finding.verdict is not Verdict.WRONG for one in checks)


def show(checks: Sequence[Check]) -> None:
    """Print the table, what to type next in lines that can be copied whole, and the count."""
    console = Console(highlight=False)
    console.print(table(checks))
    following = [one for one in checks if one.finding.next]
    if following:
        console.print("\nWhat to type next:")
    for one in following:
        console.print(Text(f"  {one.name}: {one.finding.next}"), soft_wrap=True)
    console.print(f"\n{summary(checks)}")

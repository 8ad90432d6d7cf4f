"""The results of checks as a table, or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from rich.text import Text

from cli import output
from cli.checks.finding import Check, Verdict
from cli.terminal.table import Column, print_table

_STYLES = {Verdict.OK: "green", Verdict.WRONG: "bold red", Verdict.UNKNOWN: "yellow"}


def print_checks(checks: Iterable[Check]) -> None:
    """Print a table with a row for each check."""
    columns = (
        Column(title="Check", whole=True),
        Column(title="Verdict", whole=True),
        Column(title="Reason", prose=True),
    )
    print_table(columns, [(one.name, _verdict(one), Text(one.finding.detail)) for one in checks])


def _verdict(check: Check) -> Text:
    verdict = check.finding.verdict
    return Text(verdict.value, style=_STYLES[verdict])


def summary(checks: Iterable[Check]) -> str:
    """Return how many checks have each verdict."""
    counted = Counter(one.finding.verdict for one in checks)
    return ", ".join(f"{counted[verdict]} {verdict.value}" for verdict in Verdict)


def as_json(merchant: str, checks: Sequence[Check]) -> str:
    """Return everything as one JSON object."""
    rows = [
        {
            "name": one.name,
            "verdict": one.finding.verdict.value,
            "told": one.finding.detail,
            "next": one.finding.next,
        }
        for one in checks
    ]
    return json.dumps({"merchant": merchant, "ready": ready(checks), "checks": rows}, indent=2)


def ready(checks: Iterable[Check]) -> bool:
    """Return whether nothing is wrong. What could not be checked does not count."""
    return all(one.finding.verdict is not Verdict.WRONG for one in checks)


def show(checks: Sequence[Check]) -> None:
    """Print the table, what to do next in lines that can be copied whole, and the counts."""
    console = output.console(highlight=False)
    print_checks(checks)
    following = [one for one in checks if one.finding.next]
    if following:
        console.print("\nWhat to do next:")
    for one in following:
        console.print(Text(f"  {one.name}: {one.finding.next}"), soft_wrap=True)
    console.print(f"\n{summary(checks)}")

"""The subscriptions of a shop, compared with what they should be: as a table, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from cli import output
from cli.terminal.table import Column, print_table
from shared.subscriptions.apply import Outcome
from shared.subscriptions.plan import Action, Step

_LABELS = {
    Action.CREATE: ("create", "green"),
    Action.TRY: ("try", "green"),
    Action.MEND: ("update", "yellow"),
    Action.DELETE: ("delete", "red"),
    Action.KEEP: ("keep", ""),
    Action.WITHHELD: ("cannot", "bold red"),
    Action.FOREIGN: ("not ours", "dim"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopReport:
    """One shop of a merchant: the plan, its outcomes, and the differences that are ``left``."""

    source: str
    address: str
    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...] = ()
    left: tuple[Step, ...] = ()
    by_hand: str = ""

    @property
    def rejected(self) -> tuple[str, ...]:
        """What the shop rejected and a person must correct."""
        return tuple(one.refused for one in self.outcomes if one.refused)


def as_json(merchant: str, reports: Iterable[ShopReport], *, acted: bool) -> str:
    """Return everything as one JSON object."""
    document = {"merchant": merchant, "acted": acted, "shops": [_shop(one) for one in reports]}
    return json.dumps(document, indent=2)


def show(reports: Sequence[ShopReport], *, acted: bool, by_hand: bool) -> None:
    """Print a table for each shop, and what is left to do."""
    console = output.console(highlight=False)
    for report in reports:
        console.print(Text(f"{report.source} -> {report.address}"), soft_wrap=True)
        _print_steps(report)
        for line in _summary(report, acted=acted):
            console.print(Text(line), soft_wrap=True)
        if by_hand and report.by_hand:
            console.print(
                "\nNo API can create these subscriptions. Add them to the app and deploy it:\n"
            )
            console.print(Text(report.by_hand), soft_wrap=True)


def _shop(report: ShopReport) -> dict[str, Any]:
    return {
        "source": report.source,
        "address": report.address,
        "steps": [_row(one) for one in report.steps],
        "refused": list(report.rejected),
        "left": [{"action": one.action.value, "topic": one.topic} for one in report.left],
        "by_hand": report.by_hand,
    }


def _row(step: Step) -> dict[str, Any]:
    there = step.subscription
    return {
        "action": step.action.value,
        "topic": step.topic,
        "address": step.address,
        "why": step.why,
        "id": there.id if there else None,
        "state": there.state.value if there else None,
        "version": (there.version or None) if there else None,
    }


def _print_steps(report: ShopReport) -> None:
    columns = (
        Column(title="Topic", whole=True),
        Column(title="Plan", whole=True),
        Column(title="Why", prose=True),
    )
    rows = list[tuple[Text, ...]]()
    for step in report.steps:
        label, style = _LABELS[step.action]
        foreign = step.action is Action.FOREIGN
        why = f"{step.address} {step.why}".strip() if foreign else step.why
        rows.append((Text(step.topic, style="dim" * foreign), Text(label, style=style), Text(why)))
    print_table(columns, rows)


def _summary(report: ShopReport, *, acted: bool) -> Iterable[str]:
    yield from report.rejected
    if why := sorted({one.why for one in report.steps if one.action is Action.WITHHELD}):
        what = "add it in a new version of the app, update the app in the store, and connect again"
        yield f"{'; '.join(why)}: {what}."
    if acted and report.outcomes:
        counted = Counter(_LABELS[one.step.action][0] for one in report.outcomes if not one.refused)
        done = ", ".join(f"{number} {name}" for name, number in sorted(counted.items()))
        yield f"Done and read back: {done or 'nothing'}."
    if not report.left:
        yield "Everything is as it should be."
    elif acted:
        yield f"Still not as it should be: {', '.join(one.topic for one in report.left)}."
    else:
        many = "s" * (len(report.left) != 1)
        text = f"{len(report.left)} difference{many}. Nothing was changed"
        yield f"{text}: use --yes, or --heal of audit."

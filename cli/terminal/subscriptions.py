"""What is and what should be, of a shop's subscriptions: as a table, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.subscriptions.apply import Outcome
from shared.subscriptions.plan import Action, Step

_SAID = {
    Action.CREATE: ("create", "green"),
    Action.TRY: ("try", "green"),
    Action.MEND: ("mend", "yellow"),
    Action.DELETE: ("delete", "red"),
    Action.KEEP: ("keep", ""),
    Action.WITHHELD: ("cannot", "bold red"),
    Action.FOREIGN: ("not ours", "dim"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A shop of a merchant: the plan, what became of it, and the differences that are ``left``."""

    source: str
    address: str
    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...] = ()
    left: tuple[Step, ...] = ()
    by_hand: str = ""

    @property
    def refused(self) -> tuple[str, ...]:
        """What a person must mend."""
        return tuple(one.refused for one in self.outcomes if one.refused)


def as_json(merchant: str, parts: Iterable[Part], *, acted: bool) -> str:
    """Give everything as one JSON object."""
    told = {"merchant": merchant, "acted": acted, "shops": [_shop(part) for part in parts]}
    return json.dumps(told, indent=2)


def show(parts: Sequence[Part], *, acted: bool, by_hand: bool) -> None:
    """Print a table for each shop, and what is left to do."""
    console = Console(highlight=False)
    for part in parts:
        console.print(Text(f"{part.source} -> {part.address}"), soft_wrap=True)
        console.print(_table(part))
        for line in _summary(part, acted=acted):
            console.print(Text(line), soft_wrap=True)
        if by_hand and part.by_hand:
            console.print(
                "\nNo API can subscribe to these. Put them into the app, and deploy it:\n"
            )
            console.print(Text(part.by_hand), soft_wrap=True)


def _shop(part: Part) -> dict[str, Any]:
    return {
        "source": part.source,
        "address": part.address,
        "steps": [_row(one) for one in part.steps],
        "refused": list(part.refused),
        "left": [{"action": one.action.value, "topic": one.topic} for one in part.left],
        "by_hand": part.by_hand,
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


def _table(part: Part) -> Table:
    shown = Table(box=None, pad_edge=False)
    shown.add_column("Topic", no_wrap=True)
    shown.add_column("Plan", no_wrap=True)
    shown.add_column("Why", overflow="fold")
    for step in part.steps:
        said, style = _SAID[step.action]
        foreign = step.action is Action.FOREIGN
        why = f"{step.address} {step.why}".strip() if foreign else step.why
        shown.add_row(Text(step.topic, style="dim" * foreign), Text(said, style=style), Text(why))
    return shown


def _summary(part: Part, *, acted: bool) -> Iterable[str]:
    yield from part.refused
    if why := sorted({one.why for one in part.steps if one.action is Action.WITHHELD}):
        what = "add it in a new version of the app, let the store take that, and connect again"
        yield f"{'; '.join(why)}: {what}."
    if acted and part.outcomes:
        counted = Counter(one.step.action.value for one in part.outcomes if not one.refused)
        done = ", ".join(f"{number} {name}" for name, number in sorted(counted.items()))
        yield f"Done and read back: {done or 'nothing'}."
    if not part.left:
        yield "All is as it should be."
    elif acted:
        yield f"Still not as it should be: {', '.join(one.topic for one in part.left)}."
    else:
        many = "s" * (len(part.left) != 1)
        told = f"{len(part.left)} difference{many}. Nothing was changed"
        yield f"{told}: --yes acts, and --heal of audit."

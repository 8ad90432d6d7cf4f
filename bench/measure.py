"""
How a figure is measured: in rounds, ours and its floor in alternating order, so that a disturbance
of the machine hits both. The median of the rounds counts.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Work = Callable[[], T]
Rounds = Sequence[tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    One row of the table. ``goal`` is the ratio to reach, or the figure itself without a floor.
    ``rounds`` are the results of each round, (ours, floor), in the same ``unit``.
    """

    part: str
    name: str
    unit: str
    ours: float
    floor: float | None = None
    goal: float | None = None
    rounds: tuple[tuple[float, ...], ...] = ()

    @property
    def ratio(self) -> float | None:
        """Ours divided by the floor."""
        return self.ours / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        return (self.ours if self.ratio is None else self.ratio) <= self.goal


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured: rounds, and calls in each."""

    rounds: int
    calls: int


def alternate(ours: Work[object], floor: Work[object], effort: Effort) -> list[tuple[float, float]]:
    """Return microseconds of CPU per call, (ours, floor), for each round after a warm-up round."""
    found = []
    for number in range(effort.rounds + 1):
        first, second = (ours, floor) if number % 2 else (floor, ours)
        one, other = microseconds(first, effort.calls), microseconds(second, effort.calls)
        found.append((one, other) if number % 2 else (other, one))
    return found[1:]


def microseconds(work: Work[object], calls: int) -> float:
    """Return the CPU time per call."""
    # The collector stays on, as in a function; no round pays for the garbage of another.
    gc.collect()
    started = time.process_time_ns()
    for _ in range(calls):
        work()
    return (time.process_time_ns() - started) / calls / 1000


def compared(part: str, name: str, unit: str, rounds: Rounds, goal: float | None = None) -> Figure:
    """Return the figure of rounds of (ours, floor): the median of each."""
    ours, floor = (statistics.median(column) for column in zip(*rounds, strict=True))
    return Figure(
        part=part,
        name=name,
        unit=unit,
        ours=ours,
        floor=floor,
        goal=goal,
        rounds=tuple((one[0], one[1]) for one in rounds),
    )

"""
How a figure is taken: in rounds, ours and its floor by turns, so that whatever disturbs the machine
disturbs both; the median of the rounds counts.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    One row of the table. ``goal`` is the ratio to reach, or the figure itself without a floor;
    ``rounds`` holds what each round gave, (ours, floor), in the same ``unit``.
    """

    part: str
    name: str
    unit: str
    ours: float
    floor: float | None = None
    goal: float | None = None
    rounds: tuple[tuple[float, ...], ...] = ()
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours against the floor."""
        return self.ours / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        return (self.ours if self.ratio is None else self.ratio) <= self.goal


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured: rounds, and calls in each."""

    rounds: int
    calls: int


def by_turns(ours: Work, floor: Work, effort: Effort) -> list[tuple[float, float]]:
    """Give microseconds of CPU per call, (ours, floor) for each round; the first is for warmth."""
    found = []
    for number in range(effort.rounds + 1):
        first, second = (ours, floor) if number % 2 else (floor, ours)
        one, other = _timed(first, effort.calls), _timed(second, effort.calls)
        found.append((one, other) if number % 2 else (other, one))
    return found[1:]


def medians(rounds: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Give the median of each column."""
    return tuple(statistics.median(column) for column in zip(*rounds, strict=True))


def _timed(work: Work, calls: int) -> float:
    # The collector stays on, as in a function; no round pays for what another left behind.
    gc.collect()
    started = time.process_time_ns()
    for _ in range(calls):
        work()
    return (time.process_time_ns() - started) / calls / 1000

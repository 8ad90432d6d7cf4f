"""A clock that does not advance by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Clock:
    """Returns ``now`` (epoch seconds) when called."""

    now: float = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds

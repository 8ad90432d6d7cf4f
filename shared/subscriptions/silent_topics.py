"""Which topics are heard of no more, though they used to be: pure, over when each was heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from shared.model.value import Value

# With fewer nothing is usual yet.
ENOUGH = 20
# Longer than it was ever silent, by half; and never for what is shorter than an hour.
_BEYOND = 1.5
_SHORTEST = 3600.0


class Silence(Value):
    """A topic that was last heard ``seconds`` ago, and was never silent longer than ``longest``."""

    topic: str
    seconds: int
    longest: int


def silences(heard: Mapping[str, Iterable[float]], now: float) -> tuple[Silence, ...]:
    """Give the topics, by name, that have been silent for longer than is usual; epoch seconds."""
    return tuple(
        one for topic, moments in sorted(heard.items()) if (one := _silence(topic, moments, now))
    )


def _silence(topic: str, moments: Iterable[float], now: float) -> Silence | None:
    known = sorted(moments)
    if len(known) < ENOUGH:
        return None
    longest = max(later - earlier for earlier, later in pairwise(known))
    seconds = now - known[-1]
    if seconds <= max(_SHORTEST, _BEYOND * longest):
        return None
    return Silence(topic=topic, seconds=int(seconds), longest=int(longest))

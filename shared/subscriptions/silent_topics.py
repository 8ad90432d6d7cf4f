"""The topics that have stopped coming: pure functions of the times of their webhooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from shared.model.value import Value

# With fewer webhooks, the usual time between two is not known.
ENOUGH = 20
# Silent for 1.5 times as long as ever before, and at least for an hour.
_BEYOND = 1.5
_SHORTEST = 3600.0


class SilentTopic(Value):
    """A topic last received ``seconds`` ago, which was never silent longer than ``longest``."""

    topic: str
    seconds: int
    longest: int


def find_silent_topics(
    received: Mapping[str, Iterable[float]], now: float
) -> tuple[SilentTopic, ...]:
    """Return the topics, by name, that are silent for longer than usual; in epoch seconds."""
    return tuple(
        one
        for topic, moments in sorted(received.items())
        if (one := _silent_topic(topic, moments, now))
    )


def _silent_topic(topic: str, moments: Iterable[float], now: float) -> SilentTopic | None:
    known = sorted(moments)
    if len(known) < ENOUGH:
        return None
    longest = max(later - earlier for earlier, later in pairwise(known))
    seconds = now - known[-1]
    if seconds <= max(_SHORTEST, _BEYOND * longest):
        return None
    return SilentTopic(topic=topic, seconds=int(seconds), longest=int(longest))

"""Facts about the shop in memory, as `shared.state.shop_facts` stores them in DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class MemoryFacts:
    """Facts with the time (epoch seconds) until which they are stored."""

    clock: Callable[[], float]
    facts: dict[str, tuple[str, float]] = field(default_factory=dict)

    def recall(self, names: Iterable[str]) -> Mapping[str, str]:
        stored = {name: self.facts[name] for name in names if name in self.facts}
        return {name: fact for name, (fact, until) in stored.items() if int(until) > self.clock()}

    def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
        until = 4e9 if seconds is None else self.clock() + seconds
        self.facts |= {name: (fact, until) for name, fact in facts.items()}

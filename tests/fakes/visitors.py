"""Visitors in memory, tested by the same conformance suite as those in DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from shared.errors import LedgerUnavailable
from shared.model.entity import Entity, Kind
from shared.model.visitor import Visitor
from shared.state.row import DAY
from shared.state.visitor_item import LINKS
from shared.state.visitors import LIFETIME


@dataclass
class MemoryVisitors:
    """
    ``until`` is when a name's visitor expires (epoch seconds), ``together`` the names that were
    stored with it, and on which day.
    """

    known: dict[Entity, Visitor] = field(default_factory=dict)
    until: dict[Entity, float] = field(default_factory=dict)
    together: dict[Entity, dict[Entity, int]] = field(default_factory=dict)
    clock: Callable[[], float] = lambda: 0.0
    out_of_reach: bool = False

    def find(self, names: Iterable[Entity]) -> Mapping[Entity, Visitor]:
        self._reach()
        return {name: found for name in names if (found := self._alive(name)) is not None}

    def keep(self, names: Iterable[Entity], visitor: Visitor) -> None:
        self._reach()
        every = frozenset(names)
        if not visitor:
            return
        day = int(self.clock()) // DAY
        for name in every:
            self._put(name, visitor)
            there = {**self.together.get(name, {}), **dict.fromkeys(every, day)}
            newest = sorted(there, key=lambda one: (there[one], str(one)), reverse=True)
            self.together[name] = {one: there[one] for one in newest[:LINKS]}

    def register(self, name: Entity, visitor: Visitor, instead: str | None = None) -> Visitor:
        self._reach()
        there = self._alive(name)
        if there is not None and there.device_id not in {None, visitor.device_id, instead}:
            return there
        self._put(name, visitor)
        return visitor

    def forget(self, names: Iterable[Entity]) -> int:
        self._reach()
        asked: set[Entity] = set()
        next_ones = set(names)
        while next_ones:
            asked |= next_ones
            linked = {two for one in next_ones for two in self.together.pop(one, {})}
            next_ones = {one for one in linked - asked if one.kind is not Kind.PERSON}
        return sum(self.known.pop(one, None) is not None for one in asked)

    def purge(self, _deadline: float) -> int:
        self._reach()
        gone = len(self.known)
        self.known.clear()
        self.together.clear()
        return gone

    def _alive(self, name: Entity) -> Visitor | None:
        if self.until.get(name, self.clock() + 1) <= self.clock():
            return None
        return self.known.get(name)

    def _put(self, name: Entity, visitor: Visitor) -> None:
        self.known[name] = visitor
        self.until[name] = int(self.clock()) + LIFETIME[name.kind]

    def _reach(self) -> None:
        if self.out_of_reach:
            raise LedgerUnavailable("the visitors of a test are unavailable")

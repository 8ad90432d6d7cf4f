"""Visitors in memory, as `shared.state.visitors` keeps them in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from shared.errors import LedgerUnavailable
from shared.model.entity import Entity
from shared.model.visitor import Visitor


@dataclass
class MemoryVisitors:
    """``together`` are the names that were remembered at one time, which are forgotten together."""

    known: dict[Entity, Visitor] = field(default_factory=dict)
    together: dict[Entity, frozenset[Entity]] = field(default_factory=dict)
    out_of_reach: bool = False

    def find(self, names: Iterable[Entity]) -> Mapping[Entity, Visitor]:
        self._reach()
        return {name: self.known[name] for name in names if name in self.known}

    def keep(self, names: Iterable[Entity], visitor: Visitor) -> None:
        self._reach()
        every = frozenset(names)
        for name in every:
            self.known[name] = visitor
            self.together[name] = self.together.get(name, frozenset()) | every

    def introduce(self, name: Entity, visitor: Visitor) -> Visitor:
        self._reach()
        there = self.known.get(name)
        if there is not None and there.did is not None and there.did != visitor.did:
            return visitor_over(there, visitor)
        self.known[name] = visitor
        return visitor

    def forget(self, names: Iterable[Entity]) -> None:
        self._reach()
        for name in names:
            for one in self.together.pop(name, frozenset()) | {name}:
                self.known.pop(one, None)

    def _reach(self) -> None:
        if self.out_of_reach:
            raise LedgerUnavailable("the visitors of a test are out of reach")


def visitor_over(there: Visitor, visitor: Visitor) -> Visitor:
    return there.over(replace(visitor, did=None, seance=None, seen_at=None))

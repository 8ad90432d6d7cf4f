"""Locks of reads in memory, as `shared.state.store_reads` has them in DynamoDB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.model.entity import Entity
from shared.model.value import replace
from shared.model.version import instant_at, moment
from shared.state.store_reads import LOCK, ReadState, StoreRead, interval, refuse


@dataclass(slots=True)
class MemoryStoreReads:
    """The reads of each entity, with the token of the lock."""

    clock: Callable[[], float]
    scale: float = 1.0
    states: dict[Entity, tuple[ReadState, str]] = field(default_factory=dict)
    begun: int = 0

    def begin(self, entity: Entity, received_at: str) -> StoreRead:
        now = self.clock()
        state, _ = self.states.get(entity, (ReadState(), ""))
        refuse(entity, state, received_at, now, self.scale)
        self.begun += 1
        token = str(self.begun)
        due = now + interval(entity, ReadState(), now, self.scale)
        taken = replace(state, until=now + LOCK, began=now, due=due)
        self.states[entity] = (taken, token)
        apart = interval(entity, state, now, self.scale)
        return StoreRead(entity=entity, at=instant_at(now), token=token, apart=apart)

    def end(self, read: StoreRead, *, settled: bool) -> None:
        state, token = self.states[read.entity]
        if token != read.token:
            return
        state = replace(state, until=0.0)
        if settled:
            due = moment(read.at).timestamp() + read.apart
            state = replace(state, settled=read.at, due=due, apart=read.apart)
        self.states[read.entity] = (state, "")

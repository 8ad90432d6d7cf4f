"""The other queries of a delivery: paused destinations, and the ports of translations."""

from __future__ import annotations

import secrets as entropy
from collections.abc import Callable, Mapping
from contextlib import suppress

from shared.errors import LedgerUnavailable
from shared.model.entity import Entity
from shared.model.value import MutableValue
from shared.state.ledger import DynamoLedger, keyed
from shared.state.shop_facts import DynamoFacts
from shared.state.store_reads import DynamoStoreReads, StoreRead


class Pauses(MutableValue, kw_only=False):
    """The paused destinations, read again every ten seconds."""

    ledger: DynamoLedger
    names: tuple[str, ...]
    age: float
    clock: Callable[[], float]
    _until: float = 0.0
    _paused: frozenset[str] = frozenset()

    def __call__(self) -> frozenset[str]:
        """Return the names of the paused destinations."""
        now = self.clock()
        # If the next read is further away than ``age``, the clock was set back since.
        if not 0 < self._until - now <= self.age:
            # If the ledger is unavailable, keep the last names: the claim will fail anyway.
            with suppress(LedgerUnavailable):
                self._paused = self.ledger.paused(self.names)
            self._until = now + self.age
        return self._paused


class ShopPorts(MutableValue, kw_only=False):
    """The ports of translations; see `shared.sources.contract.Ports`."""

    ledger: DynamoLedger
    facts: DynamoFacts
    reads: DynamoStoreReads
    configured_key: str | None
    clock: Callable[[], float]
    _key: bytes = b""

    def now(self) -> float:
        """Return the time in epoch seconds."""
        return self.clock()

    def pseudonym(self, email: str) -> str:
        """Return the keyed hash of a lower-cased e-mail address."""
        if not self._key:
            key = self.configured_key or self.ledger.pseudonym_key(entropy.token_hex(32))
            self._key = key.encode()
        return keyed(self._key, email)

    def tracked(self, items: frozenset[str]) -> Mapping[str, bool]:
        """Return for known inventory items whether their stock is tracked."""
        return self.ledger.tracked(items)

    def known(self, entities: frozenset[Entity]) -> frozenset[Entity]:
        """Return which entities were ever sent to a platform."""
        return self.ledger.known(entities)

    def recall(self, names: frozenset[str]) -> Mapping[str, str]:
        """Return the stored facts about the shop that have not expired."""
        return self.facts.recall(names)

    def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
        """Store facts about the shop."""
        self.facts.remember(facts, seconds)

    def begin_read(self, entity: Entity, received_at: str) -> StoreRead:
        """Begin to read an entity from the store."""
        return self.reads.begin(entity, received_at)

    def end_read(self, read: StoreRead, *, settled: bool) -> None:
        """End a read of the store; a lock that cannot be released ends by itself."""
        with suppress(LedgerUnavailable):
            self.reads.end(read, settled=settled)

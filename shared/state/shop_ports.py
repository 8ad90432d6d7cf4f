"""What the delivery of a webhook may ask beside its own row: pauses, and what translations want."""

from __future__ import annotations

import secrets as entropy
from collections.abc import Callable, Mapping
from contextlib import suppress

from shared.errors import LedgerUnavailable
from shared.model.entity import Entity
from shared.model.value import MutableValue
from shared.state.ledger import DynamoLedger, keyed
from shared.state.shop_facts import DynamoFacts


class Pauses(MutableValue, kw_only=False):
    """Which destinations are paused, looked up every ten seconds."""

    ledger: DynamoLedger
    names: tuple[str, ...]
    age: float
    clock: Callable[[], float]
    _until: float = 0.0
    _paused: frozenset[str] = frozenset()

    def __call__(self) -> frozenset[str]:
        """Give the names of the paused destinations."""
        now = self.clock()
        # Further away than it was set: the clock was put back since.
        if not 0 < self._until - now <= self.age:
            # Out of reach, it says what it said last: the claim finds out about the ledger itself.
            with suppress(LedgerUnavailable):
                self._paused = self.ledger.paused(self.names)
            self._until = now + self.age
        return self._paused


class ShopPorts(MutableValue, kw_only=False):
    """What translations may ask of the outside; see `shared.sources.contract.Ports`."""

    ledger: DynamoLedger
    facts: DynamoFacts
    configured_key: str | None
    clock: Callable[[], float]
    _key: bytes = b""

    def now(self) -> float:
        """Tell the time."""
        return self.clock()

    def pseudonym(self, email: str) -> str:
        """Give the keyed hash of a lower-cased e-mail address."""
        if not self._key:
            key = self.configured_key or self.ledger.pseudonym_key(entropy.token_hex(32))
            self._key = key.encode()
        return keyed(self._key, email)

    def tracked(self, items: frozenset[str]) -> Mapping[str, bool]:
        """Tell which inventory items are known to be counted or not."""
        return self.ledger.tracked(items)

    def known(self, entities: frozenset[Entity]) -> frozenset[Entity]:
        """Tell which entities any platform was ever told of."""
        return self.ledger.known(entities)

    def recall(self, names: frozenset[str]) -> Mapping[str, str]:
        """Give what was remembered of the shop, and is not too old."""
        return self.facts.recall(names)

    def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
        """Remember something about the shop."""
        self.facts.remember(facts, seconds)

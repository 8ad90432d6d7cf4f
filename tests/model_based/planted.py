"""
The bugs that the machine must find, as a table: what each one breaks, and the break itself. Each is
planted in our own code, or in the ledger that is held to the same suite as DynamoDB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from shared.delivery import memory
from shared.delivery.claims import Claims
from shared.delivery.settlement import Settlement
from shared.model.value import replace
from shared.queue.envelope import Envelope
from shared.state import rules
from shared.state.ports import Claim, Claimed
from shared.state.row import Row
from tests.fakes.ledger import MemoryLedger

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Bug:
    """
    What is broken, and how. So that a test need not wait long, the machine is told what to play
    with (``theme``), and begins where it sees the bug soon (``seed``). ``reads``: whether the store
    is read for every change.
    """

    name: str
    plant: Plant
    theme: tuple[str, ...]
    seed: int = 1
    reads: bool | None = None


def _version_guard(patch: pytest.MonkeyPatch) -> None:
    """Whatever comes last wins, however old it is."""
    patch.setattr(rules, "stale", lambda _row, _change, _destination: False)


def _supersession(patch: pytest.MonkeyPatch) -> None:
    """What one destination has taken supersedes at all."""
    stale = rules.stale

    def anywhere(row: Row, change: Any, _destination: str) -> bool:
        return any(stale(row, change, name) for name in row.destination_states)

    patch.setattr(rules, "stale", anywhere)


def _lease(patch: pytest.MonkeyPatch) -> None:
    """A lease keeps nobody out."""
    claim = MemoryLedger.claim

    def barges_in(ledger: MemoryLedger, wish: Claim) -> Any:
        there = ledger.rows.get(wish.entity)
        if there is not None:
            ledger.rows[wish.entity] = replace(there, lease=None)
        return claim(ledger, wish)

    patch.setattr(MemoryLedger, "claim", barges_in)


def _abandoned(patch: pytest.MonkeyPatch) -> None:
    """A lease that was never given back raises no doubt."""
    patch.setattr(rules, "doubted", lambda row, *_: row)


def _tombstone(patch: pytest.MonkeyPatch) -> None:
    """Nothing remembers that somebody was redacted."""
    patch.setattr(rules, "blocked", lambda *_: False)


def _tombstone_of_products(patch: pytest.MonkeyPatch) -> None:
    """What is gone may be brought back by an older state."""
    standing = rules._state_after  # noqa: SLF001 - the bug is planted inside

    def forgetful(before: Any, change: Any, outcome: Any, when: Any) -> Any:
        after = standing(before, change, outcome, when)
        return before if after.gone else after

    patch.setattr(rules, "_state_after", forgetful)


def _hash_skip(patch: pytest.MonkeyPatch) -> None:
    """The claim leaves the hashes where they are: what is uncertain passes for unchanged."""
    claim = MemoryLedger.claim

    def keeps_the_hash(ledger: MemoryLedger, wish: Claim) -> Any:
        return claim(ledger, replace(wish, destinations=frozenset()))

    standing = rules._state_after  # noqa: SLF001 - the bug is planted inside

    def trusts_it(before: Any, change: Any, outcome: Any, when: Any) -> Any:
        return replace(
            standing(before, change, outcome, when), digest=outcome.digest or before.digest
        )

    patch.setattr(MemoryLedger, "claim", keeps_the_hash)
    patch.setattr(rules, "_state_after", trusts_it)


def _unsure_until(patch: pytest.MonkeyPatch) -> None:
    """A call with an unknown outcome is taken for one that was never made."""
    patch.setattr(Settlement, "_confirm", lambda *_: None)


def _known_variants(patch: pytest.MonkeyPatch) -> None:
    """The claim does not write down the variants that are about to be sent."""
    patch.setattr(Claims, "_claim", _without_variants(Claims._claim))  # noqa: SLF001 - as above


def _without_variants(claim: Callable[..., Claim]) -> Callable[..., Claim]:
    def wish(*args: Any) -> Claim:
        return replace(claim(*args), variants=frozenset())

    return wish


def _confirmed_variants(patch: pytest.MonkeyPatch) -> None:
    """A variant is forgotten before every destination has surely lost it."""
    patch.setattr(rules, "_confirmed", lambda *_: True)


def _duplicates(patch: pytest.MonkeyPatch) -> None:
    """A delivery counts as done although what failed could not be parked."""
    commit = Claims.commit

    def always_done(
        claims: Claims, envelope: Envelope, claimed: Any, *, done: bool, entry: Any = None
    ) -> bool:
        return commit(claims, envelope, claimed, done=done or True, entry=entry)

    patch.setattr(Claims, "commit", always_done)


def _intents(patch: pytest.MonkeyPatch) -> None:
    """An event is not written down before it is told."""
    claim = MemoryLedger.claim

    def writes_nothing(ledger: MemoryLedger, wish: Claim) -> Any:
        return claim(ledger, replace(wish, intents={}))

    patch.setattr(MemoryLedger, "claim", writes_nothing)


def _told(patch: pytest.MonkeyPatch) -> None:
    """What was told already is told again."""
    claim = MemoryLedger.claim

    def forgives(ledger: MemoryLedger, wish: Claim) -> Any:
        answer = claim(ledger, wish)
        return replace(answer, refused=frozenset()) if isinstance(answer, Claimed) else answer

    patch.setattr(MemoryLedger, "claim", forgives)


def _untold(patch: pytest.MonkeyPatch) -> None:
    """A claim whose answer was lost is taken for an event that was told."""
    patch.setattr(memory, "intent_of", _without_void(memory.intent_of))


def _without_void(intent_of: Callable[..., Any]) -> Callable[..., Any]:
    def intent(*args: Any) -> Any:
        found = intent_of(*args)
        return found and replace(found, abandoned_tokens=())

    return intent


PRODUCT = ("product",)
PEOPLE = ("person", "order", "redact")
CART = ("cart",)

BUGS = (
    Bug("the version guard", _version_guard, PRODUCT),
    Bug("supersession for each destination alone", _supersession, PEOPLE, seed=2),
    Bug("the lease", _lease, PRODUCT),
    Bug("the doubt that an abandoned lease leaves", _abandoned, PRODUCT, seed=7),
    Bug("the tombstone of people", _tombstone, PEOPLE, seed=2),
    Bug("the tombstone of things", _tombstone_of_products, ("product", "product gone")),
    Bug("the hash of what was sent", _hash_skip, ("person",), seed=9),
    Bug("unsure_until", _unsure_until, PRODUCT, seed=8),
    Bug("the known variants", _known_variants, PRODUCT, seed=2),
    Bug("variants forgotten too early", _confirmed_variants, PRODUCT),
    Bug("the duplicate rule", _duplicates, PRODUCT),
    Bug("the intent of an event", _intents, CART),
    Bug("what was told already", _told, CART),
    Bug("the intent that was not carried out", _untold, ("checkout",), seed=6),
)

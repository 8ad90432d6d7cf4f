"""
The bugs that the machine must find, as a table. Each is planted in the product's code, or in the
in-memory ledger, which passes the same conformance suite as DynamoDB's.
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
    A bug, and the function that plants it. ``theme`` and ``seed`` only make the test short: the
    kinds of changes that the bug needs, and a seed that finds it early. ``reads``: whether the
    store is read for every change.
    """

    name: str
    plant: Plant
    theme: tuple[str, ...]
    seed: int = 1
    reads: bool | None = None


def _version_guard(patch: pytest.MonkeyPatch) -> None:
    """The last webhook to arrive wins, however old it is."""
    patch.setattr(rules, "stale", lambda _row, _change, _destination: False)


def _supersession(patch: pytest.MonkeyPatch) -> None:
    """What was applied at one destination supersedes older states at all of them."""
    stale = rules.stale

    def anywhere(row: Row, change: Any, _destination: str) -> bool:
        return any(stale(row, change, name) for name in row.destination_states)

    patch.setattr(rules, "stale", anywhere)


def _lease(patch: pytest.MonkeyPatch) -> None:
    """A lease excludes no other process."""
    claim = MemoryLedger.claim

    def ignores_the_lease(ledger: MemoryLedger, request: Claim) -> Any:
        there = ledger.rows.get(request.entity)
        if there is not None:
            ledger.rows[request.entity] = replace(there, lease=None)
        return claim(ledger, request)

    patch.setattr(MemoryLedger, "claim", ignores_the_lease)


def _abandoned(patch: pytest.MonkeyPatch) -> None:
    """An abandoned lease leaves no doubt about the outcome."""
    patch.setattr(rules, "doubted", lambda row, *_: row)


def _tombstone(patch: pytest.MonkeyPatch) -> None:
    """Redactions of people are not remembered."""
    patch.setattr(rules, "blocked", lambda *_: False)


def _tombstone_of_products(patch: pytest.MonkeyPatch) -> None:
    """A removed entity is restored by an older state."""
    state_after = rules._state_after  # noqa: SLF001 - the bug is planted inside

    def keeps_no_tombstone(before: Any, change: Any, outcome: Any, when: Any) -> Any:
        after = state_after(before, change, outcome, when)
        return before if after.gone else after

    patch.setattr(rules, "_state_after", keeps_no_tombstone)


def _hash_skip(patch: pytest.MonkeyPatch) -> None:
    """The claim keeps the hashes: a state with an unknown outcome counts as unchanged."""
    claim = MemoryLedger.claim

    def keeps_the_hash(ledger: MemoryLedger, request: Claim) -> Any:
        return claim(ledger, replace(request, destinations=frozenset()))

    state_after = rules._state_after  # noqa: SLF001 - the bug is planted inside

    def keeps_the_digest(before: Any, change: Any, outcome: Any, when: Any) -> Any:
        return replace(
            state_after(before, change, outcome, when), digest=outcome.digest or before.digest
        )

    patch.setattr(MemoryLedger, "claim", keeps_the_hash)
    patch.setattr(rules, "_state_after", keeps_the_digest)


def _unsure_until(patch: pytest.MonkeyPatch) -> None:
    """A call with an unknown outcome is treated as one that was never sent."""
    patch.setattr(Settlement, "_confirm", lambda *_: None)


def _known_variants(patch: pytest.MonkeyPatch) -> None:
    """The claim does not store the variants that are about to be sent."""
    patch.setattr(Claims, "_claim", _without_variants(Claims._claim))  # noqa: SLF001 - as above


def _without_variants(claim: Callable[..., Claim]) -> Callable[..., Claim]:
    def request(*args: Any) -> Claim:
        return replace(claim(*args), variants=frozenset())

    return request


def _confirmed_variants(patch: pytest.MonkeyPatch) -> None:
    """A variant is forgotten before every destination has confirmed its removal."""
    patch.setattr(rules, "_confirmed", lambda *_: True)


def _duplicates(patch: pytest.MonkeyPatch) -> None:
    """A delivery counts as done although a failed destination could not be parked."""
    commit = Claims.commit

    def always_done(
        claims: Claims, envelope: Envelope, claimed: Any, *, done: bool, entry: Any = None
    ) -> bool:
        return commit(claims, envelope, claimed, done=done or True, entry=entry)

    patch.setattr(Claims, "commit", always_done)


def _intents(patch: pytest.MonkeyPatch) -> None:
    """The intent of an event is not stored before it is sent."""
    claim = MemoryLedger.claim

    def writes_nothing(ledger: MemoryLedger, request: Claim) -> Any:
        return claim(ledger, replace(request, intents={}))

    patch.setattr(MemoryLedger, "claim", writes_nothing)


def _sent_again(patch: pytest.MonkeyPatch) -> None:
    """An event that was sent already is sent again."""
    claim = MemoryLedger.claim

    def refuses_nothing(ledger: MemoryLedger, request: Claim) -> Any:
        answer = claim(ledger, request)
        return replace(answer, refused=frozenset()) if isinstance(answer, Claimed) else answer

    patch.setattr(MemoryLedger, "claim", refuses_nothing)


def _abandoned_intent(patch: pytest.MonkeyPatch) -> None:
    """A claim whose response was lost counts as an event that was sent."""
    patch.setattr(memory, "intent_of", _without_abandoned(memory.intent_of))


def _without_abandoned(intent_of: Callable[..., Any]) -> Callable[..., Any]:
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
    Bug("the tombstone of products", _tombstone_of_products, ("product", "product gone")),
    Bug("the hash of what was sent", _hash_skip, ("person",), seed=9),
    Bug("unsure_until", _unsure_until, PRODUCT, seed=8),
    Bug("the known variants", _known_variants, PRODUCT, seed=2),
    Bug("variants forgotten too early", _confirmed_variants, PRODUCT),
    Bug("the duplicate rule", _duplicates, PRODUCT),
    Bug("the intent of an event", _intents, CART),
    Bug("an event that was sent already", _sent_again, CART),
    Bug("an intent that was never carried out", _abandoned_intent, ("checkout",), seed=6),
)

"""
Find which fields of the platforms' calls change when one field of a webhook changes, through the
real translation and the real destinations: the basis of `cli.docs.mapping`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import msgspec

from cli.docs.call_diff import Effect, Sent, differences, rows_by_kind, sent_calls
from shared.destinations.contract import Destination
from shared.errors import NotUnderstood
from shared.model.change import Change
from shared.model.entity import Entity
from shared.model.version import instant
from shared.queue.envelope import Envelope
from shared.sources.contract import Source, Translated
from shared.state.store_reads import StoreRead

AT = instant("2026-11-21T09:00:00Z")
# A time at which no webhook is too old for any call.
_LATER = "2026-11-20T20:20:20Z"
# Every field is set to each of these, whatever its type. Among them are the words that some fields
# know (a status, a policy).
TRIALS: tuple[Any, ...] = (
    None, "changed", "7.77", 7, True, False, "2020-02-02T02:02:02Z", _LATER, "draft", "continue",
    "voided", "unsubscribed", "outofstock", "hidden", "trash",
    "Default Title", "a > b > c > d > e", "other@shop.example",
)  # fmt: skip
# No field can have these values: where one changes nothing, the field is not read.
_NO_OBJECT = "no object or list"
_NO_VALUE: Mapping[str, object] = {"no": "value"}
# Only the first items of a list are changed: the others are read in the same way.
_FIRST = 3

T = TypeVar("T")
Place = tuple[str | int, ...]
Changes = tuple[Change, ...]


# The deadline of a translation that queries only the store of samples.
IN_TIME = float("inf")


@dataclass(frozen=True, slots=True)
class Still:
    """
    Ports without a ledger. The shop has the ``facts``, and every entity is known except those in
    ``strange``.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    strange: frozenset[Entity] = frozenset()

    def now(self) -> float:
        """Return always the same time."""
        return 1_795_251_600.0

    def pseudonym(self, email: str) -> str:
        """Return a hash without a key."""
        return hashlib.sha256(email.encode()).hexdigest()[:32]

    def tracked(self, items: frozenset[str]) -> Mapping[str, bool]:  # noqa: ARG002 - of the Ports
        """Return nothing."""
        return {}

    def known(self, entities: frozenset[Entity]) -> frozenset[Entity]:
        """Return all entities except the strange ones."""
        return entities - self.strange

    def recall(self, names: frozenset[str]) -> Mapping[str, str]:
        """Return the facts with these names."""
        return {name: self.facts[name] for name in names if name in self.facts}

    def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
        """Do nothing."""

    def begin_read(self, entity: Entity, received_at: str) -> StoreRead:
        """Return a read: nothing else reads the store."""
        return StoreRead(entity=entity, at=received_at, token="")

    def end_read(self, read: StoreRead, *, settled: bool) -> None:
        """Do nothing."""


def envelope(source: str, topic: str, body: bytes) -> Envelope:
    """Return the envelope that the receiver makes of a sample."""
    return Envelope(
        id="1", source=source, topic=topic, triggered_at=AT, received_at=AT, headers={}, body=body
    )


def translated(shop: Source, topic: str, body: Any) -> Translated | None:
    """Translate a body; return None for a dead letter."""
    try:
        return shop.translate(envelope(shop.name, topic, msgspec.json.encode(body)), IN_TIME)
    except NotUnderstood:
        return None


def effects(
    shop: Source, platforms: Mapping[str, Destination], topic: str, body: Any
) -> Iterator[tuple[str, str, Effect]]:
    """Set every field that is read to other values; yield (field, platform, what changed)."""
    before = translated(shop, topic, body)
    changes = before.changes if before else ()
    comparisons = {title: _comparison(one, changes) for title, one in platforms.items()}
    values = list(_leaves(body, ()))

    def translate() -> Translated | None:
        return translated(shop, topic, body)

    for place in _read_places(body, (), body, lambda: translate() != before):
        others = [value for where, value in values if where[-1] in {place[-1], "id"}][:8]
        seen = [changes]
        for trial in (*TRIALS, *others):
            after = _with(body, place, trial, translate)
            # A value of an unexpected type says nothing about the field.
            if after is None or after.odd_fields or after.changes in seen:
                continue
            seen.append(after.changes)
            for title, compare in comparisons.items():
                for effect in compare(after.changes):
                    yield _name(place), title, effect


def _comparison(platform: Destination, changes: Changes) -> Callable[[Changes], set[Effect]]:
    """Return a function that compares a platform's calls with those of the unchanged body."""
    before = sent_calls(platform, changes)

    # Most trials lead to calls that were compared before.
    @cache
    def compare(after: tuple[Sent, ...] | None) -> set[Effect]:
        if before is None or after is None:  # a dead letter
            return set()
        return differences(rows_by_kind(before), rows_by_kind(after))

    return lambda changed: compare(sent_calls(platform, changed))


def _read_places(
    body: Any, place: Place, value: Any, differs: Callable[[], bool]
) -> Iterator[Place]:
    """Yield the places of all values that a translation reads; of lists only the first items."""
    wrong = _NO_OBJECT if isinstance(value, dict | list) else _NO_VALUE
    if place and not _with(body, place, wrong, differs):
        return
    inner = _inner(value)[:_FIRST] if isinstance(value, list) else _inner(value)
    for key, one in inner:
        yield from _read_places(body, (*place, key), one, differs)
    if place and not inner:
        yield place


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    for key, one in _inner(value):
        yield from _leaves(one, (*place, key))
    if value is not None and not isinstance(value, dict | list):
        yield place, value


def _inner(value: Any) -> list[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def _with(body: Any, place: Place, trial: Any, result: Callable[[], T]) -> T:
    """Return a result while one value of the body is replaced."""
    inner = body
    for step in place[:-1]:
        inner = inner[step]
    kept, inner[place[-1]] = inner[place[-1]], trial
    try:
        return result()
    finally:
        inner[place[-1]] = kept


def _name(place: Place) -> str:
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")

"""
What changes in what platforms are told when one field of a webhook changes: the ground of
`cli.docs.mapping`, over the real translation and the real destinations.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from cli.docs.call_diff import Effect, Sent, differences, read, told
from shared.destinations.contract import Destination
from shared.errors import NotUnderstood
from shared.model.change import Change
from shared.model.entity import Entity
from shared.model.version import instant
from shared.queue.envelope import Envelope
from shared.sources.contract import Source, Translated

AT = instant("2026-11-21T09:00:00Z")
# A moment at which nothing is too old to be told.
_LATER = "2026-11-20T20:20:20Z"
# Whatever its type, a field is tried with each of these; what some field knows as a word of its
# own (a status, a policy) is among them.
TRIALS: tuple[Any, ...] = (
    None, "changed", "7.77", 7, True, False, "2020-02-02T02:02:02Z", _LATER, "draft", "continue",
    "voided", "unsubscribed", "outofstock", "hidden", "trash",
    "Default Title", "a > b > c > d > e", "other@shop.example",
)  # fmt: skip
# What no field can be: where it changes nothing, the field is not read.
_NO_OBJECT = "no object or list"
_NO_VALUE: Mapping[str, object] = {"no": "value"}
# Of a list, so many values are tried: the others are read alike.
_FIRST = 3

T = TypeVar("T")
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Still:
    """
    The outside, standing still. Of the shop ``facts`` are known, and every entity was told but
    those that are ``strange``.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    strange: frozenset[Entity] = frozenset()

    def now(self) -> float:
        """Tell a time that never passes."""
        return 1_795_251_600.0

    def pseudonym(self, email: str) -> str:
        """Give a hash; no key is needed where nobody looks."""
        return hashlib.sha256(email.encode()).hexdigest()[:32]

    def tracked(self, items: frozenset[str]) -> Mapping[str, bool]:
        """Know nothing."""
        return dict.fromkeys(items & frozenset[str](), False)

    def known(self, entities: frozenset[Entity]) -> frozenset[Entity]:
        """Take every other entity for one that was told."""
        return entities - self.strange

    def recall(self, names: frozenset[str]) -> Mapping[str, str]:
        """Give what was known from the beginning."""
        return {name: self.facts[name] for name in names if name in self.facts}

    def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
        """Forget at once."""


class Watched:
    """One platform, and how what it is told of other changes differs from what it is told now."""

    def __init__(self, title: str, platform: Destination, changes: tuple[Change, ...]) -> None:
        """Look at what the platform is told now."""
        self.title = title
        self._platform = platform
        base = told(platform, changes)
        self._base = read(base) if base is not None else None
        # Most of what is tried is told in words that were met before.
        self._known: dict[tuple[Sent, ...] | None, set[Effect]] = {base: set(), None: set()}

    def effects(self, changes: tuple[Change, ...]) -> set[Effect]:
        """Give what differs; nothing where one of both is a dead letter."""
        sent = told(self._platform, changes)
        if sent not in self._known and sent is not None and self._base is not None:
            self._known[sent] = differences(self._base, read(sent))
        return self._known.get(sent, set())


def envelope(source: str, topic: str, body: bytes) -> Envelope:
    """Give a sample as the door would."""
    return Envelope(
        id="1", source=source, topic=topic, triggered_at=AT, received_at=AT, headers={}, body=body
    )


def translated(shop: Source, topic: str, body: Any) -> Translated | None:
    """Translate a body; None for a dead letter."""
    try:
        return shop.translate(envelope(shop.name, topic, msgspec.json.encode(body)), 0.0)
    except NotUnderstood:
        return None


def effects(
    shop: Source, platforms: Mapping[str, Destination], topic: str, body: Any
) -> Iterator[tuple[str, str, Effect]]:
    """Try every field that is read with other values; yields (field, platform, what changed)."""
    before = translated(shop, topic, body)
    changes = before.changes if before else ()
    watched = [Watched(title, platform, changes) for title, platform in platforms.items()]
    values = list(_leaves(body, ()))

    def look() -> Translated | None:
        return translated(shop, topic, body)

    for place in _read_places(body, (), body, lambda: look() != before):
        others = [value for where, value in values if where[-1] in {place[-1], "id"}][:8]
        seen = [changes]
        for trial in (*TRIALS, *others):
            after = _with(body, place, trial, look)
            if after is None or after.changes in seen:
                continue
            seen.append(after.changes)
            for one in watched:
                for effect in one.effects(after.changes):
                    yield _name(place), one.title, effect


def _read_places(
    body: Any, place: Place, value: Any, differs: Callable[[], bool]
) -> Iterator[Place]:
    """Give the places of all values that a translation reads, of lists the first three."""
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


def _with(body: Any, place: Place, trial: Any, look: Callable[[], T]) -> T:
    """Look at a body with one value changed, and put it back."""
    inner = body
    for step in place[:-1]:
        inner = inner[step]
    kept, inner[place[-1]] = inner[place[-1]], trial
    try:
        return look()
    finally:
        inner[place[-1]] = kept


def _name(place: Place) -> str:
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")

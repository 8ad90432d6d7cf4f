"""What a shop says, and what a platform must hold in the end: values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# What a platform holds of a thing that is gone, or was never there.
ABSENT = None
# A thing of the shop, as the ledger names it: "product:7".
Name = str
PlatformData = Mapping[Name, Any]


class Kind(StrEnum):
    """How it is found out what became of a webhook."""

    STATE = "state"
    EVENT = "event"
    RECORD = "record"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A webhook is the version number ``index`` of a thing."""

    name: Name
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook; ``event`` is the key under which a platform is told of it, and ``version``."""

    id: str
    topic: str
    body: bytes = field(repr=False)
    at: str
    kind: Kind = Kind.STATE
    touches: tuple[Touch, ...] = ()
    event: tuple[str, str] | None = None
    version: str = ""


@dataclass(slots=True, kw_only=True)
class ShopHistory:
    """All that the shop has said: webhooks by id, and of each thing its states in their order."""

    webhooks: dict[str, Webhook] = field(default_factory=dict)
    states: dict[Name, list[Any]] = field(default_factory=dict)

    def touch(self, name: Name, state: Any) -> Touch:
        """Add a thing's next state."""
        states = self.states.setdefault(name, [])
        states.append(state)
        return Touch(name=name, index=len(states) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPlatform:
    """
    A platform beside DataCue: its ``state`` in the sandbox, the ledger's key of the last event of
    each entity there, and how many outcomes were unknown there at the most.
    """

    state: Any
    intended: Mapping[Name, str] = field(default_factory=dict)
    doubts: Counter[Name] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    What there is at the end: what DataCue holds and was told, which webhooks wait, which are dead
    and of what, which left a record, and the ledger's key of the last event of each entity; and
    what the other platforms know.
    """

    held: PlatformData
    events: Mapping[tuple[str, str], int]
    queued: frozenset[str] = frozenset()
    dead: Mapping[str, str] = field(default_factory=dict)
    records: frozenset[str] = frozenset()
    intended: Mapping[Name, str] = field(default_factory=dict)
    violations: tuple[str, ...] = ()
    elsewhere: Mapping[str, OtherPlatform] = field(default_factory=dict)

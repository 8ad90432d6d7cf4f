"""Values: a shop's webhooks and states, and the evidence at the end of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# A platform's state of an object that was deleted or never existed.
ABSENT = None
# An object of the shop, as the ledger names it: "product:7".
Name = str
PlatformData = Mapping[Name, Any]


class Kind(StrEnum):
    """How the fate of a webhook is determined."""

    STATE = "state"
    EVENT = "event"
    RECORD = "record"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A webhook is version ``index`` of an object."""

    name: Name
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook; ``event`` and ``version`` identify its event at a platform."""

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
    """Everything the shop has sent: webhooks by id, and the states of each object in order."""

    webhooks: dict[str, Webhook] = field(default_factory=dict)
    states: dict[Name, list[Any]] = field(default_factory=dict)

    def touch(self, name: Name, state: Any) -> Touch:
        """Add an object's next state."""
        states = self.states.setdefault(name, [])
        states.append(state)
        return Touch(name=name, index=len(states) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPlatform:
    """
    A platform other than DataCue: its ``state`` in the sandbox, the ledger's key of each entity's
    last event (``intended``), and the maximal number of unknown outcomes by object (``unknown``).
    """

    state: Any
    intended: Mapping[Name, str] = field(default_factory=dict)
    unknown: Counter[Name] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    The evidence at the end: DataCue's state and events, the waiting webhooks, the dead-lettered
    ones with their reasons, the ones with a privacy record, the ledger's key of each entity's last
    event, the violations, and the other platforms.
    """

    held: PlatformData
    events: Mapping[tuple[str, str], int]
    queued: frozenset[str] = frozenset()
    dead: Mapping[str, str] = field(default_factory=dict)
    records: frozenset[str] = frozenset()
    intended: Mapping[Name, str] = field(default_factory=dict)
    violations: tuple[str, ...] = ()
    others: Mapping[str, OtherPlatform] = field(default_factory=dict)

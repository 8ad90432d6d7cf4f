"""
A row of the ledger: pure values and pure functions, the same for DynamoDB and for every fake.

A row belongs to one entity. Each destination has its own `DestinationState`. Fields that partial
updates set are registers: the newest value with its own timestamp.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import field

from shared.model.entity import Entity, Kind
from shared.model.value import Value, replace
from shared.model.version import Version

DONE_KEPT = 32
DAY = 86_400
# A dead letter lives 14 days and may be replayed and dead-lettered again; until then its row must
# exist. Products are kept without an end, because their rows have availability and known variants.
LIFETIME: Mapping[Kind, int | None] = {
    Kind.PRODUCT: None,
    Kind.ORDER: 60 * DAY,
    Kind.PERSON: 60 * DAY,
    Kind.CART: 60 * DAY,
    Kind.CHECKOUT: 60 * DAY,
    Kind.BROWSING: 60 * DAY,
}
TOMBSTONE_LIFETIME = 400 * DAY
# No function can run longer than Lambda's limit of 15 minutes, in seconds.
LONGEST_LEASE = 900.0


# An attempt was lost, and what it sent is not known.
ANY_FIELD = "*"


class Ending(StrEnum):
    """Why an entity ended."""

    GONE = "gone"
    REDACTED = "redacted"


class Tombstone(Value):
    """An ended entity; ``at`` is the `instant` at which the end was triggered."""

    end: Ending
    at: str


class Lease(Value):
    """The lease of an entity: its holder's token, and its end (epoch seconds)."""

    token: str
    until: float

    def holds(self, now: float) -> bool:
        """Return whether it is held now; one that is too long was set by a wrong clock."""
        return now <= self.until <= now + LONGEST_LEASE


class Register(Value):
    """The newest value of a field that partial updates set; ``at`` is an `instant`."""

    at: str
    value: int | bool | None

    def supersedes(self, other: Register) -> bool:
        """
        Return whether this value stays where both are known, in whatever order they arrive. The
        newer one stays. A shop that states two values for one instant leaves open which is right:
        the one that harms less stays, which is the smaller count, or no consent (a value of None is
        a stock without a count).
        """
        return (self.at, -_rank(self.value)) > (other.at, -_rank(other.value))


def _rank(value: int | bool | None) -> float:  # noqa: FBT001 - the value is what is ranked
    return math.inf if value is None else value


class DestinationState(Value):
    """
    The state of the entity at one destination.

    ``applied`` is the newest version that it has definitely accepted, ``gone`` whether that was a
    removal. ``digest`` is the hash of the state that it last definitely accepted, ``filled`` the
    optional fields that it may have (`ANY_FIELD`: that is not known). ``unsure_until``
    (epoch seconds): it may still apply a call without a response. ``intended`` is the key of the
    event recorded before it was sent, ``sent`` of the one that it has definitely accepted.
    """

    applied: Version | None = None
    gone: bool = False
    digest: str | None = None
    unsure_until: float | None = None
    intended: str | None = None
    sent: str | None = None
    filled: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        """Whether the destination has the entity, as far as is known."""
        return self.applied is not None and not self.gone


class Row(Value):
    """
    The state of one entity.

    ``stock_at`` is the tie of the newest full product received, ``stock_open`` the variants whose
    availability it did not contain. ``expires`` is in epoch seconds. ``many``: the variants were in
    a separate item when the row was read. ``unknown`` are the attributes of a newer release, as
    DynamoDB has them: after a rollback they are kept when the row is written again.
    """

    entity: Entity
    lease: Lease | None = None
    done: tuple[str, ...] = ()
    destination_states: Mapping[str, DestinationState] = field(default_factory=dict)
    variants: frozenset[str] = frozenset()
    many: bool = False
    registers: Mapping[str, Register] = field(default_factory=dict)
    stock_at: str | None = None
    stock_open: frozenset[str] = frozenset()
    tombstone: Tombstone | None = None
    expires: int | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict)

    def destination_state(self, destination: str) -> DestinationState:
        """Return the state at a destination, an empty one if there is none."""
        return self.destination_states.get(destination, DestinationState())

    @property
    def ever_sent(self) -> bool:
        """Whether the entity was ever sent to any destination, as far as is known."""
        states = self.destination_states.values()
        return bool(self.variants) or any(one.applied or one.unsure_until for one in states)

    def with_destination_state(self, destination: str, state: DestinationState) -> Row:
        """Return the row with the new state at one destination."""
        return replace(self, destination_states={**self.destination_states, destination: state})

    def with_done(self, delivery: str) -> Row:
        """Return the row with a completed delivery; the last 32 are kept."""
        kept = tuple(one for one in self.done if one != delivery)
        return replace(self, done=(*kept, delivery)[-DONE_KEPT:])

    def with_register(self, name: str, register: Register) -> Row:
        """Return the row with a register, unless its own supersedes it."""
        current = self.registers.get(name)
        if current is not None and current.supersedes(register):
            return self
        return replace(self, registers={**self.registers, name: register})

    def lasting(self, now: float) -> Row:
        """Return the row with the time at which it expires."""
        span = LIFETIME[self.entity.kind]
        if self.tombstone is not None:
            span = TOMBSTONE_LIFETIME
        return replace(self, expires=None if span is None else int(now) + span)

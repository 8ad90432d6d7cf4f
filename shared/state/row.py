"""
A row of the ledger, and what it means: pure values and pure functions, the same for DynamoDB and
for every stand-in.

A row belongs to one entity. What differs between destinations is a `Standing`. Fields that partial
updates set are registers: the newest value with a clock of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import field

from shared.model.entity import Entity, Kind
from shared.model.value import Value, replace
from shared.model.version import Version

DONE_KEPT = 32
DAY = 86_400
# A dead letter lives 14 days and may be replayed and die again; what can still come must find its
# row. Products are kept for ever, because availability and the known variants live there.
LIFETIME: Mapping[Kind, int | None] = {
    Kind.PRODUCT: None,
    Kind.ORDER: 60 * DAY,
    Kind.PERSON: 60 * DAY,
    Kind.CART: 60 * DAY,
    Kind.CHECKOUT: 60 * DAY,
    Kind.BROWSING: 60 * DAY,
}
TOMBSTONE_LIFETIME = 400 * DAY
# No function of ours may run for longer than Lambda lets any: 15 minutes, in seconds.
LONGEST_LEASE = 900.0


class Ending(StrEnum):
    """How an entity ended."""

    GONE = "gone"
    REDACTED = "redacted"


class Tombstone(Value):
    """An entity has ended; ``at`` is the `instant` at which the end was triggered."""

    end: Ending
    at: str


class Lease(Value):
    """Who works on the entity, and until when at the latest (epoch seconds)."""

    token: str
    until: float

    def holds(self, now: float) -> bool:
        """Tell whether it keeps others out; one that is too long was set by a clock gone wrong."""
        return now <= self.until <= now + LONGEST_LEASE


class Register(Value):
    """The newest value of a field that partial updates set; ``at`` is an `instant`."""

    at: str
    value: int | bool | None


class DestinationState(Value):
    """
    What one destination has of the entity.

    ``applied`` is the newest version it has definitely taken, ``gone`` whether that was a removal.
    ``digest`` is the hash of what it last definitely got. ``unsure_until`` (epoch seconds): it may
    still apply a call that got no answer. ``intended`` is the key of the event written down before
    it was sent, ``sent`` of the one it has definitely accepted.
    """

    applied: Version | None = None
    gone: bool = False
    digest: str | None = None
    unsure_until: float | None = None
    intended: str | None = None
    sent: str | None = None

    @property
    def known(self) -> bool:
        """Whether the destination has the entity, as far as anybody can know."""
        return self.applied is not None and not self.gone


class Row(Value):
    """
    All that is known about one entity.

    ``stock_at`` is the tie of the newest full product row seen, ``stock_open`` the variants whose
    availability that row could not tell. ``expires`` is in epoch seconds. ``many``: the variants
    were in an item of their own when the row was read.
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

    def destination_state(self, destination: str) -> DestinationState:
        """Give what a destination has; an empty standing when it has nothing."""
        return self.destination_states.get(destination, DestinationState())

    @property
    def ever_sent(self) -> bool:
        """Whether any destination was ever told of the entity, as far as anybody can know."""
        standings = self.destination_states.values()
        return bool(self.variants) or any(one.applied or one.unsure_until for one in standings)

    def with_destination_state(self, destination: str, standing: DestinationState) -> Row:
        """Replace what one destination has."""
        return replace(self, destination_states={**self.destination_states, destination: standing})

    def with_done(self, delivery: str) -> Row:
        """Remember a delivery as done, the last 32 of them."""
        kept = tuple(one for one in self.done if one != delivery)
        return replace(self, done=(*kept, delivery)[-DONE_KEPT:])

    def with_register(self, name: str, register: Register) -> Row:
        """Set a register, unless a newer value is there."""
        there = self.registers.get(name)
        if there is not None and there.at > register.at:
            return self
        return replace(self, registers={**self.registers, name: register})

    def lasting(self, now: float) -> Row:
        """Set when the row may be forgotten."""
        span = LIFETIME[self.entity.kind]
        if self.tombstone is not None:
            span = TOMBSTONE_LIFETIME
        return replace(self, expires=None if span is None else int(now) + span)

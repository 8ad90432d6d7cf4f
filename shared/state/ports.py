"""The ports of a delivery: ledger, visitors and journal, in DynamoDB or in tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from msgspec import field

from shared.model.entity import Entity
from shared.model.value import Value
from shared.model.visitor import Visitor
from shared.state.journal import JournalEntry
from shared.state.row import DestinationState, Lease, Row


class Intent(Value):
    """
    An event that is about to be sent to a destination, recorded before it is sent.

    The claim refuses it if an earlier event forbids it: with ``again`` (it may be sent again after
    an unknown outcome) any sent event; without, an intended one if ``once``; and otherwise an
    intended one whose key is not smaller. The record is the key and the ``token`` of the attempt
    that will send it, so that a later attempt recognises an intent of one of its
    ``abandoned_tokens``: nothing was sent with it, and it forbids nothing.
    """

    key: str
    once: bool
    again: bool
    token: str = ""
    abandoned_tokens: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """The text that the claim records. It sorts by the key, and after the key alone."""
        return f"{self.key} {self.token}" if self.token else self.key

    @property
    def abandoned(self) -> frozenset[str]:
        """The texts that earlier attempts recorded without sending the event."""
        return frozenset(f"{self.key} {token}" for token in self.abandoned_tokens)

    def forbidden_by(self, state: DestinationState) -> bool:
        """Return whether the sent or intended event of a destination forbids this one."""
        recorded = state.sent if self.again else state.intended
        if recorded is None or recorded in self.abandoned:
            return False
        return self.once or recorded >= self.key


class Claim(Value):
    """
    A request for the lease of an entity, with what must be written before anything is sent.

    ``delivery`` is checked against the completed deliveries; None skips the check. The hashes of
    ``destinations`` are removed. ``variants`` are added to the known ones.
    """

    entity: Entity
    lease: Lease
    now: float
    delivery: str | None
    destinations: frozenset[str]
    variants: frozenset[str] = frozenset()
    intents: Mapping[str, Intent] = field(default_factory=dict)


class Claimed(Value):
    """
    The claim succeeded. ``row`` is the row from before, without the lease; ``abandoned`` is the end
    of a lease that its holder never released. ``refused`` are destinations whose event was sent.
    """

    row: Row
    abandoned: float | None = None
    refused: frozenset[str] = frozenset()


class Busy(Value):
    """Another delivery of the same entity holds the lease."""


class Duplicate(Value):
    """The delivery was completed before; nothing was written."""


class Ledger(Protocol):
    """
    Rows of entities. Every method raises LedgerUnavailable if there is no response.

    ``claim`` and ``commit`` are the two writes of an ordinary webhook.
    """

    def claim(self, claim: Claim) -> Claimed | Busy | Duplicate:
        """Take the lease of an entity, atomically with everything that the claim records."""
        ...

    def commit(self, row: Row, token: str, entry: JournalEntry | None = None) -> bool:
        """
        Write the row and release the lease, together with a journal ``entry``; return False if the
        lease is no longer held.
        """
        ...

    def redacted(self, people: Iterable[Entity]) -> Mapping[Entity, str]:
        """Return which people were redacted, and at which `instant`."""
        ...

    def known_variants(self, products: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return the known variants (`variant_key`) of products by their ids."""
        ...

    def paused(self, destinations: Iterable[str]) -> frozenset[str]:
        """Return which destinations are paused."""
        ...


class Visitors(Protocol):
    """
    The browser identities of visitors, by name: a cart, a checkout, an order or a person. Every
    method raises LedgerUnavailable if there is no response.
    """

    def find(self, names: Iterable[Entity]) -> Mapping[Entity, Visitor]:
        """Return the known visitors by name."""
        ...

    def keep(self, names: Iterable[Entity], visitor: Visitor) -> None:
        """
        Store a visitor under each of these names and replace the one before; an empty visitor
        replaces none. Names that are stored together are erased together.
        """
        ...

    def register(self, name: Entity, visitor: Visitor, instead: str | None = None) -> Visitor:
        """
        Store a visitor whose device is new, or ``instead`` of one that its platform does not know
        any more; return the visitor who is stored afterwards. It is another one if one with another
        device was stored first, and has not expired.
        """
        ...

    def forget(self, names: Iterable[Entity]) -> int:
        """
        Erase the visitors of these names, and transitively of all carts, checkouts and orders that
        they were stored with; other people stay. Return how many there were.
        """
        ...

    def purge(self, deadline: float) -> int:
        """
        Erase every visitor. Raise LedgerUnavailable too if the deadline (epoch seconds) comes
        first: visitors who were erased stay erased.
        """
        ...


class Journal(Protocol):
    """The outcomes of webhooks. Raises LedgerUnavailable if there is no response."""

    def write(self, entry: JournalEntry) -> None:
        """Write an entry without a commit."""
        ...

"""What the pipeline needs of a ledger. DynamoDB is one; tests have others."""

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
    An event that is about to be told to a destination, written down before it is sent.

    The claim refuses it when an event was told that forbids it: with ``again`` (it may be told
    again after an unknown outcome) any told event; without, an intended one, when ``once``; and
    otherwise an intended one whose key is not smaller. What is written down is the key and the
    ``token`` of the try that will tell it, so that a later try knows an intent that one of its
    ``abandoned_tokens`` wrote: nothing was told under it, and it forbids nothing.
    """

    key: str
    once: bool
    again: bool
    token: str = ""
    abandoned_tokens: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """What the claim writes down. It sorts by the key, and behind the key alone."""
        return f"{self.key} {self.token}" if self.token else self.key

    @property
    def abandoned(self) -> frozenset[str]:
        """What earlier tries of ours wrote down and did not tell."""
        return frozenset(f"{self.key} {token}" for token in self.abandoned_tokens)

    def forbidden_by(self, standing: DestinationState) -> bool:
        """Tell whether what a destination was told, or shall be told, forbids the event."""
        there = standing.sent if self.again else standing.intended
        if there is None or there in self.abandoned:
            return False
        return self.once or there >= self.key


class Claim(Value):
    """
    A wish to work on an entity: the new lease, and what must be written before anything is sent.

    ``delivery`` is checked against the deliveries that are done; None does not check. The hashes of
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
    The lease is ours. ``row`` is as it was before, without the lease; ``abandoned`` is when the
    lease ended that its holder never gave back. ``refused`` are destinations whose event was told.
    """

    row: Row
    abandoned: float | None = None
    refused: frozenset[str] = frozenset()


class Busy(Value):
    """Another delivery of the same entity is being worked on."""


class Duplicate(Value):
    """The delivery is done; nothing was written."""


class Ledger(Protocol):
    """
    Rows of entities. Every method raises LedgerUnavailable when it gets no answer.

    ``claim`` and ``commit`` are the two writes of an ordinary webhook.
    """

    def claim(self, claim: Claim) -> Claimed | Busy | Duplicate:
        """Take the lease of an entity, atomically with everything the claim writes down."""
        ...

    def commit(self, row: Row, token: str, note: JournalEntry | None = None) -> bool:
        """
        Write the row and give the lease back; False when the lease is no longer ours. A ``note``
        goes into the journal with it.
        """
        ...

    def redacted(self, people: Iterable[Entity]) -> Mapping[Entity, str]:
        """Tell which people were redacted, and at which `instant`."""
        ...

    def known_variants(self, products: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Give the known variants (`variant_key`) of products by their ids."""
        ...

    def paused(self, destinations: Iterable[str]) -> frozenset[str]:
        """Tell which destinations are paused."""
        ...


class Visitors(Protocol):
    """
    Who somebody is in the browser, by the names of what is theirs: a cart, a checkout, an order, a
    person. Every method raises LedgerUnavailable when it gets no answer.
    """

    def find(self, names: Iterable[Entity]) -> Mapping[Entity, Visitor]:
        """Give the visitors that are known, by name."""
        ...

    def keep(self, names: Iterable[Entity], visitor: Visitor) -> None:
        """
        Remember a visitor under each of these names, in place of whoever was there; one of whom
        nothing is known takes nobody's place. Names that are given at one time are forgotten
        together.
        """
        ...

    def register(self, name: Entity, visitor: Visitor, instead: str | None = None) -> Visitor:
        """
        Remember a visitor whose device is new, or comes ``instead`` of one that its platform knows
        no more; gives who stands there afterwards, which is another when one with another device
        was there first, and is not too old.
        """
        ...

    def forget(self, names: Iterable[Entity]) -> int:
        """
        Forget the visitors of these names and of all carts, checkouts and orders that they were
        remembered with, of those too, and so on; other people stay. Gives how many there were.
        """
        ...

    def purge(self, deadline: float) -> int:
        """
        Forget every visitor. Raises LedgerUnavailable too when the deadline (epoch seconds) comes
        first: who was forgotten until then stays forgotten.
        """
        ...


class Journal(Protocol):
    """What became of webhooks. Raises LedgerUnavailable when it gets no answer."""

    def write(self, note: JournalEntry) -> None:
        """Write a note that no commit goes along with."""
        ...

"""The contract of a source: a frozen record of functions that translate webhooks into changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import field

from shared.model.change import Change
from shared.model.entity import Entity
from shared.model.value import Hidden, Value
from shared.queue.envelope import Envelope
from shared.state.store_reads import StoreRead


class DataRequested(Value):
    """A person requests the data that is stored about them; the merchant must be notified."""

    people: tuple[Entity, ...]
    orders: tuple[Entity, ...]


class Redacted(Value):
    """
    These people and orders must be deleted from our own stores too. ``repeats`` is the `instant` of
    the first request with the same body: what came since stays. It is empty for the first one.
    """

    people: tuple[Entity, ...]
    orders: tuple[Entity, ...]
    repeats: str = ""


class ShopRedacted(Value):
    """All data of the shop must be deleted from our own stores."""


class Uninstalled(Value):
    """The shop removed the app: it sends no more webhooks."""


class Forget(Value):
    """A manual request to erase a person, under each known name, and orders."""

    email: Hidden[str | None] = None
    id: str | None = None
    orders: tuple[str, ...] = ()


Notice = DataRequested | Redacted | ShopRedacted | Uninstalled


class Translated(Value):
    """
    The result of translating a webhook. ``ignored`` is the reason why it has no effect. ``counts``
    are metric names. ``tracked`` maps the ids of inventory items to whether their stock is tracked.
    ``odd_fields`` are the paths of fields of an unexpected type, which were converted or omitted.
    ``read`` is the read of the store behind it: it ends when the changes are safe.
    """

    changes: tuple[Change, ...] = ()
    notice: Notice | None = None
    counts: tuple[str, ...] = ()
    ignored: str = ""
    tracked: Mapping[str, bool] = field(default_factory=dict)
    odd_fields: tuple[str, ...] = ()
    read: StoreRead | None = None


class Ports(Protocol):
    """The outside services that a translation may use."""

    def now(self) -> float:
        """Return the current time, in epoch seconds."""
        ...

    def pseudonym(self, email: str) -> str:
        """Return the keyed hash of a lower-cased e-mail address, in hexadecimal."""
        ...

    def tracked(self, items: frozenset[str]) -> Mapping[str, bool]:
        """Return whether the stock of each known inventory item is tracked, by item id."""
        ...

    def known(self, entities: frozenset[Entity]) -> frozenset[Entity]:
        """Return those of the entities that were ever sent to any destination."""
        ...

    def recall(self, names: frozenset[str]) -> Mapping[str, str]:
        """Return the remembered facts of the shop under these names that have not expired."""
        ...

    def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
        """Store facts about the shop for this many seconds; without a limit where it is None."""
        ...

    def begin_read(self, entity: Entity, received_at: str) -> StoreRead:
        """
        Begin to read an entity from the store, for a webhook that was received at that `instant`.

        Raise StoreReadLater while another delivery reads it, and StoreReadSince if it was read
        since, and its changes are safe.
        """
        ...

    def end_read(self, read: StoreRead, *, settled: bool) -> None:
        """End a read; ``settled``: its changes are delivered, parked or dead-lettered."""
        ...


def _never(_raw: bytes, _headers: Mapping[str, str]) -> bool:
    return False


def _unknown_ids(_envelope: Envelope) -> None:
    return None


class Source(Value):
    """
    A shop platform for one merchant.

    ``verify`` checks the signature over the raw bytes and raises NotAuthentic. ``to_envelope``
    builds the envelope and raises NotOurs or Incomplete. ``translate`` (envelope, deadline in epoch
    seconds) raises NotUnderstood or StoreUnavailable. ``handled`` are the topics that are
    translated, ``ignored`` the others, each with its reason, and ``redactions`` the handled topics
    that request an erasure. Header names are lower-case everywhere. ``is_ping`` recognises a
    request that is no webhook: it is unsigned, gets a 200 response and has no effect.
    ``find_person_ids`` returns the people and orders whose ids are in a body, even in one that
    cannot be translated, without a query; None where any number in the body may be such an id.
    """

    name: str
    verify: Hidden[Callable[[bytes, Mapping[str, str]], None]]
    to_envelope: Hidden[Callable[[bytes, Mapping[str, str], float], Envelope]]
    translate: Hidden[Callable[[Envelope, float], Translated]]
    handled: frozenset[str]
    ignored: Mapping[str, str]
    redactions: frozenset[str] = frozenset()
    queued: bool = False
    is_ping: Hidden[Callable[[bytes, Mapping[str, str]], bool]] = _never
    find_person_ids: Hidden[Callable[[Envelope], frozenset[Entity] | None]] = _unknown_ids

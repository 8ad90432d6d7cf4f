"""What a source is: a frozen record of functions that turn foreign requests into our words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import field

from shared.model.change import Change
from shared.model.entity import Entity
from shared.model.value import Hidden, Value
from shared.queue.envelope import Envelope


class DataRequested(Value):
    """A person asks what is held about them; the merchant must be told."""

    people: tuple[Entity, ...]
    orders: tuple[Entity, ...]


class Redacted(Value):
    """These people and orders must leave no trace in our own stores either."""

    people: tuple[Entity, ...]
    orders: tuple[Entity, ...]


class ShopRedacted(Value):
    """Everything of the shop must go from our own stores."""


class Uninstalled(Value):
    """The shop removed the app: no webhook will come any more."""


class Forget(Value):
    """A wish by hand that a person, under the names that are known, and orders be forgotten."""

    email: Hidden[str | None] = None
    id: str | None = None
    orders: tuple[str, ...] = ()


Notice = DataRequested | Redacted | ShopRedacted | Uninstalled


class Translated(Value):
    """
    What a webhook means. ``ignored`` is the reason why it means nothing. ``counts`` are names of
    metrics. ``tracked`` is what was learned about inventory items (id -> whether it is counted).
    """

    changes: tuple[Change, ...] = ()
    notice: Notice | None = None
    counts: tuple[str, ...] = ()
    ignored: str = ""
    tracked: Mapping[str, bool] = field(default_factory=dict)


class Ports(Protocol):
    """What a translation may ask of the outside."""

    def now(self) -> float:
        """Tell the time, in epoch seconds."""
        ...

    def pseudonym(self, email: str) -> str:
        """Give the keyed hash of a lower-cased e-mail address, hexadecimal."""
        ...

    def tracked(self, items: frozenset[str]) -> Mapping[str, bool]:
        """Tell which inventory items are known to be counted (True) or not (False)."""
        ...

    def known(self, entities: frozenset[Entity]) -> frozenset[Entity]:
        """Tell which entities any platform was ever told of."""
        ...

    def recall(self, names: frozenset[str]) -> Mapping[str, str]:
        """Give what was remembered of the shop under these names, and is not too old."""
        ...

    def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
        """Remember something about the shop, for so long, or for good."""
        ...


def _never(_raw: bytes, _headers: Mapping[str, str]) -> bool:
    return False


def _anybody(_envelope: Envelope) -> None:
    return None


class Source(Value):
    """
    A shop platform for one merchant.

    ``verify`` checks the signature over raw bytes and raises NotAuthentic; ``admit`` makes the
    envelope and raises NotOurs or Incomplete; ``translate`` (envelope, deadline in epoch seconds)
    raises NotUnderstood or StoreUnavailable. ``handled`` are the topics that mean something,
    ``ignored`` those that do not, with the reason, ``redactions`` those that ask to forget people.
    Header names are lower-case everywhere. ``greets`` tells a request that is no webhook, and that
    the shop only wants to be answered 200: nobody signs it, and nothing is done. ``named`` gives
    the people and orders whose ids a body bears, also one that cannot be translated, and asks
    nobody; None where any number may be one.
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
    find_person_ids: Hidden[Callable[[Envelope], frozenset[Entity] | None]] = _anybody

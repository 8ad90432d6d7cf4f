"""The model of a shop's subscriptions, and the port that reads and writes them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import field

from shared.model.value import Value


class State(StrEnum):
    """Whether a subscription sends its topic; ``trimmed`` sends only a part of it."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    TRIMMED = "trimmed"


class Subscription(Value):
    """
    One subscription of a shop. ``version`` is that of its bodies, if the shop returns it. No shop
    returns the secret of a subscription.
    """

    id: str
    topic: str
    address: str
    state: State = State.ACTIVE
    version: str = ""


class Found(Value):
    """A shop's subscriptions. ``withheld`` are topics that it would reject now, with the reason."""

    subscriptions: tuple[Subscription, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)


class Wanted(Value):
    """
    The topics that a shop should send, and the address. Not every version of the shop supports an
    ``optional`` topic: its absence is no error.
    """

    topics: frozenset[str]
    address: str
    optional: frozenset[str] = frozenset()


class Subscriptions(Protocol):
    """The subscriptions of one shop. Deadlines are epoch seconds; all raise StoreUnavailable."""

    @property
    def topics(self) -> frozenset[str]:
        """The topics that are handled and can be subscribed to."""
        ...

    @property
    def optional(self) -> frozenset[str]:
        """Those of the topics that only newer versions of the shop support."""
        ...

    @property
    def by_hand(self) -> str:
        """The manual step of a person, with `ADDRESS` for our address; empty if there is none."""
        ...

    def look(self, deadline: float) -> Found:
        """Read all subscriptions that the shop returns, page by page."""
        ...

    def create(self, topic: str, address: str, deadline: float) -> None:
        """Subscribe; one that exists already is no error. Raise SubscriptionRefused."""
        ...

    def mend(self, subscription: Subscription, deadline: float) -> None:
        """Make it send all of its topic, with our secret. Raise SubscriptionRefused."""
        ...

    def delete(self, subscription: Subscription, deadline: float) -> None:
        """Unsubscribe; one that is deleted already is no error. Raise SubscriptionRefused."""
        ...

"""A shop's subscriptions in our words, and the port through which they are read and written."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import field

from shared.model.value import Value


class State(StrEnum):
    """Whether a subscription sends all of its topic; ``trimmed`` sends less than the whole."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    TRIMMED = "trimmed"


class Subscription(Value):
    """
    One subscription of a shop. ``version`` is that of the bodies it sends, where the shop tells.
    What it signs with is told by no shop.
    """

    id: str
    topic: str
    address: str
    state: State = State.ACTIVE
    version: str = ""


class Found(Value):
    """What a shop has. ``withheld`` are topics that it would refuse us as things are, and why."""

    subscriptions: tuple[Subscription, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)


class Wanted(Value):
    """
    What a shop should send, and where to. An ``optional`` topic is one that not every version of
    the shop knows: that it is missing is no fault.
    """

    topics: frozenset[str]
    address: str
    optional: frozenset[str] = frozenset()


class Subscriptions(Protocol):
    """The subscriptions of one shop. Deadlines are epoch seconds; all raise StoreUnavailable."""

    @property
    def topics(self) -> frozenset[str]:
        """The topics that mean something to us and can be subscribed to."""
        ...

    @property
    def optional(self) -> frozenset[str]:
        """Those of them that only newer versions of the shop know."""
        ...

    @property
    def by_hand(self) -> str:
        """What a person must write elsewhere, `ADDRESS` in it for ours; empty for nothing."""
        ...

    def look(self, deadline: float) -> Found:
        """Read all subscriptions that the shop shows us, page by page."""
        ...

    def create(self, topic: str, address: str, deadline: float) -> None:
        """Subscribe; one that is there already is none too many. Raises SubscriptionRefused."""
        ...

    def mend(self, subscription: Subscription, deadline: float) -> None:
        """Let it send all of its topic, signed with our secret. Raises SubscriptionRefused."""
        ...

    def delete(self, subscription: Subscription, deadline: float) -> None:
        """Unsubscribe; one that is gone already is no error. Raises SubscriptionRefused."""
        ...

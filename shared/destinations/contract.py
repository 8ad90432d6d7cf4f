"""The contract of a destination: a frozen record of pure functions. Nothing here does HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from msgspec import field

from shared.http.call import Call, Request
from shared.http.verdict import Response, Verdict
from shared.model.change import Change
from shared.model.entity import Entity
from shared.model.value import Hidden, Value
from shared.model.visitor import NOBODY, Visitor


class KnownState(Value):
    """
    What the ledger knows about one entity at one destination, before a change.

    ``known``: the destination has definitely accepted a version that was not a removal.
    ``touched``: it may hold something, for example of a call without a response. ``filled``: the
    optional fields that it may have, as the plans before named them; ``*`` where that is not known.
    ``variants``: keys (`variant_key`) of all variants that may be at the destination. ``stock``:
    the availability by variant id that is newer than the change, or that the change leaves open;
    None is sellable without a count, and a missing id is not stored. ``for_sale``: whether the
    newest full product was for sale, as far as is known. ``subscribed``: the newest
    consent of a person, None where there is none. ``visitor``: the ids of the shopper's browser.
    ``cart_sent``: the key of the event in which the cart behind the change was last sent to this
    destination (the text of its version), None where it was not sent.
    """

    known: bool = False
    touched: bool = False
    filled: frozenset[str] = frozenset()
    variants: frozenset[str] = frozenset()
    stock: Mapping[str, int | None] = field(default_factory=dict)
    for_sale: bool = True
    subscribed: bool | None = None
    visitor: Visitor = NOBODY
    cart_sent: str | None = None


class Plan(Value):
    """
    What to send for one change. ``state`` is what the destination will hold afterwards, as bytes:
    the ledger hashes it, and an equal hash means that nothing needs to be sent. It is empty for
    partial updates, and for events after which no state can be sent. A state without calls is one
    that the destination has already. ``filled`` names the optional fields that it then has, where
    an update cannot clear one: the ledger remembers them. ``counts`` are names of metrics;
    ``alarms`` are metrics that a person must act on.
    """

    calls: tuple[Call, ...] = ()
    state: Hidden[bytes] = b""
    filled: frozenset[str] = frozenset()
    counts: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


class Rule(StrEnum):
    """How often an event may be sent: ``once`` per entity, or once ``per version`` of it."""

    ONCE = "once"
    PER_VERSION = "per_version"


class Event(Value):
    """An event that a change becomes; ``again``: it is sent again after an unknown outcome."""

    name: str
    rule: Rule
    again: bool = False


class Brief(Value):
    """
    What a change becomes at a destination, decided once, when the change is claimed.

    ``event`` is the event that it becomes, if any: the ledger records it as intended before it is
    sent. ``visitor`` and ``cart`` are what must be looked up beside the entity's row: the visitor
    behind the change, and the row of one cart. ``omitted`` is the reason (a metric's name) why a
    change that could be an event is not sent as one.
    """

    event: Event | None = None
    visitor: bool = False
    cart: Entity | None = None
    omitted: str = ""


NO_BRIEF = Brief()


def _no_state(_change: Change) -> Plan | None:
    return None


def _as_known(_change: Change, visitor: Visitor) -> Visitor:
    return visitor


# Return the plan of one change. Raise NotExpressible with the path of what breaks the document.
Planner = Callable[[Any, KnownState, Brief], Plan]


class Destination(Value):
    """
    A platform for one merchant: a record of pure functions and tables.

    ``fingerprint`` changes when what the destination holds may no longer be what was sent: another
    URL, credential id or profile. ``brief`` decides once what a change is there. ``plans`` has the
    function that writes the calls for each type of change, ``unsupported`` the reason for each type
    that the platform's document has no call for. ``sign`` returns the request for a call; it alone
    knows the secret, and no plan holds it. ``judge`` reads a response, ``now`` in epoch seconds.

    ``identify`` is called before a plan for a change whose brief needs a visitor: it returns a call
    where the platform itself must be queried for ids (`judge` then returns `Identified`), else the
    visitor to store. ``forgets`` is False where no call erases a person. ``after_event`` plans the
    state of a thing whose event is not sent again, such as an order that comes back after it was
    cancelled; None where the event is all that the platform can be sent.
    """

    name: str
    fingerprint: str
    plans: Mapping[type[Change], Planner]
    unsupported: Mapping[type[Change], str] = field(default_factory=dict)
    brief: Callable[[Change], Brief]
    sign: Hidden[Callable[[Call], Request]]
    judge: Callable[[Call, Response, float], Verdict]
    identify: Callable[[Change, Visitor], Call | Visitor] = _as_known
    forgets: bool = True
    after_event: Callable[[Change], Plan | None] = _no_state

    def plan(self, change: Change, known: KnownState, brief: Brief | None = None) -> Plan:
        """
        Return the calls for a change; an empty plan for a type of change that has no planner.

        Raise NotExpressible with the path of what breaks the platform's document.
        """
        planner = self.plans.get(type(change))
        if planner is None:
            return Plan()
        return planner(change, known, self.brief(change) if brief is None else brief)

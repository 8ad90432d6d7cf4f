"""What a destination is: a frozen record of pure functions. Nothing here speaks HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from msgspec import field

from shared.http.call import Call
from shared.http.verdict import Response, Verdict
from shared.model.change import Change
from shared.model.entity import Entity
from shared.model.value import Hidden, Value
from shared.model.visitor import NOBODY, Visitor


class KnownState(Value):
    """
    What the ledger knows about one entity at one destination, before the change in hand.

    ``known``: the destination has definitely taken a version of it that was not a removal.
    ``variants``: names (`variant_key`) of all variants that may be at the destination.
    ``stock``: the newest availability per variant id that is newer than the row in hand, or that
    the row in hand cannot tell; None is sellable without a count. A missing id is not remembered.
    ``subscribed``: the newest consent of a person, None when never told. ``visitor`` is whom the
    change is of in the browser, as far as anybody knows. ``cart_told`` is the key of the event with
    which this destination was last told of the cart behind the change (the text of its version),
    None when it was not.
    """

    known: bool = False
    variants: frozenset[str] = frozenset()
    stock: Mapping[str, int | None] = field(default_factory=dict)
    subscribed: bool | None = None
    visitor: Visitor = NOBODY
    cart_sent: str | None = None


class Plan(Value):
    """
    What to send for one change. ``state`` is what the destination will hold afterwards, as bytes:
    the ledger hashes it, and an equal hash means that nothing needs to be sent. An event and a
    partial update leave it empty. With a state and no calls the destination has that state already.
    ``counts`` are names of metrics; ``alarms`` are those that a person must act on.
    """

    calls: tuple[Call, ...] = ()
    state: Hidden[bytes] = b""
    counts: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


class Need(Value):
    """What must be looked up for a change, beside its row: the visitor, and one cart's row."""

    visitor: bool = False
    cart: Entity | None = None


class Rule(StrEnum):
    """
    When an event may be told: ``once`` per entity, or once ``per version``; and whether it is told
    again after an unknown outcome.
    """

    ONCE = "once"
    PER_VERSION = "per_version"


class Event(Value):
    """An event that a change becomes at a destination. ``again`` after an unknown outcome."""

    name: str
    rule: Rule
    again: bool = False


def _nothing(_change: Change) -> Need:
    return Need()


def _as_known(_change: Change, visitor: Visitor) -> Visitor:
    return visitor


def _as_planned(call: Call) -> Call:
    return call


class Destination(Value):
    """
    A platform for one merchant.

    ``event`` tells which event, if any, a change becomes (the ledger writes it down as intended
    before anything is sent); ``plan`` writes the calls; ``sign`` gives the headers of a call, over
    exactly its bytes; ``judge`` reads an answer, ``now`` in epoch seconds. ``fingerprint`` changes
    when what the destination holds may no longer be what we sent: URL, credential id, profile.
    ``seal`` gives a call as it is sent, before it is signed, where a platform wants its secret in
    the body. These two alone know the secret: no plan holds it.

    ``need`` tells what of a change's memory must be looked up; nobody pays for what it does not
    name. ``meet`` is asked, before a plan, whom a change that needs a visitor is of: it gives a
    call when the platform itself must be asked for ids (`judge` then answers `Introduced`), and
    else the visitor as they are to be remembered. ``forgets`` is False where no call erases a
    person.
    """

    name: str
    fingerprint: str
    plan: Callable[[Change, KnownState], Plan]
    event: Callable[[Change], Event | None]
    sign: Hidden[Callable[[Call], Mapping[str, str]]]
    judge: Callable[[Call, Response, float], Verdict]
    need: Callable[[Change], Need] = _nothing
    meet: Callable[[Change, Visitor], Call | Visitor] = _as_known
    seal: Hidden[Callable[[Call], Call]] = _as_planned
    forgets: bool = True

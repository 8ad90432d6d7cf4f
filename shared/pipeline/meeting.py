"""Finding out, before a plan, whom a change is of in the browser."""

from __future__ import annotations

from collections.abc import Callable

from shared.delivery.call import Call
from shared.delivery.verdict import Final, Introduced, TryAgain, Unknown
from shared.destinations.contract import Destination
from shared.errors import LedgerUnavailable
from shared.model.change import Change
from shared.model.visitor import NOBODY, Visitor
from shared.pipeline.conversation import Held, Line, NoTime, introduce
from shared.pipeline.visits import Visit

_LOST = Held(reason="the visitors are out of reach")


def meet(
    destination: Destination,
    change: Change,
    visit: Visit,
    line: Line,
    held: Callable[[], Held | None],
) -> Visitor | Final | Held:
    """Give the visitor as the platform knows them, or why the change cannot be told now."""
    need = destination.need(change)
    if visit.lost and (need.visitor or need.cart):
        return _LOST
    if not need.visitor:
        return NOBODY
    try:
        wanted = destination.meet(change, visit.visitor)
        if isinstance(wanted, Visitor):
            return visit.seen(wanted)
        return held() or _introduced(destination, wanted, visit, line)
    except LedgerUnavailable:
        return _LOST


def _introduced(
    destination: Destination, call: Call, visit: Visit, line: Line
) -> Visitor | Final | Held:
    end = introduce(destination, call, line)
    match end:
        case Introduced(visitor=visitor):
            return visit.introduced(visitor)
        case NoTime():
            return Held(reason="no time left")
        case Unknown(reason=reason):
            # Nothing of the change was told: whoever was made known there is asked for again.
            return TryAgain(reason=reason)
        case _:
            return end

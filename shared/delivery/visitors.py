"""
Who the shopper behind a webhook is in the browser: looked up once, and only for destinations that
think in visitors. What the storefront wrote into the webhook is remembered under every name that
the webhook gives: its cart, its order, its customer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from threading import Lock

from msgspec import field

from shared.delivery.exchange import Deferred, ExchangeContext, OutOfTime, query_visitor
from shared.destinations.contract import Destination, KnownState
from shared.errors import LedgerUnavailable
from shared.http.call import Call
from shared.http.verdict import Final, Identified, OutcomeUnknown, Retry
from shared.model.change import Change, visitor_names, written_visitor
from shared.model.entity import Entity, Kind
from shared.model.value import Hidden, MutableValue, Value, replace
from shared.model.visitor import NOBODY, Visitor
from shared.state.ports import Visitors
from shared.state.row import Row


class WebhookVisitor(MutableValue):
    """
    The visitor of one webhook, the ``names`` under which they are remembered, and the rows of the
    ``carts`` that were asked for. ``people`` are those of the names who may have come with a newer
    browser since, as they are remembered. ``lost``: our own store could not be asked. Destinations
    share it side by side: what one learns takes nothing away from what another has learned.
    """

    store: Visitors
    names: tuple[Entity, ...] = ()
    visitor: Visitor = NOBODY
    people: Hidden[Mapping[Entity, Visitor]] = field(default_factory=dict)
    carts: Mapping[Entity, Row] = field(default_factory=dict)
    lost: bool = False
    _alone: Hidden[Lock] = field(default_factory=Lock)

    def register(self, visitor: Visitor) -> Visitor:
        """
        Remember the ids that a platform gave, unless somebody else was given some in the meantime:
        then those stand. Raises LedgerUnavailable.
        """
        # A platform that gives another device than it was asked for does not know that one.
        before, there = self.visitor.device_id, visitor.over(self.visitor)
        if self.names:
            there = self.store.register(self.names[0], there, before)
        self._learn(there)
        if self.names[1:] or self.visitor != there:
            self.keep()
        return self.visitor

    def seen(self, visitor: Visitor) -> Visitor:
        """Remember that a session goes on. Raises LedgerUnavailable."""
        if self._learn(visitor):
            self.keep()
        return self.visitor

    def _learn(self, visitor: Visitor) -> bool:
        """Add what is known of the visitor now; tell whether it is news."""
        with self._alone:
            before, self.visitor = self.visitor, _latest(visitor, self.visitor)
            return self.visitor != before

    def keep(self) -> None:
        """
        Remember the visitor, and again when another destination learned something meanwhile.
        Raises LedgerUnavailable.
        """
        while True:
            whole = self.visitor
            self.store.keep([name for name in self.names if name not in self.people], whole)
            for name, own in self.people.items():
                if (theirs := _their_own(own, whole)) != own:
                    self.store.keep([name], theirs)
            if self.visitor is whole:
                return

    def remembered(
        self, memory: KnownState, destination: Destination, change: Change
    ) -> KnownState:
        """Add what a destination needs for a change to what it is told of the row."""
        need = destination.need(change)
        cart = self.carts.get(need.cart) if need.cart else None
        return replace(
            memory,
            visitor=self.visitor if need.visitor else NOBODY,
            cart_sent=cart.destination_state(destination.name).sent if cart else None,
        )


class VisitorLookup(Value):
    """Finds visitors, for the destinations of one merchant; ``row`` reads the ledger's."""

    store: Visitors
    row: Callable[[Entity], Row | None]
    destinations: Mapping[str, Destination]

    def of(self, changes: Sequence[Change], names: Sequence[str]) -> WebhookVisitor:
        """Find the visitor of a webhook's changes, if any of these destinations needs to know."""
        needs = [self.destinations[name].need(change) for name in names for change in changes]
        visit = WebhookVisitor(store=self.store)
        try:
            visit.carts = self._carts(frozenset(need.cart for need in needs if need.cart))
            if any(need.visitor for need in needs):
                # Of what is told no more, such as an old order, no browser is the newest.
                newest = any(self.destinations[name].need(changes[-1]).visitor for name in names)
                self._find(visit, changes, newest=newest)
        except LedgerUnavailable:
            visit.lost = True
        return visit

    def _carts(self, wanted: frozenset[Entity]) -> dict[Entity, Row]:
        return {cart: row for cart in sorted(wanted) if (row := self.row(cart))}

    def _find(self, visit: WebhookVisitor, changes: Sequence[Change], *, newest: bool) -> None:
        # The main change is the last; what it belongs to is surer than who else is named.
        main_first = changes[::-1]
        visit.names = tuple(
            dict.fromkeys(one for each in main_first for one in visitor_names(each))
        )
        found = self.store.find(visit.names)
        written = [written_visitor(each) for each in main_first]
        known = [found.get(name, NOBODY) for name in visit.names]
        visit.visitor = reduce(lambda newer, older: newer.over(older), (*written, *known), NOBODY)
        visit.people = {} if newest and _new(visit.names, found) else _people(found)
        if any(_news(name, found.get(name), visit) for name in visit.names):
            visit.keep()


def _latest(visitor: Visitor, known: Visitor) -> Visitor:
    """Give what both know; of one device's sessions the one that was used last."""
    whole = visitor.over(known)
    if whole.device_id != known.device_id or (whole.seen_at or "") >= (known.seen_at or ""):
        return whole
    return replace(whole, session_id=known.session_id, seen_at=known.seen_at)


def _new(names: Iterable[Entity], found: Mapping[Entity, Visitor]) -> bool:
    """Tell whether a cart, checkout or order is heard of for the first time."""
    return any(name.kind is not Kind.PERSON and name not in found for name in names)


def _people(found: Mapping[Entity, Visitor]) -> dict[Entity, Visitor]:
    return {name: visitor for name, visitor in found.items() if name.kind is Kind.PERSON}


def _their_own(known: Visitor, visitor: Visitor) -> Visitor:
    """
    Give what a person is remembered as after a visit that is not their newest: an old order that
    is changed leads them back to no old browser. What was not known it tells all the same.
    """
    return _latest(known.over(visitor), visitor)


def _news(name: Entity, known: Visitor | None, visit: WebhookVisitor) -> bool:
    """Tell whether a name does not yet lead to the visitor; a session alone is no news."""
    if known is None:
        return bool(visit.visitor)
    there = _their_own(known, visit.visitor) if name in visit.people else visit.visitor
    return _lasting(known) != _lasting(there)


def _lasting(visitor: Visitor) -> Visitor:
    return replace(visitor, session_id=None, seen_at=None)


_LOST = Deferred(reason="the visitors are out of reach")


def identify(
    destination: Destination,
    change: Change,
    visit: WebhookVisitor,
    line: ExchangeContext,
    held: Callable[[], Deferred | None],
) -> Visitor | Final | Deferred:
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
    destination: Destination, call: Call, visit: WebhookVisitor, line: ExchangeContext
) -> Visitor | Final | Deferred:
    end = query_visitor(destination, call, line)
    match end:
        case Identified(visitor=visitor):
            return visit.register(visitor)
        case OutOfTime():
            return Deferred(reason="no time left")
        case OutcomeUnknown(reason=reason):
            # Nothing of the change was told: whoever was made known there is asked for again.
            return Retry(reason=reason)
        case _:
            return end

"""
The visitor (the shopper's browser) behind a webhook: looked up once, and only for destinations
that need visitor ids. The ids that the storefront wrote into a webhook are stored under every
entity that the webhook names: its cart, its order, its customer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from threading import Lock
from typing import Protocol

from msgspec import field

from shared.delivery.exchange import ExchangeContext, OutOfTime, query_visitor
from shared.destinations.contract import Brief, Destination, KnownState
from shared.errors import LedgerUnavailable
from shared.http.call import Call
from shared.http.verdict import Identified, OutcomeUnknown, Rejected, Retry
from shared.model.change import Change, visitor_names, written_visitor
from shared.model.entity import Entity, Kind
from shared.model.value import Hidden, MutableValue, Value, replace
from shared.model.visitor import NOBODY, Visitor
from shared.state.outcome import Deferred, Failed, Outcome
from shared.state.ports import Visitors
from shared.state.row import Row


class WebhookVisitor(MutableValue):
    """
    The visitor of one webhook, the ``names`` (entities) under which they are stored, and the rows
    of the ``carts`` that a destination needs. ``people`` are those of the names that may have used
    a newer browser since, with the visitor stored for each. ``lost``: the visitors' store was
    unavailable. Destinations share this object in parallel: ids that one adds never remove ids that
    another has added.
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
        Store the ids that a platform returned, unless a concurrent delivery stored other ids first.

        Return the visitor that is stored afterwards. Raise LedgerUnavailable.
        """
        # A platform that returns another device than the one in the query does not know that one.
        before, there = self.visitor.device_id, visitor.over(self.visitor)
        if self.names:
            there = self.store.register(self.names[0], there, before)
        self._add(there)
        if self.names[1:] or self.visitor != there:
            self.keep()
        return self.visitor

    def seen(self, visitor: Visitor) -> Visitor:
        """Store that a session is still in use. Raise LedgerUnavailable."""
        if self._add(visitor):
            self.keep()
        return self.visitor

    def _add(self, visitor: Visitor) -> bool:
        """Add ids to the visitor; return whether that changed anything."""
        with self._alone:
            before, self.visitor = self.visitor, _latest(visitor, self.visitor)
            return self.visitor != before

    def keep(self) -> None:
        """
        Store the visitor, and again when another destination added ids meanwhile.

        Raise LedgerUnavailable.
        """
        while True:
            whole = self.visitor
            self.store.keep([name for name in self.names if name not in self.people], whole)
            for name, own in self.people.items():
                if (theirs := _kept_for_person(own, whole)) != own:
                    self.store.keep([name], theirs)
            if self.visitor is whole:
                return

    def complete(self, known: KnownState, name: str, brief: Brief) -> KnownState:
        """Return what a destination knows, with the visitor and the cart that its brief needs."""
        cart = self.carts.get(brief.cart) if brief.cart else None
        return replace(
            known,
            visitor=self.visitor if brief.visitor else NOBODY,
            cart_sent=cart.destination_state(name).sent if cart else None,
        )


class Briefed(Protocol):
    """A change with the brief of each destination that it is for."""

    @property
    def change(self) -> Change:
        """The change."""

    @property
    def briefs(self) -> Mapping[str, Brief]:
        """The briefs by destination."""


class VisitorLookup(Value):
    """Finds the visitors behind the webhooks of one merchant; ``row`` reads the ledger's."""

    store: Visitors
    row: Callable[[Entity], Row | None]

    def of(self, claimed: Sequence[Briefed]) -> WebhookVisitor:
        """Find the visitor behind a webhook's changes, if a destination needs to know."""
        briefs = [brief for one in claimed for brief in one.briefs.values()]
        found = WebhookVisitor(store=self.store)
        try:
            found.carts = self._carts(frozenset(one.cart for one in briefs if one.cart))
            if any(one.visitor for one in briefs):
                # An old order, which is not sent any more, does not name the newest browser.
                newest = any(one.visitor for one in claimed[-1].briefs.values())
                self._find(found, [one.change for one in claimed], newest=newest)
        except LedgerUnavailable:
            found.lost = True
        return found

    def _carts(self, wanted: frozenset[Entity]) -> dict[Entity, Row]:
        return {cart: row for cart in sorted(wanted) if (row := self.row(cart))}

    def _find(self, visit: WebhookVisitor, changes: Sequence[Change], *, newest: bool) -> None:
        # The main change is the last; its own entities are more reliable than others that it names.
        main_first = changes[::-1]
        visit.names = tuple(
            dict.fromkeys(one for each in main_first for one in visitor_names(each))
        )
        found = self.store.find(visit.names)
        written = [written_visitor(each) for each in main_first]
        known = [found.get(name, NOBODY) for name in visit.names]
        visit.visitor = reduce(lambda newer, older: newer.over(older), (*written, *known), NOBODY)
        visit.people = {} if newest and _new(visit.names, found) else _people(found)
        if any(_must_store(name, found.get(name), visit) for name in visit.names):
            visit.keep()


def _latest(visitor: Visitor, known: Visitor) -> Visitor:
    """Return the ids of both; of the sessions of one device the one that was used last."""
    whole = visitor.over(known)
    if whole.device_id != known.device_id or (whole.seen_at or "") >= (known.seen_at or ""):
        return whole
    return replace(whole, session_id=known.session_id, seen_at=known.seen_at)


def _new(names: Iterable[Entity], found: Mapping[Entity, Visitor]) -> bool:
    """Return whether a cart, checkout or order is named for the first time."""
    return any(name.kind is not Kind.PERSON and name not in found for name in names)


def _people(found: Mapping[Entity, Visitor]) -> dict[Entity, Visitor]:
    return {name: visitor for name, visitor in found.items() if name.kind is Kind.PERSON}


def _kept_for_person(known: Visitor, visitor: Visitor) -> Visitor:
    """
    Return the visitor to store for a person after a visit that is not their newest: a change to an
    old order does not bring an old browser back, but adds ids that were not known.
    """
    return _latest(known.over(visitor), visitor)


def _must_store(name: Entity, known: Visitor | None, visit: WebhookVisitor) -> bool:
    """Return whether the visitor must be stored again under a name; a new session is no reason."""
    if known is None:
        return bool(visit.visitor)
    there = _kept_for_person(known, visit.visitor) if name in visit.people else visit.visitor
    return _without_session(known) != _without_session(there)


def _without_session(visitor: Visitor) -> Visitor:
    return replace(visitor, session_id=None, seen_at=None)


_LOST = Deferred(reason="the visitors are out of reach")


def identify(
    destination: Destination,
    change: Change,
    brief: Brief,
    visit: WebhookVisitor,
    query: Callable[[Call], Visitor | Outcome],
) -> Visitor | Outcome:
    """
    Return the visitor as the platform knows them, or the outcome where the change cannot be sent
    now. ``query`` sends the call that asks the platform for a visitor's ids.
    """
    if visit.lost and (brief.visitor or brief.cart):
        return _LOST
    if not brief.visitor:
        return NOBODY
    try:
        wanted = destination.identify(change, visit.visitor)
        if isinstance(wanted, Visitor):
            return visit.seen(wanted)
        answered = query(wanted)
        return visit.register(answered) if isinstance(answered, Visitor) else answered
    except LedgerUnavailable:
        return _LOST


def query_ids(destination: Destination, call: Call, context: ExchangeContext) -> Visitor | Outcome:
    """Ask a platform for a visitor's ids, and return them or the outcome."""
    match query_visitor(destination, call, context):
        case Identified(visitor=visitor):
            return visitor
        case OutOfTime():
            return Deferred(reason="no time left")
        case OutcomeUnknown(reason=reason):
            # Nothing of the change was sent: a visitor who was registered there is queried again.
            return Failed(failure=Retry(reason=reason))
        case Retry() | Rejected() as failure:
            return Failed(failure=failure)
        case _:
            return Failed(failure=Rejected(reason="the response has no ids"))

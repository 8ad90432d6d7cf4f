"""
Who the shopper behind a webhook is in the browser: looked up once, and only for destinations that
think in visitors. What the storefront wrote into the webhook is remembered under every name that
the webhook gives: its cart, its order, its customer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from threading import Lock

from shared.destinations.contract import Destination, Memory
from shared.errors import LedgerUnavailable
from shared.model.change import Change, visitor_names, written_visitor
from shared.model.entity import Entity, Kind
from shared.model.visitor import NOBODY, Visitor
from shared.state.ports import Visitors
from shared.state.row import Row


@dataclass(slots=True, kw_only=True)
class Visit:
    """
    The visitor of one webhook, the ``names`` under which they are remembered, and the rows of the
    ``carts`` that were asked for. ``lost``: our own store could not be asked. Destinations share it
    side by side: what one learns takes nothing away from what another has learned.
    """

    store: Visitors
    names: tuple[Entity, ...] = ()
    visitor: Visitor = NOBODY
    carts: Mapping[Entity, Row] = field(default_factory=dict)
    lost: bool = False
    _alone: Lock = field(default_factory=Lock, repr=False)

    def introduced(self, visitor: Visitor) -> Visitor:
        """
        Remember the ids that a platform gave, unless somebody else was given some in the meantime:
        then those stand. Raises LedgerUnavailable.
        """
        there = visitor.over(self.visitor)
        if self.names:
            there = self.store.introduce(self.names[0], there)
        self._learn(there)
        if self.names[1:] or self.visitor != there:
            self._keep()
        return self.visitor

    def seen(self, visitor: Visitor) -> Visitor:
        """Remember that a session goes on. Raises LedgerUnavailable."""
        if self._learn(visitor):
            self._keep()
        return self.visitor

    def _learn(self, visitor: Visitor) -> bool:
        """Add what is known of the visitor now; tell whether it is news."""
        with self._alone:
            before, self.visitor = self.visitor, _latest(visitor, self.visitor)
            return self.visitor != before

    def _keep(self) -> None:
        """Remember the visitor, and again when another destination learned something meanwhile."""
        while True:
            whole = self.visitor
            self.store.keep(self.names, whole)
            if self.visitor is whole:
                return

    def remembered(self, memory: Memory, destination: Destination, change: Change) -> Memory:
        """Add what a destination needs for a change to what it is told of the row."""
        need = destination.need(change)
        cart = self.carts.get(need.cart) if need.cart else None
        return replace(
            memory,
            visitor=self.visitor if need.visitor else NOBODY,
            cart_told=cart.standing(destination.name).told if cart else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Finds visitors, for the destinations of one merchant; ``row`` reads the ledger's."""

    store: Visitors
    row: Callable[[Entity], Row | None]
    destinations: Mapping[str, Destination]

    def of(self, changes: Sequence[Change], names: Iterable[str]) -> Visit:
        """Find the visitor of a webhook's changes, if any of these destinations needs to know."""
        needs = [self.destinations[name].need(change) for name in names for change in changes]
        visit = Visit(store=self.store)
        try:
            visit.carts = self._carts(frozenset(need.cart for need in needs if need.cart))
            if any(need.visitor for need in needs):
                self._find(visit, changes)
        except LedgerUnavailable:
            visit.lost = True
        return visit

    def _carts(self, wanted: frozenset[Entity]) -> dict[Entity, Row]:
        return {cart: row for cart in sorted(wanted) if (row := self.row(cart))}

    def _find(self, visit: Visit, changes: Sequence[Change]) -> None:
        # The main change is the last; what it belongs to is surer than who else is named.
        main_first = changes[::-1]
        visit.names = tuple(
            dict.fromkeys(one for each in main_first for one in visitor_names(each))
        )
        found = self.store.find(visit.names)
        written = [written_visitor(each) for each in main_first]
        known = [found.get(name, NOBODY) for name in visit.names]
        visit.visitor = reduce(lambda newer, older: newer.over(older), (*written, *known), NOBODY)
        if any(_news(name, found.get(name), visit.visitor) for name in visit.names):
            # All of them, for they are forgotten together.
            self.store.keep(visit.names, visit.visitor)


def _latest(visitor: Visitor, known: Visitor) -> Visitor:
    """Give what both know; of one device's sessions the one that was used last."""
    whole = visitor.over(known)
    if whole.did != known.did or (whole.seen_at or "") >= (known.seen_at or ""):
        return whole
    return replace(whole, seance=known.seance, seen_at=known.seen_at)


def _news(name: Entity, known: Visitor | None, visitor: Visitor) -> bool:
    """
    Tell whether a name does not yet lead to the visitor; a session alone is no news. Nor is another
    browser of a person: an old order that is changed is no visit of theirs.
    """
    if known is None:
        return bool(visitor)
    there = known.over(visitor) if name.kind is Kind.PERSON else visitor
    return _lasting(known) != _lasting(there)


def _lasting(visitor: Visitor) -> Visitor:
    return replace(visitor, seance=None, seen_at=None)

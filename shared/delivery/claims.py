"""Claim all entities that a webhook touches, and commit them with the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from shared.delivery import memory
from shared.delivery.attempt import ClaimedChange
from shared.destinations.contract import Brief, Destination
from shared.errors import LedgerUnavailable, NotUnderstood
from shared.model.change import CartSaved, Change, mentions
from shared.model.entity import Entity
from shared.model.order import Line
from shared.model.product import variant_key
from shared.model.value import Value, replace
from shared.queue.envelope import Envelope
from shared.state import rules
from shared.state.journal import JournalEntry
from shared.state.ports import Busy, Claim, Claimed, Duplicate, Ledger
from shared.state.row import Lease


class Claims(Value):
    """Claims and commits of one merchant. ``unsure``: seconds that an outcome stays unsure."""

    ledger: Ledger
    destinations: Mapping[str, Destination]
    clock: Callable[[], float]
    token: Callable[[], str]
    unsure: float

    def lease(self, until: float) -> Lease:
        """Return the lease of one attempt, the same for all entities that it touches."""
        return Lease(token=self.token(), until=until)

    def claim(
        self, envelope: Envelope, changes: tuple[Change, ...], names: tuple[str, ...], lease: Lease
    ) -> list[ClaimedChange] | Busy | Duplicate:
        """
        Claim the main entity first, because its row knows which deliveries are done; then the rest.

        Return the claimed changes in the order of ``changes``. Raise LedgerUnavailable.
        """
        # A webhook that names an entity twice must not wait for itself.
        changes = tuple({change.entity: change for change in changes}.values())
        redactions = self._redactions(changes)
        claimed: dict[int, ClaimedChange] = {}
        for index in reversed(range(len(changes))):
            briefs = self._briefs(changes[index], names)
            change = self._completed(changes[index], briefs)
            own = {name: briefs[name] for name in names}
            claim = self._claim(envelope, change, own, lease)
            if index < len(changes) - 1:
                claim = replace(claim, delivery=None)
            answer = self._take_lease(claim, claimed)
            if not isinstance(answer, Claimed):
                self._release(claimed.values())
                return answer
            claimed[index] = self._claimed(envelope, change, own, claim, answer)
        ordered = [claimed[index] for index in sorted(claimed)]
        _block_redacted(envelope, ordered, redactions)
        return ordered

    def _take_lease(
        self, claim: Claim, claimed: Mapping[int, ClaimedChange]
    ) -> Claimed | Busy | Duplicate:
        try:
            return self.ledger.claim(claim)
        except (LedgerUnavailable, NotUnderstood):
            self._release(claimed.values())
            raise

    def _redactions(self, changes: tuple[Change, ...]) -> dict[Entity, str]:
        """Return when the people whom changes name, beside their own entities, were redacted."""
        own = {change.entity for change in changes}
        people = {person for change in changes if (person := mentions(change))} - own
        return dict(self.ledger.redacted(people)) if people else {}

    def _briefs(self, change: Change, names: tuple[str, ...]) -> dict[str, Brief]:
        """Return the briefs of a change at the addressed destinations; of a cart, at all."""
        wanted = self.destinations if isinstance(change, CartSaved) else names
        return {name: self.destinations[name].brief(change) for name in wanted}

    def _completed(self, change: Change, briefs: Mapping[str, Brief]) -> Change:
        """Return a cart whose lines say, from the known variants, which are the product itself."""
        if not isinstance(change, CartSaved):
            return change
        if not any(brief.event for brief in briefs.values()):
            return change
        products = {line.product_id for line in change.cart.lines if line.default is None}
        known = self.ledger.known_variants(products) if products else {}
        lines = tuple(
            _line_with_default(line, known.get(line.product_id, frozenset()))
            if line.default is None
            else line
            for line in change.cart.lines
        )
        return replace(change, cart=replace(change.cart, lines=lines))

    def _claim(
        self, envelope: Envelope, change: Change, briefs: Mapping[str, Brief], lease: Lease
    ) -> Claim:
        unsent = envelope.unsent_tokens
        intents = {
            name: intent
            for name, brief in briefs.items()
            if (intent := memory.intent_of(change, brief.event, lease.token, unsent))
        }
        # An envelope whose earlier attempt sent nothing is not checked for a duplicate: a copy that
        # was completed since may have found the intent, and then has not sent the event either.
        first = envelope.destination is None and not (envelope.replays or envelope.unsent_tokens)
        return Claim(
            entity=change.entity,
            lease=lease,
            now=self.clock(),
            delivery=envelope.id if first and rules.version_of(change) else None,
            destinations=frozenset(briefs),
            variants=rules.variants_of(change),
            intents=intents,
        )

    def _claimed(
        self,
        envelope: Envelope,
        change: Change,
        briefs: Mapping[str, Brief],
        claim: Claim,
        claimed: Claimed,
    ) -> ClaimedChange:
        row = memory.without_abandoned_intents(claimed.row, claim.intents)
        if claimed.abandoned is not None:
            since = min(claimed.abandoned, claim.now)
            row = rules.doubted(row, since, frozenset(self.destinations), self.unsure)
        return ClaimedChange(
            change=change,
            row=row,
            token=claim.lease.token,
            refused=claimed.refused,
            blocked=rules.blocked(row, change, envelope.triggered_at),
            briefs=briefs,
        )

    def commit(
        self,
        envelope: Envelope,
        claimed: list[ClaimedChange],
        *,
        done: bool,
        entry: JournalEntry | None = None,
    ) -> bool:
        """
        Commit the other entities first and the main one last; return whether all were recorded.

        ``done`` makes a later copy of this delivery a duplicate. The journal's ``entry`` is written
        with the main entity. Raise NotUnderstood for a row that is too large for the ledger.
        """
        when = rules.AttemptTime(now=self.clock(), window=self.unsure)
        everywhere = frozenset(self.destinations)
        recorded, too_large = True, None
        for one in claimed:
            row = one.row
            if not one.blocked:
                row = rules.settle(row, one.change, one.outcomes, everywhere, when)
            # After a failed commit the delivery is parked again, and must not be a duplicate then.
            if done and recorded and envelope.destination is None:
                row = row.with_done(envelope.id)
            try:
                own = entry if one is claimed[-1] else None
                recorded = self.ledger.commit(row, one.token, own) and recorded
            except LedgerUnavailable:
                recorded = False
            except NotUnderstood as error:
                # The row is too large and is never written: release its lease all the same.
                recorded, too_large = False, error
                self._release([one])
        if too_large is not None:
            raise too_large
        return recorded

    def _release(self, claimed: Iterable[ClaimedChange]) -> None:
        for one in claimed:
            try:
                self.ledger.commit(one.row, one.token)
            except (LedgerUnavailable, NotUnderstood):
                continue  # the lease expires by itself


def _line_with_default(line: Line, known: frozenset[str]) -> Line:
    """Return a line that says whether its variant is the product itself, if that is known."""
    default = variant_key(line.variant_id or "", default=True) in known
    return replace(line, default=default, known=bool(known))


def _block_redacted(
    envelope: Envelope, claimed: list[ClaimedChange], redactions: dict[Entity, str]
) -> None:
    """Block changes that name a redacted person, also inside an order."""
    blocked = {one.row.entity for one in claimed if one.blocked}
    for one in claimed:
        who = mentions(one.change)
        ended = redactions.get(who, "") if who else ""
        before = rules.latest_time(one.change, envelope.triggered_at) <= ended
        one.blocked = one.blocked or before or who in blocked

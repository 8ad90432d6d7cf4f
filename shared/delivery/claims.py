"""
Taking the leases of all entities that a webhook touches, and giving them back with what became of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from shared.delivery import memory
from shared.delivery.attempt import ClaimedChange
from shared.destinations.contract import Destination
from shared.errors import LedgerUnavailable, NotUnderstood
from shared.model.change import CartSaved, Change, mentions
from shared.model.entity import Entity
from shared.model.product import variant_key
from shared.model.value import Value, replace
from shared.queue.envelope import Envelope
from shared.state import rules
from shared.state.journal import JournalEntry
from shared.state.ports import Busy, Claim, Claimed, Duplicate, Ledger
from shared.state.row import Lease


class Claims(Value):
    """Claims and commits of one merchant. ``unsure`` is how long an outcome stays unsure."""

    ledger: Ledger
    destinations: Mapping[str, Destination]
    clock: Callable[[], float]
    token: Callable[[], str]
    unsure: float

    def lease(self, until: float) -> Lease:
        """Make the lease of one try, the same for all entities that it touches."""
        return Lease(token=self.token(), until=until)

    def take(
        self, envelope: Envelope, changes: tuple[Change, ...], names: tuple[str, ...], lease: Lease
    ) -> list[ClaimedChange] | Busy | Duplicate:
        """
        Claim the main entity first, for it knows which deliveries are done; then the others.

        Raises LedgerUnavailable.
        """
        # A webhook that names an entity twice must not wait for itself.
        changes = tuple({change.entity: change for change in changes}.values())
        redactions = self._redactions(changes)
        works: dict[int, ClaimedChange] = {}
        for index in reversed(range(len(changes))):
            change = self._completed(changes[index])
            claim = self._claim(envelope, change, names, lease)
            if index < len(changes) - 1:
                claim = replace(claim, delivery=None)
            answer = self._asked(claim, works)
            if not isinstance(answer, Claimed):
                self._release(works.values())
                return answer
            works[index] = self._work(envelope, change, claim, answer)
        ordered = [works[index] for index in sorted(works)]
        _forbid(envelope, ordered, redactions)
        return ordered

    def _asked(
        self, claim: Claim, works: Mapping[int, ClaimedChange]
    ) -> Claimed | Busy | Duplicate:
        try:
            return self.ledger.claim(claim)
        except (LedgerUnavailable, NotUnderstood):
            self._release(works.values())
            raise

    def _redactions(self, changes: tuple[Change, ...]) -> dict[Entity, str]:
        own = {change.entity for change in changes}
        people = {person for change in changes if (person := mentions(change))} - own
        return dict(self.ledger.redacted(people)) if people else {}

    def _completed(self, change: Change) -> Change:
        """Tell, from the known variants, which lines of a cart stand for the product itself."""
        if not isinstance(change, CartSaved):
            return change
        if not any(one.event(change) for one in self.destinations.values()):
            return change
        products = {line.product_id for line in change.cart.lines if line.default is None}
        known = self.ledger.known_variants(products) if products else {}
        lines = tuple(
            replace(
                line,
                default=variant_key(line.variant_id, default=True)
                in known.get(line.product_id, frozenset()),
            )
            if line.default is None
            else line
            for line in change.cart.lines
        )
        return replace(change, cart=replace(change.cart, lines=lines))

    def _claim(
        self, envelope: Envelope, change: Change, names: tuple[str, ...], lease: Lease
    ) -> Claim:
        events = {name: self.destinations[name].event(change) for name in names}
        intents = {
            name: intent
            for name, event in events.items()
            if (intent := memory.intent_of(change, event, lease.token, envelope.unsent_tokens))
        }
        # What surely told nothing may still tell: a copy that found its intent told nothing either.
        first = envelope.destination is None and not (envelope.replays or envelope.unsent_tokens)
        return Claim(
            entity=change.entity,
            lease=lease,
            now=self.clock(),
            delivery=envelope.id if first and rules.version_of(change) else None,
            destinations=frozenset(names),
            variants=rules.variants_of(change),
            intents=intents,
        )

    def _work(
        self, envelope: Envelope, change: Change, claim: Claim, claimed: Claimed
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
        )

    def give_back(
        self,
        envelope: Envelope,
        works: list[ClaimedChange],
        *,
        done: bool,
        note: JournalEntry | None = None,
    ) -> bool:
        """
        Commit the others first and the main entity last; True when all was recorded.

        ``done`` makes a later copy of this delivery a duplicate. The journal's ``note`` goes along
        with the main entity.
        """
        when = rules.When(now=self.clock(), window=self.unsure)
        everywhere = frozenset(self.destinations)
        recorded, too_large = True, None
        for work in works:
            row = work.row
            if not work.blocked:
                row = rules.settle(row, work.change, work.settled, everywhere, when)
            # What is not recorded whole is parked again, and must not come back as a duplicate.
            if done and recorded and envelope.destination is None:
                row = row.with_done(envelope.id)
            try:
                own = note if work is works[-1] else None
                recorded = self.ledger.commit(row, work.token, own) and recorded
            except LedgerUnavailable:
                recorded = False
            except NotUnderstood as error:
                # A row that the ledger can never hold must not keep its lease as well.
                recorded, too_large = False, error
                self._release([work])
        if too_large is not None:
            raise too_large
        return recorded

    def _release(self, works: Iterable[ClaimedChange]) -> None:
        for work in works:
            try:
                self.ledger.commit(work.row, work.token)
            except (LedgerUnavailable, NotUnderstood):
                continue  # the lease runs out by itself


def _forbid(envelope: Envelope, works: list[ClaimedChange], redactions: dict[Entity, str]) -> None:
    """Block what names a redacted person, also when it arrives inside an order."""
    blocked = {work.row.entity for work in works if work.blocked}
    for work in works:
        who = mentions(work.change)
        ended = redactions.get(who, "") if who else ""
        before = rules.happened(work.change, envelope.triggered_at) <= ended
        work.blocked = work.blocked or before or who in blocked

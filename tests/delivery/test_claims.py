"""Taking the leases of all entities of a webhook, and giving them back."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from shared.delivery.attempt import ClaimedChange
from shared.delivery.claims import Claims
from shared.destinations.contract import Event, Rule
from shared.errors import LedgerUnavailable
from shared.model.change import CartSaved, Change
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Line
from shared.model.person import Buyer
from shared.model.value import replace
from shared.model.version import Version
from shared.state.journal import JournalEntry
from shared.state.outcome import Applied
from shared.state.ports import Busy, Duplicate
from shared.state.row import DestinationState, Ending, Lease, Row, Tombstone
from tests.fakes.clock import Clock
from tests.fakes.ledger import MemoryLedger
from tests.fakes.platform import destination
from tests.queue.test_envelope import envelope
from tests.state.ledgers import ANN, SALE, SHOE
from tests.state.test_rules import leaves, order, person, saved, stock, t, variant

CART = Entity(Kind.CART, "c1")
TAKEN = Applied()


@dataclass
class Counter:
    """Claims over a ledger of dicts; tokens are 0, 1, 2, ..."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    clock: Clock = field(default_factory=Clock)
    events: bool = False

    def __post_init__(self) -> None:
        numbers = count()
        sent = Event(name="cart", rule=Rule.PER_VERSION) if self.events else None
        self.claims = Claims(
            ledger=self.ledger,
            destinations={"datacue": destination(event=lambda _: sent)},
            clock=self.clock,
            token=lambda: str(next(numbers)),
            unsure=30.0,
        )

    def answer(self, *changes: Change, **more: Any) -> list[ClaimedChange] | Busy | Duplicate:
        one = envelope(triggered_at=t(5), **more)
        lease = self.claims.lease(self.clock() + 10)
        return self.claims.claim(one, changes, ("datacue",), lease)

    def claim(self, *changes: Change, **more: Any) -> list[ClaimedChange]:
        works = self.answer(*changes, **more)
        assert isinstance(works, list)
        return works

    def back(self, works: list[ClaimedChange], *, done: bool = True, **more: Any) -> bool:
        return self.claims.commit(envelope(triggered_at=t(5), **more), works, done=done)

    def bring(self, *changes: Change, **more: Any) -> None:
        """Take, deliver and give back."""
        works = self.claim(*changes, **more)
        for one in works:
            one.outcomes["datacue"] = TAKEN
        assert self.back(works, **more)


def test_every_entity_is_leased_and_the_order_of_changes_is_kept() -> None:
    counter = Counter()

    works = counter.claim(person(5), order(5))

    assert [work.change.entity for work in works] == [ANN, SALE]
    assert [counter.ledger.rows[work.change.entity].lease for work in works] == [
        Lease(token=work.token, until=counter.clock() + 10) for work in works
    ]


def test_what_is_given_back_is_free_and_recorded() -> None:
    counter = Counter()

    counter.bring(person(5), order(5))

    assert counter.ledger.rows[SALE].lease is None
    assert counter.ledger.rows[SALE].destination_state("datacue").applied == Version.at(t(5))
    assert counter.ledger.rows[ANN].destination_state("datacue").applied == Version.at(t(5))


def test_a_delivery_that_is_done_is_a_duplicate() -> None:
    counter = Counter()
    counter.bring(order(5))

    assert counter.answer(order(5)) == Duplicate()


def test_a_delivery_that_is_not_done_is_none() -> None:
    counter = Counter()
    works = counter.claim(order(5))
    works[0].outcomes["datacue"] = TAKEN

    assert counter.back(works, done=False)

    assert counter.ledger.rows[SALE].done == ()
    counter.claim(order(5))


@pytest.mark.parametrize("more", [{"destination": "datacue"}, {"replays": 1}])
def test_a_retry_or_a_replay_is_no_duplicate(more: dict[str, Any]) -> None:
    counter = Counter()
    counter.bring(order(5))

    assert len(counter.claim(order(5), **more)) == 1


def test_a_retry_makes_no_later_copy_a_duplicate() -> None:
    counter = Counter()
    counter.bring(order(5), destination="datacue")

    counter.claim(order(5))


def test_a_partial_update_is_never_a_duplicate() -> None:
    counter = Counter()
    counter.bring(stock(5))

    counter.claim(stock(5))


def test_a_guest_seen_before_makes_no_order_a_duplicate() -> None:
    counter = Counter()
    counter.bring(person(5))

    assert len(counter.claim(person(5), order(5))) == 2


def test_when_one_entity_is_busy_the_others_are_given_back_as_they_were() -> None:
    before = Row(
        entity=SALE, destination_states={"datacue": DestinationState(digest="abc", intended="k")}
    )
    counter = Counter(MemoryLedger(rows={SALE: before}), events=True)
    counter.claim(person(5), id="other")

    assert counter.answer(person(6), order(6)) == Busy()

    assert counter.ledger.rows[SALE] == before


def test_an_abandoned_lease_leaves_doubt() -> None:
    counter = Counter()
    counter.claim(order(5))
    end = counter.clock() + 10
    counter.clock.pass_(15)

    (work,) = counter.claim(order(5))

    assert work.row.destination_state("datacue").unsure_until == end + 30


def test_an_abandoned_lease_leaves_doubt_at_destinations_that_are_not_addressed() -> None:
    counter = Counter()
    counter.claims = replace(
        counter.claims, destinations={name: destination() for name in ("datacue", "yespo")}
    )
    counter.claim(order(5))
    end = counter.clock() + 10
    counter.clock.pass_(15)

    # The retry of one destination: the abandoned attempt may have sent a call to each of them.
    (work,) = counter.claim(order(5), destination="datacue")

    assert work.row.destination_state("datacue").unsure_until == end + 30
    assert work.row.destination_state("yespo").unsure_until == end + 30


def test_the_claim_writes_down_variants_and_events() -> None:
    counter = Counter(events=True)

    counter.claim(saved(5, variant("1")))

    row = counter.ledger.rows[SHOE]
    assert row.variants == {"1"}
    assert row.destination_state("datacue").intended == f"{t(5)}/{t(5)} 0"


def test_an_event_sent_before_is_refused() -> None:
    counter = Counter(events=True)
    counter.bring(order(5))
    sent = counter.ledger.rows[SALE].with_destination_state(
        "datacue", DestinationState(intended=f"{t(5)}/{t(5)}")
    )
    counter.ledger.rows[SALE] = sent

    (work,) = counter.claim(order(5), destination="datacue")

    assert work.refused == {"datacue"}


# ---- redaction -----------------------------------------------------------------------------------


def redacted(number: int) -> Counter:
    tomb = Tombstone(end=Ending.REDACTED, at=t(number))
    return Counter(MemoryLedger(rows={ANN: Row(entity=ANN, tombstone=tomb)}))


@pytest.mark.parametrize(("number", "expected"), [(4, False), (5, True), (6, True)])
def test_an_order_triggered_before_its_buyers_redaction_is_blocked(
    number: int, *, expected: bool
) -> None:
    (work,) = redacted(number).claim(order(5))

    assert work.blocked is expected


def test_a_redacted_guest_blocks_the_order_that_comes_with_them() -> None:
    works = redacted(6).claim(person(5), order(5))

    assert [work.blocked for work in works] == [True, True]


def test_what_is_blocked_is_recorded_as_done_and_nothing_else() -> None:
    counter = redacted(6)
    works = counter.claim(person(5))

    assert counter.back(works)

    tomb = Tombstone(end=Ending.REDACTED, at=t(6))
    assert counter.ledger.rows[ANN] == Row(entity=ANN, tombstone=tomb, done=("w1",))


def test_a_redaction_is_not_blocked_by_another() -> None:
    (work,) = redacted(6).claim(leaves(5, redacted=True))

    assert not work.blocked


def test_a_webhook_that_names_nobody_asks_for_no_redactions() -> None:
    @dataclass
    class Deaf(MemoryLedger):
        def redacted(self, people: Any) -> Any:
            raise AssertionError(people)

    assert len(Counter(Deaf()).claim(saved(5))) == 1


# ---- what goes wrong -----------------------------------------------------------------------------


@dataclass
class Failing(MemoryLedger):
    """Cannot record the rows of ``entity``."""

    entity: Entity = SHOE

    def commit(self, row: Row, token: str, note: JournalEntry | None = None) -> bool:
        if row.entity == self.entity:
            raise LedgerUnavailable("a ledger of a test")
        return super().commit(row, token, note)


@pytest.mark.parametrize("entity", [ANN, SALE])
def test_what_could_not_be_recorded_whole_is_not_done(entity: Entity) -> None:
    counter = Counter(Failing(entity=entity))
    works = counter.claim(person(5), order(5))

    assert not counter.back(works)

    assert counter.ledger.rows[SALE].done == ()


def test_a_lost_lease_records_nothing() -> None:
    counter = Counter()
    works = counter.claim(order(5))
    counter.clock.pass_(11)
    counter.claim(order(6))

    assert not counter.back(works)

    assert counter.ledger.rows[SALE].done == ()


def test_a_lease_that_cannot_be_given_back_runs_out_by_itself() -> None:
    counter = Counter(Failing(entity=SALE))
    counter.claim(person(5), id="other")

    assert counter.answer(person(6), order(6)) == Busy()


def test_a_ledger_out_of_reach_is_sent() -> None:
    counter = Counter(MemoryLedger(out_of_reach=True))

    with pytest.raises(LedgerUnavailable):
        counter.claim(order(5))


# ---- carts ---------------------------------------------------------------------------------------


def cart(defaults: tuple[bool | None, ...]) -> CartSaved:
    lines = tuple(
        Line(
            product_id=SHOE.id,
            variant_id=str(number),
            default=default,
            quantity=1,
            price=Money(Decimal(1), "EUR"),
        )
        for number, default in enumerate(defaults)
    )
    value = Cart(id="c1", buyer=Buyer(), lines=lines, at=t(5))
    return CartSaved(entity=CART, version=Version.at(t(5)), cart=value)


def completed(counter: Counter, change: CartSaved) -> list[bool | None]:
    (work,) = counter.claim(change)
    assert isinstance(work.change, CartSaved)
    return [line.default for line in work.change.cart.lines]


def test_the_ledger_sends_which_lines_of_a_cart_stand_for_the_product() -> None:
    known = Row(entity=SHOE, variants=frozenset({"0:default", "1"}))
    counter = Counter(MemoryLedger(rows={SHOE: known}), events=True)

    assert completed(counter, cart((None, None, True, False))) == [True, False, True, False]


def test_a_cart_of_an_unknown_product_stands_for_no_product() -> None:
    assert completed(Counter(events=True), cart((None,))) == [False]
    assert completed(Counter(events=True), cart((True,))) == [True]


@pytest.mark.parametrize(("variants", "known"), [(("1",), True), ((), False)])
def test_a_line_of_a_cart_says_whether_its_product_is_known(
    variants: tuple[str, ...], *, known: bool
) -> None:
    ledger = MemoryLedger(rows={SHOE: Row(entity=SHOE, variants=frozenset(variants))})

    (work,) = Counter(ledger, events=True).claim(cart((None, False)))

    assert isinstance(work.change, CartSaved)
    assert [line.known for line in work.change.cart.lines] == [known, True]


def test_a_cart_that_nobody_wants_is_left_as_it_is() -> None:
    assert completed(Counter(), cart((None,))) == [None]


def test_an_envelope_of_the_queue_claims_for_its_destination_alone() -> None:
    row = Row(
        entity=SHOE,
        destination_states={
            "datacue": DestinationState(digest="a"),
            "yespo": DestinationState(digest="b"),
        },
    )
    counter = Counter(MemoryLedger(rows={SHOE: row}))

    (work,) = counter.claim(saved(5), destination="datacue")

    assert work.row == row
    assert counter.ledger.rows[SHOE].destination_states == {"yespo": DestinationState(digest="b")}

"""The rules of the ledger, one sentence each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.delivery import memory
from shared.delivery.memory import known_state
from shared.destinations.contract import Event, Rule
from shared.http.verdict import OutcomeUnknown, Rejected
from shared.model.change import (
    CartSaved,
    Change,
    CheckoutStarted,
    ConsentChanged,
    OrderRemoved,
    OrderSaved,
    PersonRemoved,
    PersonSaved,
    ProductRemoved,
    ProductSaved,
    StockChanged,
    mentions,
)
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Checkout, Order, Status
from shared.model.person import Buyer, Person
from shared.model.product import Product, Variant
from shared.model.value import replace
from shared.model.version import Version
from shared.state import item as items
from shared.state import rules
from shared.state.outcome import Applied, Failed, Outcome, Superseded, Unchanged
from shared.state.ports import Intent
from shared.state.row import ANY_FIELD, DAY, DestinationState, Ending, Register, Row, Tombstone
from shared.state.rules import AttemptTime
from tests.state.ledgers import ANN, NOW, SALE, SHOE

CART = Entity(Kind.CART, "c1")
WHEN = AttemptTime(now=NOW, window=30.0)
HERE = "datacue"
BOTH = frozenset({"datacue", "yespo"})


def t(number: int) -> str:
    return f"2026-11-21T09:00:{number:02d}.000000000Z"


def saved(number: int, *variants: Variant, complete: bool = True) -> ProductSaved:
    product = Product(id="632910392", name="Shoe", variants=variants, available=True)
    return ProductSaved(
        entity=SHOE, version=Version.at(t(number)), product=product, complete=complete
    )


def variant(name: str, stock: int | None = 1, *, known: bool = True) -> Variant:
    return Variant(
        id=name,
        default=False,
        price=Money(Decimal("9.90"), "EUR"),
        stock=stock,
        stock_known=known,
    )


def stock(number: int, count: int | None = 0, name: str = "1") -> StockChanged:
    return StockChanged(entity=SHOE, at=t(number), variant_id=name, default=False, stock=count)


def removed(number: int) -> ProductRemoved:
    return ProductRemoved(entity=SHOE, version=Version.at(t(number)))


def person(number: int, *, subscribed: bool | None = None) -> PersonSaved:
    who = Person(id=ANN.id, email="ann@shop.example", subscribed=subscribed)
    return PersonSaved(entity=ANN, version=Version.at(t(number)), person=who)


def consent(number: int, *, subscribed: bool) -> ConsentChanged:
    return ConsentChanged(entity=ANN, at=t(number), person_id=ANN.id, subscribed=subscribed)


def leaves(number: int, *, redacted: bool = False) -> PersonRemoved:
    return PersonRemoved(
        entity=ANN, version=Version.at(t(number)), user_id=ANN.id, redacted=redacted
    )


def order(number: int) -> OrderSaved:
    value = Order(
        id=SALE.id,
        number="#1001",
        buyer=Buyer(id=ANN.id, entity=ANN),
        lines=(),
        status=Status.COMPLETED,
        placed_at=t(0),
        currency="EUR",
    )
    return OrderSaved(entity=SALE, version=Version.at(t(number)), order=value)


APPLIED = Applied()
FAILED = Failed(failure=Rejected(reason="answered 422", status=422), sent=True)
UNSURE = Failed(failure=OutcomeUnknown(reason="cut"), sent=True, may_apply=True)
KEPT = Superseded()


def after(row: Row, change: Change, outcome: Outcome = APPLIED, **more: Any) -> Row:
    settled = {HERE: replace(outcome, **more)}
    return rules.settle(row, change, settled, frozenset({HERE}), WHEN)


def having(**standing: object) -> Row:
    return Row(entity=SHOE, destination_states={HERE: DestinationState(**standing)})  # type: ignore[arg-type]  # a short hand for tests


# ---- what is stale -------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "expected"), [(4, True), (5, False), (6, False)])
def test_strictly_older_is_stale_and_equal_is_not(number: int, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    row = having(applied=Version.at(t(5)))

    assert rules.stale(row, saved(number), HERE) is expected
    assert rules.stale(row, removed(number), HERE) is expected


def test_the_modified_time_decides_before_the_tie_break() -> None:
    row = having(applied=Version(t(5), t(1)))
    change = replace(saved(1), version=Version(t(4), t(9)))

    assert rules.stale(row, change, HERE)


def test_nothing_is_stale_where_nothing_was_taken() -> None:
    row = Row(entity=SHOE, destination_states={"yespo": DestinationState(applied=Version.at(t(9)))})

    assert not rules.stale(row, saved(1), HERE)


def test_what_is_gone_stays_gone_until_a_strictly_newer_state() -> None:
    row = after(Row(entity=SHOE), removed(5))

    assert rules.stale(row, saved(4, variant("1")), HERE)
    assert not rules.stale(row, saved(6, variant("1")), HERE)
    assert not known_state(row, saved(6, variant("1")), HERE).known


def test_a_partial_update_of_what_is_gone_is_stale() -> None:
    assert rules.stale(having(applied=Version.at(t(5)), gone=True), stock(9), HERE)
    assert rules.stale(
        Row(
            entity=ANN,
            destination_states={HERE: DestinationState(applied=Version.at(t(5)), gone=True)},
        ),
        consent(9, subscribed=True),
        HERE,
    )


def test_consent_is_never_stale_where_the_person_stands() -> None:
    row = Row(entity=ANN, destination_states={HERE: DestinationState(applied=Version.at(t(5)))})

    assert not rules.stale(row, consent(1, subscribed=False), HERE)


def test_stock_is_not_stale_before_any_full_row() -> None:
    assert not rules.stale(Row(entity=SHOE), stock(1), HERE)


def test_stock_that_a_newer_full_row_told_is_stale() -> None:
    row = after(Row(entity=SHOE), saved(5, variant("1")))

    assert rules.stale(row, stock(4), HERE)
    assert not rules.stale(row, stock(5), HERE)
    assert not rules.stale(row, stock(6), HERE)


def test_stock_that_a_newer_full_row_could_not_tell_is_not_stale() -> None:
    row = after(Row(entity=SHOE), saved(5, variant("1", known=False), variant("2")))

    assert not rules.stale(row, stock(4, name="1"), HERE)
    assert rules.stale(row, stock(4, name="2"), HERE)


def test_late_stock_is_sent_with_the_newest_value_that_is_remembered() -> None:
    row = after(after(Row(entity=SHOE), saved(5, variant("1"))), stock(7, 0))

    assert not rules.stale(row, stock(4, 3), HERE)
    assert known_state(row, stock(4, 3), HERE).stock == {"1": 0}


# ---- the known state for a plan ------------------------------------------------------------------


def test_a_plan_is_told_what_may_be_at_the_destination() -> None:
    row = after(Row(entity=SHOE), saved(5, variant("1"), variant("2")))

    assert known_state(row, saved(6), HERE).variants == {"1", "2"}
    assert known_state(row, saved(6), HERE).known
    assert not known_state(row, saved(6), "yespo").known


def test_of_a_variant_that_was_lost_nobody_is_told_the_stock() -> None:
    row = after(Row(entity=SHOE), saved(5, variant("1"), variant("2")), FAILED)

    row = after(row, saved(6, variant("1")), FAILED)

    assert known_state(row, stock(7, name="2"), HERE).variants == {"1"}
    assert known_state(row, saved(7), HERE).variants == {"1", "2"}


def test_what_an_older_row_brings_late_was_lost_since() -> None:
    row = after(Row(entity=SHOE), saved(6, variant("1")))

    row = after(row, saved(5, variant("1"), variant("2")), FAILED)

    assert known_state(row, stock(7, name="2"), HERE).variants == {"1"}


def test_a_variant_that_came_back_has_a_stock_again() -> None:
    row = after(Row(entity=SHOE), saved(5, variant("1"), variant("2")), FAILED)
    row = after(row, saved(6, variant("1")), FAILED)

    row = after(row, saved(7, variant("2"), complete=False), FAILED)

    assert known_state(row, stock(8, name="2"), HERE).variants == {"1", "2"}


def test_a_variant_that_was_lost_for_good_leaves_nothing_behind() -> None:
    row = after(Row(entity=SHOE), saved(5, variant("1"), variant("2")))

    row = after(row, saved(6, variant("1")))

    assert row.registers == {}


def test_newer_stock_is_merged_into_a_full_row() -> None:
    row = after(after(Row(entity=SHOE), saved(5, variant("1"))), stock(7, 0))

    assert known_state(row, saved(6, variant("1", 9)), HERE).stock == {"1": 0}
    assert known_state(row, saved(8, variant("1", 9)), HERE).stock == {}


def test_older_stock_is_merged_where_the_full_row_cannot_tell() -> None:
    row = after(Row(entity=SHOE), stock(3, None))

    row_6 = saved(6, variant("1", 0, known=False), variant("2", 0, known=False))

    assert known_state(row, row_6, HERE).stock == {"1": None}


def test_stock_of_another_variant_is_not_told() -> None:
    row = after(Row(entity=SHOE), stock(7, 0, name="2"))

    assert known_state(row, saved(6, variant("1")), HERE).stock == {}
    assert known_state(row, stock(8, 4), HERE).stock == {"1": 4}


def test_stock_outlives_the_full_rows_that_tell_it() -> None:
    row = after(Row(entity=SHOE), stock(3, 0))

    row = after(row, saved(5, variant("1", 4)))

    assert known_state(row, saved(6, variant("1", 7)), HERE).stock == {}
    assert known_state(row, saved(6, variant("1", known=False)), HERE).stock == {"1": 0}


def test_the_order_of_full_rows_does_not_change_what_the_next_one_is_told() -> None:
    early, late = saved(4, variant("1", 4)), saved(5, variant("1", known=False))
    row = after(Row(entity=SHOE), stock(3, 0))

    in_order, shuffled = after(after(row, early), late), after(after(row, late), early, KEPT)

    assert in_order == shuffled
    assert in_order.stock_at == t(5)
    assert in_order.stock_open == {"1"}


def draft(number: int, *variants: Variant) -> ProductSaved:
    change = saved(number, *variants)
    return replace(change, product=replace(change.product, available=False))


@pytest.mark.parametrize(
    ("changes", "for_sale"),
    [
        ([], True),
        ([saved(3, variant("1"))], True),
        ([draft(3, variant("1"))], False),
        ([saved(3, variant("1")), draft(4, variant("1"))], False),
        ([draft(3, variant("1")), saved(4, variant("1"))], True),
        # late, and of no effect
        ([saved(4, variant("1")), draft(3, variant("1"))], True),
        ([draft(4, variant("1")), saved(3, variant("1"))], False),
        ([draft(4, variant("1")), stock(5, 7)], False),
    ],
)
def test_the_stock_of_a_variant_is_sent_with_whether_its_product_is_for_sale(
    changes: list[Change], *, for_sale: bool
) -> None:
    row = Row(entity=SHOE)
    for change in changes:
        row = after(row, change)

    written = items.read(items.write("entity#1", row, many=False), SHOE)

    assert known_state(written, stock(9, 5), HERE).for_sale is for_sale


def test_late_stock_does_not_overwrite_newer_stock() -> None:
    row = after(after(Row(entity=SHOE), stock(7, 2)), stock(6, 0))

    assert row.registers == {"stock:1": Register(at=t(7), value=2)}


def test_consent_alone_is_merged_into_the_person() -> None:
    row = after(Row(entity=ANN), consent(7, subscribed=True))

    assert known_state(row, person(6), HERE).subscribed is True
    assert known_state(row, person(6, subscribed=False), HERE).subscribed is True
    assert known_state(row, person(8, subscribed=False), HERE).subscribed is False
    assert known_state(row, person(8), HERE).subscribed is True


def test_late_consent_is_sent_with_the_newest_value() -> None:
    row = after(Row(entity=ANN), person(7, subscribed=False))

    assert known_state(row, consent(6, subscribed=True), HERE).subscribed is False
    assert known_state(row, consent(8, subscribed=True), HERE).subscribed is True


def test_nobody_agreed_who_was_never_asked() -> None:
    assert known_state(Row(entity=ANN), person(1), HERE).subscribed is None
    assert known_state(Row(entity=SHOE), saved(1), HERE).subscribed is None


def test_consent_does_not_outlive_the_person() -> None:
    row = after(Row(entity=ANN), consent(3, subscribed=True))

    row = after(row, leaves(5))

    assert row.registers == {}
    assert known_state(row, person(6), HERE).subscribed is None


def test_consent_after_a_redaction_ends_with_the_next_removal() -> None:
    row = after(Row(entity=ANN), leaves(3, redacted=True))
    row = after(row, person(5, subscribed=True))

    late, newer = after(row, leaves(2)), after(row, leaves(6))

    assert late.registers == {"consent": Register(at=t(5), value=True)}
    assert newer.registers == {}


# ---- what a destination has after an attempt -----------------------------------------------------


def test_what_is_taken_advances_the_version_and_brings_the_hash() -> None:
    row = after(Row(entity=SHOE), saved(5), digest="abc")

    assert row.destination_state(HERE) == DestinationState(applied=Version.at(t(5)), digest="abc")


def test_what_it_has_already_advances_the_version_too() -> None:
    row = after(having(applied=Version.at(t(4)), digest="abc"), saved(5), Unchanged(), digest="abc")

    assert row.destination_state(HERE) == DestinationState(applied=Version.at(t(5)), digest="abc")


def test_what_was_kept_changes_nothing_of_a_standing() -> None:
    row = having(applied=Version.at(t(4)), digest="abc", unsure_until=NOW - 1, intended="k")

    assert after(row, saved(5), KEPT).destination_states == row.destination_states


def test_a_failure_takes_the_hash_and_leaves_the_version() -> None:
    row = having(applied=Version.at(t(4)), digest="abc")

    assert after(row, saved(5), FAILED).destination_state(HERE) == DestinationState(
        applied=Version.at(t(4))
    )


def test_an_unknown_outcome_opens_a_window_of_doubt() -> None:
    row = after(having(applied=Version.at(t(4)), digest="abc"), saved(5), UNSURE)

    assert row.destination_state(HERE) == DestinationState(
        applied=Version.at(t(4)), unsure_until=NOW + 30
    )


def test_inside_the_window_of_doubt_no_hash_is_trusted() -> None:
    row = after(having(unsure_until=NOW + 10), saved(5), digest="abc")

    assert row.destination_state(HERE) == DestinationState(
        applied=Version.at(t(5)), unsure_until=NOW + 10
    )


def test_a_window_of_doubt_closes_by_itself() -> None:
    row = after(having(unsure_until=NOW), saved(5), digest="abc")

    assert row.destination_state(HERE) == DestinationState(applied=Version.at(t(5)), digest="abc")


def test_a_failure_inside_the_window_leaves_it_open() -> None:
    row = after(having(unsure_until=NOW + 10), saved(5), FAILED)

    assert row.destination_state(HERE).unsure_until == NOW + 10


def test_each_destination_is_settled_alone() -> None:
    settled = {"datacue": APPLIED, "yespo": FAILED}

    row = rules.settle(Row(entity=SHOE), saved(5), settled, BOTH, WHEN)

    assert row.destination_state("datacue").applied == Version.at(t(5))
    assert row.destination_state("yespo").applied is None


def test_a_version_that_one_destination_took_is_not_stale_at_another() -> None:
    settled = {"datacue": APPLIED, "yespo": FAILED}
    row = rules.settle(Row(entity=SHOE), saved(5), settled, BOTH, WHEN)

    assert rules.stale(row, saved(4), "datacue")
    assert not rules.stale(row, saved(4), "yespo")


def test_a_partial_update_takes_the_hash_and_does_not_advance_the_version() -> None:
    row = after(having(applied=Version.at(t(4)), digest="abc", sent="k"), stock(9))

    assert row.destination_state(HERE) == DestinationState(applied=Version.at(t(4)), sent="k")


def test_a_removal_is_remembered_as_one() -> None:
    row = after(having(applied=Version.at(t(4))), removed(5))

    assert row.destination_state(HERE).gone
    assert not after(row, saved(6)).destination_state(HERE).gone


def test_an_event_that_was_taken_is_told() -> None:
    row = after(Row(entity=SALE), order(5), event="k")

    assert row.destination_state(HERE).sent == "k"
    assert row.destination_state(HERE).intended == "k"


def test_an_event_with_an_unknown_outcome_is_intended_but_not_told() -> None:
    row = after(Row(entity=SALE), order(5), UNSURE, event="k")

    assert row.destination_state(HERE).sent is None
    assert row.destination_state(HERE).intended == "k"


def test_an_event_that_failed_may_be_told_again() -> None:
    row = after(Row(entity=SALE), order(5), FAILED, event="k")

    assert row.destination_state(HERE).intended is None


def test_an_event_told_before_stays_told() -> None:
    row = after(
        Row(entity=SALE, destination_states={HERE: DestinationState(sent="k", intended="k")}),
        order(5),
    )

    assert row.destination_state(HERE).sent == "k"
    assert row.destination_state(HERE).intended == "k"


def test_an_abandoned_lease_leaves_doubt_at_every_destination() -> None:
    row = rules.doubted(having(digest="abc"), NOW - 5, BOTH, 30.0)

    # And it is not known which fields the lost attempt sent.
    lost = DestinationState(unsure_until=NOW + 25, filled=frozenset({ANY_FIELD}))
    assert row.destination_state("datacue") == lost
    assert row.destination_state("yespo") == lost


def test_doubt_never_shortens_a_longer_doubt() -> None:
    row = rules.doubted(having(unsure_until=NOW + 99), NOW - 5, BOTH, 30.0)

    assert row.destination_state(HERE).unsure_until == NOW + 99


# ---- known variants ------------------------------------------------------------------------------

TWO = Row(entity=SHOE, variants=frozenset({"1", "2"}))


def test_a_variant_is_forgotten_when_every_destination_has_surely_lost_it() -> None:
    settled = {"datacue": APPLIED, "yespo": Unchanged()}

    row = rules.settle(TWO, saved(5, variant("1")), settled, BOTH, WHEN)

    assert row.variants == {"1"}


@pytest.mark.parametrize("outcome", [UNSURE, FAILED, KEPT])
def test_a_variant_is_known_while_one_destination_may_have_it(outcome: Outcome) -> None:
    settled = {"datacue": APPLIED, "yespo": outcome}

    row = rules.settle(TWO, saved(5, variant("1"), variant("3")), settled, BOTH, WHEN)

    assert row.variants == {"1", "2", "3"}
    assert rules.settle(TWO, removed(5), settled, BOTH, WHEN).variants == {"1", "2"}


def test_a_retry_to_one_destination_confirms_nothing_about_the_other() -> None:
    settled = {"datacue": APPLIED}

    assert rules.settle(TWO, saved(5, variant("1")), settled, BOTH, WHEN).variants == {"1", "2"}


def test_a_variant_is_known_while_a_late_call_may_bring_it_back() -> None:
    row = having(unsure_until=NOW + 1)

    row = after(replace(row, variants=frozenset({"1", "2"})), saved(5, variant("1")))

    assert row.variants == {"1", "2"}


def test_a_truncated_list_forgets_no_variant() -> None:
    row = after(TWO, saved(5, variant("1"), variant("3"), complete=False))

    assert row.variants == {"1", "2", "3"}


def test_a_removal_forgets_all_variants() -> None:
    assert after(TWO, removed(5)).variants == frozenset()


def test_variants_that_were_not_sent_are_not_known() -> None:
    assert after(TWO, saved(5, variant("3")), KEPT).variants == {"1", "2"}


def test_stock_brings_no_variant() -> None:
    assert after(TWO, stock(5, name="3")).variants == {"1", "2"}
    assert rules.variants_of(stock(5, name="3")) == frozenset()


def test_a_variant_that_stands_for_the_product_has_a_name_of_its_own() -> None:
    alone = replace(variant("1"), default=True)

    assert rules.variants_of(saved(5, alone, variant("2"))) == {"1:default", "2"}


# ---- tombstones ----------------------------------------------------------------------------------


def test_a_redaction_blocks_what_was_triggered_before_it() -> None:
    row = after(Row(entity=ANN), leaves(5, redacted=True))

    assert rules.blocked(row, person(9), t(4))
    assert rules.blocked(row, person(9), t(5))
    assert not rules.blocked(row, person(9), t(6))


def test_a_redaction_blocks_what_was_read_after_it_and_changed_before_it() -> None:
    # The version of what was read from the store is the time of the query.
    row = Row(entity=ANN, tombstone=Tombstone(end=Ending.REDACTED, at=t(5)))

    assert rules.blocked(row, replace(person(9), modified=t(4)), t(9))
    assert not rules.blocked(row, replace(person(9), modified=t(6)), t(9))


def test_a_redaction_does_not_block_a_redaction() -> None:
    row = after(Row(entity=ANN), leaves(5, redacted=True))

    assert not rules.blocked(row, leaves(4, redacted=True), t(4))
    assert not rules.blocked(
        replace(row, entity=SALE),
        OrderRemoved(entity=SALE, version=Version.at(t(4)), redacted=True),
        t(4),
    )
    assert rules.blocked(row, leaves(4), t(4))


def test_what_is_merely_gone_blocks_nothing() -> None:
    row = after(Row(entity=ANN), leaves(5))

    assert row.tombstone == Tombstone(end=Ending.GONE, at=t(5))
    assert not rules.blocked(row, person(4), t(4))


def test_a_newer_state_ends_being_gone() -> None:
    row = after(Row(entity=SHOE), removed(5))

    assert after(row, saved(4), KEPT).tombstone == Tombstone(end=Ending.GONE, at=t(5))
    assert after(row, saved(6)).tombstone is None


def test_a_newer_state_does_not_lift_a_redaction_of_what_came_before_it() -> None:
    row = after(Row(entity=ANN), leaves(5, redacted=True))

    row = after(row, person(7))

    assert row.tombstone == Tombstone(end=Ending.REDACTED, at=t(5))
    assert rules.blocked(row, person(4), t(4))
    assert not rules.blocked(row, person(8), t(8))


def test_a_removal_does_not_soften_a_redaction() -> None:
    row = after(Row(entity=ANN), leaves(5, redacted=True))

    assert after(row, leaves(9)).tombstone == Tombstone(end=Ending.REDACTED, at=t(5))


def test_a_redaction_hardens_a_removal() -> None:
    row = after(Row(entity=ANN), leaves(9))

    assert after(row, leaves(5, redacted=True)).tombstone == Tombstone(end=Ending.REDACTED, at=t(5))


def test_the_newest_end_of_a_kind_stays() -> None:
    row = after(Row(entity=ANN), leaves(5, redacted=True))

    assert after(row, leaves(4, redacted=True)).tombstone == Tombstone(end=Ending.REDACTED, at=t(5))
    assert after(row, leaves(6, redacted=True)).tombstone == Tombstone(end=Ending.REDACTED, at=t(6))


def test_a_late_removal_buries_nothing_that_is_newer() -> None:
    row = after(Row(entity=SHOE), saved(6))

    assert after(row, removed(5), KEPT).tombstone is None


def test_partial_updates_do_not_touch_a_tombstone() -> None:
    row = after(Row(entity=SHOE), removed(5))

    assert after(row, stock(9), KEPT).tombstone == Tombstone(end=Ending.GONE, at=t(5))


# ---- how long a row is kept ----------------------------------------------------------------------


def test_products_are_kept_for_ever_and_orders_for_sixty_days() -> None:
    assert after(Row(entity=SHOE), saved(5)).expires is None
    assert after(Row(entity=SALE), order(5)).expires == int(NOW) + 60 * DAY


def test_a_tombstone_outlives_every_replay() -> None:
    assert after(Row(entity=SHOE), removed(5)).expires == int(NOW) + 400 * DAY


def test_the_last_thirty_two_deliveries_are_done() -> None:
    row = Row(entity=SHOE)
    for number in range(40):
        row = row.with_done(f"d{number}")

    assert row.done == tuple(f"d{number}" for number in range(8, 40))


def test_a_delivery_done_again_is_the_newest() -> None:
    row = Row(entity=SHOE, done=("d1", "d2"))

    assert row.with_done("d1").done == ("d2", "d1")


# ---- events and people ---------------------------------------------------------------------------


def test_an_event_is_intended_under_its_version() -> None:
    event = Event(name="cart", rule=Rule.PER_VERSION)
    once = Event(name="order", rule=Rule.ONCE, again=True)

    key = f"{t(5)}/{t(5)}"
    expected = Intent(key=key, once=False, again=False, token="mine", abandoned_tokens=("before",))
    assert memory.intent_of(order(5), event, "mine", ("before",)) == expected
    assert memory.intent_of(order(5), once, "mine", ()) == Intent(
        key=key, once=True, again=True, token="mine"
    )


def test_without_an_event_or_a_version_nothing_is_intended() -> None:
    assert memory.intent_of(order(5), None, "mine", ()) is None
    assert memory.intent_of(stock(5), Event(name="stock", rule=Rule.ONCE), "mine", ()) is None


def test_an_intent_that_surely_was_not_carried_out_leaves_what_was_told_before() -> None:
    row = Row(
        entity=CART, destination_states={"datacue": DestinationState(intended="k before", sent="j")}
    )
    intents = {"datacue": Intent(key="k", once=False, again=False, abandoned_tokens=("before",))}

    assert (
        memory.without_abandoned_intents(row, intents).destination_state("datacue").intended == "j"
    )


def test_an_intent_of_another_try_stays() -> None:
    row = Row(
        entity=CART,
        destination_states={"datacue": DestinationState(intended="k another", sent="j")},
    )
    intents = {"datacue": Intent(key="k", once=False, again=False, abandoned_tokens=("before",))}

    assert memory.without_abandoned_intents(row, intents) == row


def test_orders_carts_and_checkouts_name_their_buyer() -> None:
    buyer, version = Buyer(entity=ANN), Version.at(t(1))
    cart = Cart(id="c1", buyer=buyer, lines=(), at=t(1))
    checkout = Checkout(id="c1", buyer=buyer, lines=(), at=t(1))

    assert mentions(order(1)) == ANN
    assert mentions(CartSaved(entity=CART, version=version, cart=cart)) == ANN
    assert (
        mentions(
            CheckoutStarted(entity=Entity(Kind.CHECKOUT, "c1"), version=version, checkout=checkout)
        )
        == ANN
    )
    assert mentions(person(1)) is None


# ---- what is left of a stale person --------------------------------------------------------------


@pytest.mark.parametrize("subscribed", [True, False])
def test_of_a_stale_person_the_newest_known_consent_is_left(subscribed: bool) -> None:  # noqa: FBT001 - a case
    accepted = DestinationState(applied=Version.at(t(9)))
    row = Row(entity=ANN, destination_states={"datacue": accepted})

    rest = rules.remaining_consent(row, person(5, subscribed=subscribed), "datacue")

    assert rest == consent(5, subscribed=subscribed)


@pytest.mark.parametrize(
    ("change", "row"),
    [
        (person(5), Row(entity=ANN)),
        (consent(5, subscribed=True), Row(entity=ANN)),
        (
            person(5, subscribed=True),
            Row(entity=ANN, registers={"consent": Register(at=t(6), value=False)}),
        ),
        (
            person(5, subscribed=True),
            Row(entity=ANN, destination_states={"datacue": DestinationState(gone=True)}),
        ),
    ],
    ids=["no consent", "not a person", "a newer consent", "removed"],
)
def test_of_a_stale_change_nothing_else_is_left(change: Change, row: Row) -> None:
    assert rules.remaining_consent(row, change, "datacue") is None

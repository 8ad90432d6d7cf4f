"""
In the end a destination holds the newest state, whatever the order, the repetitions and the
failures of the deliveries.

The oracle is written from the shop's side, without the ledger: the newest full row, with every
later partial update of a variant's stock merged into it, or every one where the row has no stock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.delivery.memory import known_state
from shared.model.change import ProductRemoved, ProductSaved, StockChanged
from shared.model.money import Money
from shared.model.product import Product, Variant
from shared.model.value import replace
from shared.model.version import Version
from shared.state import rules
from shared.state.outcome import Outcome, Superseded
from shared.state.row import Row
from shared.state.rules import AttemptTime
from tests.state.ledgers import SHOE
from tests.state.test_rules import APPLIED, FAILED, KEPT, UNSURE

WINDOW = 30.0
NAMES = ("1", "2", "3")
DESTINATIONS = ("datacue", "yespo")
Rows = dict[str, tuple[str, int | None]]
Sent = ProductSaved | ProductRemoved | StockChanged


def moment(number: int) -> str:
    return f"2026-11-21T09:00:{number:02d}.000000000Z"


@dataclass
class Holdings:
    """A destination: variant id -> (title, stock); it upserts, deletes, and sets stock."""

    rows: Rows = field(default_factory=dict)

    def apply(self, change: Sent, row: Row, name: str) -> None:
        memory = known_state(row, change, name)
        match change:
            case ProductSaved(product=product):
                for one in product.variants:
                    stock = memory.stock.get(one.id, one.stock if one.stock_known else None)
                    self.rows[one.id] = (one.title or "", stock)
                for gone in memory.variants - {one.key for one in product.variants}:
                    self.rows.pop(gone, None)
            case ProductRemoved():
                for gone in memory.variants:
                    self.rows.pop(gone, None)
            case StockChanged(variant_id=variant) if variant in self.rows:
                stock = memory.stock.get(variant, change.stock)
                self.rows[variant] = (self.rows[variant][0], stock)
            case _:
                pass


@dataclass
class World:
    """Two destinations, one row, and the changes that wait for each destination."""

    row: Row = field(default_factory=lambda: Row(entity=SHOE))
    destinations: dict[str, Holdings] = field(
        default_factory=lambda: {name: Holdings() for name in DESTINATIONS}
    )
    waiting: list[tuple[Sent, str]] = field(default_factory=list)
    late: list[tuple[Sent, Row, str]] = field(default_factory=list)
    now: float = 1_000_000.0

    def deliver(self, change: Sent, outcomes: Mapping[str, Outcome]) -> None:
        """Deliver a change to the destinations of ``outcomes``."""
        before = replace(self.row, variants=self.row.variants | rules.variants_of(change))
        settled: dict[str, Outcome] = {}
        for name, outcome in outcomes.items():
            if rules.stale(self.row, change, name):
                settled[name] = Superseded()
                continue
            settled[name] = outcome
            if outcome == APPLIED:
                self.destinations[name].apply(change, before, name)
                if (self.row.destination_state(name).unsure_until or 0.0) > self.now:
                    self.waiting.append((change, name))
                continue
            self.waiting.append((change, name))
            if outcome == UNSURE:
                self.late.append((change, before, name))
        when = AttemptTime(now=self.now, window=WINDOW)
        self.row = rules.settle(self.row, change, settled, frozenset(DESTINATIONS), when)
        self.now += 1.0

    def apply_late(self) -> None:
        """Apply every call with an unknown outcome now, after all later ones."""
        for change, row, name in self.late:
            self.destinations[name].apply(change, row, name)
        self.late.clear()

    def settle_down(self) -> None:
        """Wait until no late call can be applied; then retry every waiting change successfully."""
        self.apply_late()
        self.now += WINDOW + 1
        while self.waiting:
            change, name = self.waiting.pop(0)
            self.deliver(change, {name: APPLIED})


@st.composite
def histories(draw: st.DrawFn) -> list[Sent]:
    """Draw the changes of a shop in the order of time, at distinct times."""
    moments = draw(st.lists(st.integers(1, 40), unique=True, min_size=1, max_size=8).map(sorted))
    return [draw(rows(at)) if draw(st.booleans()) else draw(partials(at)) for at in moments]


def rows(at: int) -> st.SearchStrategy[ProductSaved]:
    variants = st.lists(st.sampled_from(NAMES), unique=True, min_size=1).flatmap(
        lambda names: st.tuples(*(variant(name, at) for name in names))
    )
    return variants.map(
        lambda some: ProductSaved(
            entity=SHOE,
            version=Version.at(moment(at)),
            product=Product(id=SHOE.id, name="Shoe", variants=some, available=True),
        )
    )


def variant(name: str, at: int) -> st.SearchStrategy[Variant]:
    def made(stock: int | None) -> Variant:
        return Variant(
            id=name,
            default=False,
            price=Money(Decimal(1), "EUR"),
            title=f"as of {at}",
            # A count of zero may mean that the stock is not tracked (see `Variant`).
            stock=stock,
            stock_known=stock != 0,
        )

    return st.sampled_from([None, 0, 5]).map(made)


def partials(at: int) -> st.SearchStrategy[StockChanged]:
    return st.builds(
        StockChanged,
        entity=st.just(SHOE),
        at=st.just(moment(at)),
        variant_id=st.sampled_from(NAMES),
        default=st.just(value=False),
        stock=st.sampled_from([None, 0]),
    )


def newest(history: list[Sent]) -> Rows:
    """The oracle: replay the shop's changes in the order of time."""
    held: Rows = {}
    counts: dict[str, int | None] = {}
    for change in history:
        match change:
            case ProductSaved(product=product):
                held = {
                    one.id: (one.title or "", one.stock if one.stock_known else counts.get(one.id))
                    for one in product.variants
                }
            case StockChanged(variant_id=name, stock=stock):
                counts[name] = stock
                if name in held:
                    held[name] = (held[name][0], stock)
            case ProductRemoved():
                held = {}
    return held


OUTCOMES = st.fixed_dictionaries(
    {name: st.sampled_from([APPLIED, FAILED, UNSURE, KEPT]) for name in DESTINATIONS}
)


@given(st.data(), histories())
def test_every_order_of_rows_and_stock_ends_with_the_newest(
    data: st.DataObject, history: list[Sent]
) -> None:
    received = [*history, *data.draw(st.lists(st.sampled_from(history), max_size=3))]
    world = World()

    for change in data.draw(st.permutations(received)):
        world.deliver(change, data.draw(OUTCOMES))
        if data.draw(st.booleans()):
            world.apply_late()
    world.settle_down()

    assert world.destinations["datacue"].rows == newest(history)
    assert world.destinations["yespo"].rows == newest(history)


@given(st.data(), histories())
def test_what_is_removed_last_is_gone_in_every_order(
    data: st.DataObject, history: list[Sent]
) -> None:
    history = [*history, ProductRemoved(entity=SHOE, version=Version.at(moment(59)))]
    world = World()

    for change in data.draw(st.permutations(history)):
        world.deliver(change, data.draw(OUTCOMES))
        if data.draw(st.booleans()):
            world.apply_late()
    world.settle_down()

    assert world.destinations["datacue"].rows == {}
    assert world.destinations["yespo"].rows == {}

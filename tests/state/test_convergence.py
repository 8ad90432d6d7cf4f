"""
In the end a destination has the newest state, in whatever order and however often the changes are
sent, and whatever failures there are.

The oracle is written from the shop's side and without the ledger: the newest full row, with the
availability that was sent for a variant since then, or ever if the row does not contain it.
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
PLACES = ("datacue", "yespo")
Shelf = dict[str, tuple[str, int | None]]
Told = ProductSaved | ProductRemoved | StockChanged


def moment(number: int) -> str:
    return f"2026-11-21T09:00:{number:02d}.000000000Z"


@dataclass
class Place:
    """A destination: variant id -> (title, stock); it upserts, deletes, and sets stock."""

    shelf: Shelf = field(default_factory=dict)

    def take(self, change: Told, row: Row, name: str) -> None:
        memory = known_state(row, change, name)
        match change:
            case ProductSaved(product=product):
                for one in product.variants:
                    stock = memory.stock.get(one.id, one.stock if one.stock_known else None)
                    self.shelf[one.id] = (one.title or "", stock)
                for gone in memory.variants - {one.key for one in product.variants}:
                    self.shelf.pop(gone, None)
            case ProductRemoved():
                for gone in memory.variants:
                    self.shelf.pop(gone, None)
            case StockChanged(variant_id=variant) if variant in self.shelf:
                stock = memory.stock.get(variant, change.stock)
                self.shelf[variant] = (self.shelf[variant][0], stock)
            case _:
                pass


@dataclass
class World:
    """Two destinations, one row, and what still waits for each destination."""

    row: Row = field(default_factory=lambda: Row(entity=SHOE))
    places: dict[str, Place] = field(default_factory=lambda: {name: Place() for name in PLACES})
    waiting: list[tuple[Told, str]] = field(default_factory=list)
    late: list[tuple[Told, Row, str]] = field(default_factory=list)
    now: float = 1_000_000.0

    def deliver(self, change: Told, outcomes: Mapping[str, Outcome]) -> None:
        """Tell a change to the destinations that ``outcomes`` names."""
        before = replace(self.row, variants=self.row.variants | rules.variants_of(change))
        settled: dict[str, Outcome] = {}
        for name, outcome in outcomes.items():
            if rules.stale(self.row, change, name):
                settled[name] = Superseded()
                continue
            settled[name] = outcome
            if outcome == APPLIED:
                self.places[name].take(change, before, name)
                if (self.row.destination_state(name).unsure_until or 0.0) > self.now:
                    self.waiting.append((change, name))
                continue
            self.waiting.append((change, name))
            if outcome == UNSURE:
                self.late.append((change, before, name))
        when = AttemptTime(now=self.now, window=WINDOW)
        self.row = rules.settle(self.row, change, settled, frozenset(PLACES), when)
        self.now += 1.0

    def apply_late(self) -> None:
        """Let every call with an unknown outcome be applied now, after whatever came since."""
        for change, row, name in self.late:
            self.places[name].take(change, row, name)
        self.late.clear()

    def settle_down(self) -> None:
        """Let the windows of doubt close, and every waiting change be tried again and succeed."""
        self.apply_late()
        self.now += WINDOW + 1
        while self.waiting:
            change, name = self.waiting.pop(0)
            self.deliver(change, {name: APPLIED})


@st.composite
def stories(draw: st.DrawFn) -> list[Told]:
    """Draw what happened in a shop, every moment once, in the order of time."""
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
            # A stock of zero does not show whether the variant is tracked (see `Variant`).
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


def newest(story: list[Told]) -> Shelf:
    """The oracle: replay the shop's story in the order of time."""
    shelf: Shelf = {}
    told: dict[str, int | None] = {}
    for change in story:
        match change:
            case ProductSaved(product=product):
                shelf = {
                    one.id: (one.title or "", one.stock if one.stock_known else told.get(one.id))
                    for one in product.variants
                }
            case StockChanged(variant_id=name, stock=stock):
                told[name] = stock
                if name in shelf:
                    shelf[name] = (shelf[name][0], stock)
            case ProductRemoved():
                shelf = {}
    return shelf


OUTCOMES = st.fixed_dictionaries(
    {name: st.sampled_from([APPLIED, FAILED, UNSURE, KEPT]) for name in PLACES}
)


@given(st.data(), stories())
def test_every_order_of_rows_and_stock_ends_with_the_newest(
    data: st.DataObject, story: list[Told]
) -> None:
    heard = [*story, *data.draw(st.lists(st.sampled_from(story), max_size=3))]
    world = World()

    for change in data.draw(st.permutations(heard)):
        world.deliver(change, data.draw(OUTCOMES))
        if data.draw(st.booleans()):
            world.apply_late()
    world.settle_down()

    assert world.places["datacue"].shelf == newest(story)
    assert world.places["yespo"].shelf == newest(story)


@given(st.data(), stories())
def test_what_is_removed_last_is_gone_in_every_order(
    data: st.DataObject, story: list[Told]
) -> None:
    story = [*story, ProductRemoved(entity=SHOE, version=Version.at(moment(59)))]
    world = World()

    for change in data.draw(st.permutations(story)):
        world.deliver(change, data.draw(OUTCOMES))
        if data.draw(st.booleans()):
            world.apply_late()
    world.settle_down()

    assert world.places["datacue"].shelf == {}
    assert world.places["yespo"].shelf == {}

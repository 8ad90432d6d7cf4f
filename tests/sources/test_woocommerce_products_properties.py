"""Properties of the mapping for any price, any count and any tree of categories."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.product import Product
from tests.sources import woo
from tests.sources.woo import FakeStore

few = settings(max_examples=40, deadline=None)
PRICES = st.none() | st.decimals(0, 10**9, places=2)
NAMES = st.integers(1, 8)
TREES = st.dictionaries(NAMES, st.tuples(st.sampled_from("ABCDEFGH"), st.none() | NAMES))


def translated(body: object, tree: dict[int, tuple[str, int | None]] | None = None) -> Product:
    return woo.product_of(woo.translate("product.updated", body, store=FakeStore(tree=tree or {})))


def text(price: Decimal | None) -> str:
    return "" if price is None else str(price)


@few
@given(price=PRICES, regular=PRICES, on_sale=st.booleans())
def test_a_full_price_is_higher_and_a_missing_price_no_variant(
    *, price: Decimal | None, regular: Decimal | None, on_sale: bool
) -> None:
    body = woo.product(price=text(price), regular_price=text(regular), on_sale=on_sale)

    product = translated(body)

    assert [one.price.amount for one in product.variants] == ([] if price is None else [price])
    assert product.available is (price is not None)
    for variant in product.variants:
        full = variant.full_price.amount if variant.full_price else None
        on = on_sale and regular is not None and price is not None and regular > price
        assert full == (regular if on else None)


@few
@given(
    count=st.none() | st.integers(-99, 99) | st.decimals(-9, 9, places=1).map(float),
    managed=st.sampled_from([True, False, "parent"]),
    status=st.sampled_from(["instock", "outofstock", "onbackorder", "of a plugin"]),
)
def test_the_stock_is_zero_if_and_only_if_the_status_says_so(
    *, count: float | None, managed: bool | str, status: str
) -> None:
    body = woo.product(stock_quantity=count, manage_stock=managed, stock_status=status)

    (variant,) = translated(body).variants

    assert (variant.stock == 0) is (status == "outofstock")
    if variant.stock:
        assert count is not None
        assert variant.stock <= count < variant.stock + 1
        assert managed is not False


@few
@given(tree=TREES, assigned=st.lists(NAMES, max_size=4))
def test_every_tree_gives_a_path_that_ends_in_an_assigned_category(
    tree: dict[int, tuple[str, int | None]], assigned: list[int]
) -> None:
    terms = [{"id": one, "name": f"own {one}"} for one in assigned]

    path = translated(woo.product(categories=terms), tree).categories

    assert bool(path) is bool(assigned)
    assert path[-1:] in [()] + [(f"own {one}",) for one in assigned]
    assert len(path) <= len(tree) + 1


@few
@given(chain=st.lists(st.sampled_from("ABCDEFGH"), min_size=1, max_size=8))
def test_a_chain_of_categories_is_mapped_from_the_top(chain: list[str]) -> None:
    tree = {depth: (name, depth - 1 or None) for depth, name in enumerate(chain, 1)}
    terms = [{"id": len(chain), "name": chain[-1]}]

    assert translated(woo.product(categories=terms), tree).categories == tuple(chain)

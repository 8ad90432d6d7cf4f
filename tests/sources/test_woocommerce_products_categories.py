"""The category of a product, with its path from the top."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.errors import NotUnderstood, StoreUnavailable
from tests.sources import woo
from tests.sources.shop import FakePorts
from tests.sources.woo import FakeStore

TREE: dict[int, tuple[str, int | None]] = {
    15: ("Uncategorized", None),
    16: ("Bekleidung", None),
    17: ("Oberteile", 16),
    18: ("T-Shirts & Tops", 17),
    27: ("Import", 16),
}
FACT = "woocommerce:categories"


def path(
    *terms: tuple[int, str], fake_ports: FakePorts | None = None, store: FakeStore | None = None
) -> tuple[str, ...]:
    body = woo.product(categories=[{"id": one, "name": name} for one, name in terms])
    return woo.product_of(woo.translate("product.updated", body, fake_ports, store)).categories


def tree() -> FakeStore:
    return FakeStore(tree=TREE)


def test_a_product_in_the_deepest_of_three_levels_has_all_three() -> None:
    found = woo.translate(*woo.capture(27), store=tree())

    assert woo.product_of(found).categories == ("Bekleidung", "Oberteile", "T-Shirts & Tops")


def test_the_deepest_of_several_categories_is_mapped() -> None:
    assert path((16, "Bekleidung"), (27, "Import"), (15, "Uncategorized"), store=tree()) == (
        "Bekleidung",
        "Import",
    )


def test_the_first_of_two_equally_deep_categories_is_mapped() -> None:
    assert path((17, "Oberteile"), (27, "Import"), store=tree()) == ("Bekleidung", "Oberteile")
    assert path((27, "Import"), (17, "Oberteile"), store=tree()) == ("Bekleidung", "Import")


def test_a_product_in_no_category_has_none() -> None:
    fake_store = tree()

    assert path(store=fake_store) == ()
    assert fake_store.queries == ["currency"]


def test_the_shops_own_name_for_no_category_is_kept() -> None:
    assert path((15, "Uncategorized"), store=tree()) == ("Uncategorized",)


def test_the_tree_is_cached_for_six_hours() -> None:
    fake_ports, fake_store = woo.ports(), tree()

    for _ in range(2):
        assert path((27, "Import"), fake_ports=fake_ports, store=fake_store) == (
            "Bekleidung",
            "Import",
        )
    assert fake_store.queries.count("categories") == 1
    fake_ports.time += 6 * 3600.0
    path((27, "Import"), fake_ports=fake_ports, store=fake_store)
    assert fake_store.queries.count("categories") == 2


def test_a_category_that_is_not_cached_is_queried() -> None:
    fake_ports = woo.ports()
    path((27, "Import"), fake_ports=fake_ports, store=tree())
    grown = FakeStore(tree={**TREE, 30: ("Neu", 17)})

    assert path((27, "Import"), (30, "Neu"), fake_ports=fake_ports, store=grown) == (
        "Bekleidung",
        "Oberteile",
        "Neu",
    )
    assert grown.queries == ["categories"]


def test_a_category_that_the_store_does_not_list_is_queried_once() -> None:
    fake_ports, fake_store = woo.ports(), tree()

    for _ in range(2):
        assert path((99, "Weg"), fake_ports=fake_ports, store=fake_store) == ("Weg",)
    assert fake_store.queries.count("categories") == 1


def test_a_category_that_was_renamed_has_the_name_in_the_body() -> None:
    fake_ports = woo.ports()
    path((27, "Import"), fake_ports=fake_ports, store=tree())

    assert path((27, "Einfuhr &amp; mehr"), fake_ports=fake_ports) == ("Einfuhr & mehr",)
    assert path((27, "Einfuhr &amp; mehr"), fake_ports=fake_ports, store=tree()) == (
        "Bekleidung",
        "Einfuhr & mehr",
    )


def test_a_category_without_a_name_in_the_body_has_the_stores_name() -> None:
    assert path((27, ""), store=tree()) == ("Bekleidung", "Import")


def test_without_a_consumer_key_the_path_is_the_first_category() -> None:
    assert path((18, "T-Shirts &amp; Tops"), (16, "Bekleidung")) == ("T-Shirts & Tops",)


def test_a_category_whose_path_is_unknown_waits_for_the_store() -> None:
    fake_ports = woo.ports(facts={"woocommerce:currency": ("EUR", float("inf"))})

    with pytest.raises(StoreUnavailable):
        path((27, "Import"), fake_ports=fake_ports, store=FakeStore(down=True))


def test_a_cached_category_needs_no_store() -> None:
    fake_ports = woo.ports()
    path((27, "Import"), fake_ports=fake_ports, store=tree())
    down = FakeStore(down=True)

    assert path((27, "Import"), fake_ports=fake_ports, store=down) == ("Bekleidung", "Import")
    assert down.queries == []


def test_a_cycle_of_categories_ends() -> None:
    circle = FakeStore(tree={1: ("A", 2), 2: ("B", 1), 3: ("C", 3), 4: ("D", 99)})

    assert path((1, "A"), store=circle) == ("B", "A")
    assert path((3, "C"), store=circle) == ("C",)
    assert path((4, "D"), store=circle) == ("D",)


class SmallPorts(FakePorts):
    """Ports whose store rejects the tree as too large for an item."""

    def remember(self, facts: Any, seconds: float | None = None) -> None:
        if FACT in facts:
            raise NotUnderstood("larger than an item")
        super().remember(facts, seconds)


def test_a_tree_too_large_for_an_item_is_read_each_time() -> None:
    fake_ports, fake_store = SmallPorts(time=woo.NOW), tree()

    for _ in range(2):
        assert path((27, "Import"), fake_ports=fake_ports, store=fake_store) == (
            "Bekleidung",
            "Import",
        )
    assert fake_store.queries.count("categories") == 2


@pytest.mark.parametrize("fact", ["", "{", '{"27": "Import"}', "[]"])
def test_an_unreadable_cached_tree_is_queried_again(fact: str) -> None:
    fake_ports, fake_store = woo.ports(facts={FACT: (fact, float("inf"))}), tree()

    assert path((27, "Import"), fake_ports=fake_ports, store=fake_store) == ("Bekleidung", "Import")
    assert json.loads(fake_ports.facts[FACT][0])["27"] == ["Import", "16"]


# -- where the store is read for every change ------------------------------------------------------


def saved(fake_ports: FakePorts, store: FakeStore, *terms: int) -> tuple[str, ...]:
    body = woo.product(categories=[{"id": one, "name": TREE[one][0]} for one in terms])
    store.products = {11: body}
    found = woo.translate("product.updated", {"id": 11}, fake_ports, store, read_store="always")
    return woo.product_of(found).categories


def test_a_renamed_or_moved_parent_is_known_with_the_next_save_after_a_minute() -> None:
    fake_ports, store = woo.ports(), tree()
    assert saved(fake_ports, store, 18) == ("Bekleidung", "Oberteile", "T-Shirts & Tops")
    store.tree = {**TREE, 16: ("Kleidung", None), 17: ("Oben", 16)}
    within_a_minute = saved(fake_ports, store, 18)
    fake_ports.time += 61
    store.queries.clear()

    assert within_a_minute == ("Bekleidung", "Oberteile", "T-Shirts & Tops")
    assert saved(fake_ports, store, 18) == ("Kleidung", "Oben", "T-Shirts & Tops")
    assert [one for one in store.queries if one.startswith("categories")] == ["categories 16 17 18"]


def test_a_category_that_was_moved_below_an_unknown_one_reads_the_whole_tree() -> None:
    fake_ports, store = woo.ports(), tree()
    saved(fake_ports, store, 17)
    fake_ports.time += 61
    store.tree = {**TREE, 17: ("Oberteile", 99), 99: ("Neu", None)}
    store.queries.clear()

    assert saved(fake_ports, store, 17) == ("Neu", "Oberteile")
    assert [one for one in store.queries if one.startswith("categories")] == [
        "categories 16 17",
        "categories",
    ]


def test_products_of_one_category_share_the_read_of_a_minute() -> None:
    fake_ports, store = woo.ports(), tree()
    for _ in range(3):
        saved(fake_ports, store, 18)

    assert store.queries.count("categories") == 1
    assert not any(one.startswith("categories ") for one in store.queries)


def test_a_cycle_of_categories_ends_when_its_chain_is_read_again() -> None:
    fake_ports, store = woo.ports(), tree()
    store.tree = {17: ("Oberteile", 18), 18: ("T-Shirts & Tops", 17)}
    saved(fake_ports, store, 18)
    fake_ports.time += 61

    assert saved(fake_ports, store, 18) == ("Oberteile", "T-Shirts & Tops")

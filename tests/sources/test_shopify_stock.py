from __future__ import annotations

from typing import Any

import pytest

from shared.errors import NotUnderstood
from shared.model.change import StockChanged
from shared.model.entity import Entity, Kind
from shared.sources.shopify.payloads import Variant
from shared.sources.shopify.stock import stock
from tests.sources.shop import TRIGGERED, FakePorts, product, product_of, translate, variant


def translated_stock(ports: FakePorts | None = None, **fields: Any) -> tuple[int | None, bool]:
    body = product(variants=[variant(**fields)])
    (found,) = product_of(translate("products/update", body, ports)).variants
    return found.stock, found.stock_known


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # counted and there
        ({"inventory_quantity": 3}, (3, True)),
        # oversold by policy
        ({"inventory_quantity": 0, "inventory_policy": "continue"}, (None, True)),
        ({"inventory_quantity": -4, "inventory_policy": "continue"}, (None, True)),
        ({"inventory_quantity": 3, "inventory_policy": "continue"}, (None, True)),
        # old bodies have the tracking: null is untracked
        ({"inventory_quantity": 0, "inventory_management": None}, (None, True)),
        ({"inventory_quantity": 3, "inventory_management": None}, (None, True)),
        ({"inventory_quantity": 0, "inventory_management": "shopify"}, (0, True)),
        ({"inventory_quantity": -2, "inventory_management": "shopify"}, (0, True)),
        # new bodies do not have it
        ({"inventory_quantity": 0}, (None, False)),
        ({"inventory_quantity": -2}, (None, False)),
        ({"inventory_quantity": None}, (None, False)),
    ],
)
def test_nothing_is_out_of_stock_on_its_count_alone(
    fields: dict[str, Any], expected: tuple[int | None, bool]
) -> None:
    assert translated_stock(**fields) == expected


def test_stored_tracking_decides_undecided_items() -> None:
    assert translated_stock(FakePorts(inventory={"31": True}), inventory_quantity=-1) == (0, True)
    assert translated_stock(FakePorts(inventory={"31": False}), inventory_quantity=0) == (
        None,
        True,
    )
    assert translated_stock(FakePorts(inventory={"99": True}), inventory_quantity=0) == (
        None,
        False,
    )


def test_only_undecided_items_are_queried() -> None:
    ports = FakePorts()
    variants = [
        variant(id=1, inventory_item_id=101, inventory_quantity=4),
        variant(id=2, inventory_item_id=102, inventory_quantity=0),
        variant(id=3, inventory_item_id=103, inventory_quantity=0, inventory_policy="continue"),
        variant(id=4, inventory_item_id=104, inventory_quantity=0, inventory_management="shopify"),
        variant(id=5, inventory_item_id=None, inventory_quantity=0),
    ]

    translate("products/update", product(variants=variants), ports)

    assert ports.queries == [frozenset({"102"})]


def test_nothing_is_queried_if_no_item_is_undecided() -> None:
    ports = FakePorts()

    translate("products/update", product(), ports)

    assert ports.queries == []


@pytest.mark.parametrize(
    ("sellable", "count", "expected"),
    [(True, 0, None), (True, 4, 4), (False, 4, 0), (False, 0, 0)],
)
def test_the_stores_availability_decides_the_stock(
    *, sellable: bool, count: int, expected: int | None
) -> None:
    found = Variant(id="1", inventory_policy="deny", inventory_quantity=count, sellable=sellable)

    assert stock(found, {}) == (expected, True)


def changed(topic: str, **fields: Any) -> StockChanged:
    (change,) = translate(topic, variant(product_id=11, **fields)).changes
    assert isinstance(change, StockChanged)
    return change


def test_out_of_stock_is_zero_whatever_the_count_says() -> None:
    found = changed("variants/out_of_stock", inventory_quantity=10)

    assert found == StockChanged(
        entity=Entity(Kind.PRODUCT, "11"), at=TRIGGERED, variant_id="21", default=False, stock=0
    )


@pytest.mark.parametrize(("count", "expected"), [(7, 7), (0, None), (-3, None), (None, None)])
def test_in_stock_is_counted_or_sellable(count: int | None, expected: int | None) -> None:
    assert changed("variants/in_stock", inventory_quantity=count).stock == expected


def test_the_default_variant_is_marked_as_default() -> None:
    assert changed("variants/in_stock", title="Default Title").default


def test_a_variant_without_its_product_is_not_understood() -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate("variants/in_stock", variant())

    assert "product_id" in caught.value.reason

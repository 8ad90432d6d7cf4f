from __future__ import annotations

from typing import Any

import pytest

from shared.errors import NotUnderstood
from shared.model.change import StockChanged
from shared.model.entity import Entity, Kind
from shared.sources.shopify.payloads import Variant
from shared.sources.shopify.stock import stock
from tests.sources.shop import TRIGGERED, FakePorts, product, product_of, translate, variant


def told(ports: FakePorts | None = None, **fields: Any) -> tuple[int | None, bool]:
    body = product(variants=[variant(**fields)])
    (found,) = product_of(translate("products/update", body, ports)).variants
    return found.stock, found.stock_known


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # counted and there
        ({"inventory_quantity": 3}, (3, True)),
        # sold on when it is out
        ({"inventory_quantity": 0, "inventory_policy": "continue"}, (None, True)),
        ({"inventory_quantity": -4, "inventory_policy": "continue"}, (None, True)),
        ({"inventory_quantity": 3, "inventory_policy": "continue"}, (None, True)),
        # old bodies say who is tracked: null is nobody
        ({"inventory_quantity": 0, "inventory_management": None}, (None, True)),
        ({"inventory_quantity": 3, "inventory_management": None}, (None, True)),
        ({"inventory_quantity": 0, "inventory_management": "shopify"}, (0, True)),
        ({"inventory_quantity": -2, "inventory_management": "shopify"}, (0, True)),
        # new bodies do not
        ({"inventory_quantity": 0}, (None, False)),
        ({"inventory_quantity": -2}, (None, False)),
        ({"inventory_quantity": None}, (None, False)),
    ],
)
def test_nothing_is_out_of_stock_on_its_count_alone(
    fields: dict[str, Any], expected: tuple[int | None, bool]
) -> None:
    assert told(**fields) == expected


def test_what_was_learned_decides_the_doubtful() -> None:
    assert told(FakePorts(inventory={"31": True}), inventory_quantity=-1) == (0, True)
    assert told(FakePorts(inventory={"31": False}), inventory_quantity=0) == (None, True)
    assert told(FakePorts(inventory={"99": True}), inventory_quantity=0) == (None, False)


def test_only_the_doubtful_variants_are_asked_about() -> None:
    ports = FakePorts()
    variants = [
        variant(id=1, inventory_item_id=101, inventory_quantity=4),
        variant(id=2, inventory_item_id=102, inventory_quantity=0),
        variant(id=3, inventory_item_id=103, inventory_quantity=0, inventory_policy="continue"),
        variant(id=4, inventory_item_id=104, inventory_quantity=0, inventory_management="shopify"),
        variant(id=5, inventory_item_id=None, inventory_quantity=0),
    ]

    translate("products/update", product(variants=variants), ports)

    assert ports.asked == [frozenset({"102"})]


def test_nobody_is_asked_when_all_is_clear() -> None:
    ports = FakePorts()

    translate("products/update", product(), ports)

    assert ports.asked == []


@pytest.mark.parametrize(
    ("sellable", "count", "expected"),
    [(True, 0, None), (True, 4, 4), (False, 4, 0), (False, 0, 0)],
)
def test_the_store_knows_what_can_be_sold(
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


def test_the_variant_that_stands_for_the_product_is_told_as_such() -> None:
    assert changed("variants/in_stock", title="Default Title").default


def test_a_variant_without_its_product_is_not_understood() -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate("variants/in_stock", variant())

    assert "product_id" in caught.value.reason

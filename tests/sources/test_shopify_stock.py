from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.errors import NotUnderstood, StoreUnavailable
from shared.model.change import ProductSaved, StockChanged
from shared.model.entity import Entity, Kind
from shared.sources.parsing.scalars import Amount
from shared.sources.shopify import payloads
from shared.sources.shopify.context import Fetched
from shared.sources.shopify.payloads import Variant
from shared.sources.shopify.stock import stock
from tests.sources.shop import (
    DEADLINE,
    TRIGGERED,
    FakePorts,
    FakeStore,
    product,
    product_of,
    translate,
    variant,
)


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
        ({"inventory_quantity": 0}, (0, False)),
        ({"inventory_quantity": -2}, (0, False)),
        ({"inventory_quantity": None}, (None, False)),
    ],
)
def test_without_a_token_a_count_of_zero_is_assumed_to_be_sold_out(
    fields: dict[str, Any], expected: tuple[int | None, bool]
) -> None:
    assert translated_stock(**fields) == expected


def test_stored_tracking_decides_undecided_items() -> None:
    assert translated_stock(FakePorts(inventory={"31": True}), inventory_quantity=-1) == (0, True)
    assert translated_stock(FakePorts(inventory={"31": False}), inventory_quantity=0) == (
        None,
        True,
    )
    assert translated_stock(FakePorts(inventory={"99": True}), inventory_quantity=0) == (0, False)


@pytest.mark.parametrize(
    ("zero_stock", "count", "expected"),
    [("sellable", 0, None), ("sellable", -2, None), ("sold-out", 0, 0), ("sellable", 3, 3)],
)
def test_the_merchant_configures_what_a_count_of_zero_means(
    zero_stock: str, count: int, expected: int | None
) -> None:
    body = product(variants=[variant(inventory_quantity=count)])

    found = translate("products/update", body, zero_stock=zero_stock)

    assert product_of(found).variants[0].stock == expected


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

    assert stock(found, {}, 0) == (expected, True)


# ---- with a token --------------------------------------------------------------------------------

SOLD_OUT = {"inventory_quantity": 0}
STORES_TIME = "2026-11-21T09:30:00.000000000Z"


def store_with(*, sellable: bool, tracked: bool = True) -> FakeStore:
    own = payloads.Variant(id="21", title="Red / M", price=Amount(Decimal(20)), sellable=sellable)
    held = payloads.Product(
        id="11", title="Tee", published_at="2026-01-01T00:00:00.000000000Z", variants=[own]
    )
    return FakeStore(Fetched(product=held, tracked={"31": tracked}, at=STORES_TIME))


@pytest.mark.parametrize(("sellable", "expected"), [(True, None), (False, 0)])
def test_with_a_token_the_store_is_queried_for_what_is_ambiguous(
    *, sellable: bool, expected: int | None
) -> None:
    store = store_with(sellable=sellable)

    found = translate("products/update", product(variants=[variant(**SOLD_OUT)]), store=store)

    assert store.queries == [f"product 11 {DEADLINE}"]
    (one,) = product_of(found).variants
    assert (one.stock, one.stock_known) == (expected, True)
    # It is stored, so that the next webhook of the product needs no query.
    assert found.tracked == {"31": True}


@pytest.mark.parametrize("tracked", [True, False])
def test_with_a_token_the_store_is_not_queried_for_what_is_known(*, tracked: bool) -> None:
    store = store_with(sellable=True)
    ports = FakePorts(inventory={"31": tracked})

    body = product(variants=[variant(**SOLD_OUT)])
    found = translate("products/update", body, ports, store)

    assert store.queries == []
    assert product_of(found).variants[0].stock == (0 if tracked else None)


def test_a_query_that_fails_once_is_repeated_with_the_next_attempt() -> None:
    store, ports = store_with(sellable=False), FakePorts()
    store.error = StoreUnavailable("the store answered 503")
    body = product(variants=[variant(**SOLD_OUT)])

    with pytest.raises(StoreUnavailable):
        translate("products/update", body, ports, store)
    store.error = None
    found = translate("products/update", body, ports, store)

    assert product_of(found).variants[0].stock == 0


@pytest.mark.parametrize("topic", ["products/update", "variants/out_of_stock"])
def test_where_the_store_rejects_the_token_the_body_decides_and_an_alarm_is_counted(
    topic: str,
) -> None:
    store = FakeStore(error=StoreUnavailable("the store answered 401", refused=True))
    own = variant(product_id=11, **SOLD_OUT)
    body = product(variants=[own]) if topic == "products/update" else own

    found = translate(topic, body, store=store)

    assert len(found.changes) == 1
    assert found.counts == ("StoreRefused",)


@pytest.mark.parametrize("topic", ["variants/in_stock", "variants/out_of_stock"])
def test_with_a_token_the_topic_and_its_time_decide_nothing(topic: str) -> None:
    store = store_with(sellable=False)

    found = translate(topic, variant(product_id=11, **SOLD_OUT), store=store)

    (change,) = found.changes
    assert isinstance(change, ProductSaved)
    assert change.version.tie == STORES_TIME
    assert change.product.variants[0].stock == 0


def test_with_a_token_the_variant_of_a_deleted_product_is_ignored() -> None:
    found = translate("variants/out_of_stock", variant(product_id=11), store=FakeStore())

    assert found.changes == ()
    assert found.ignored


# ---- without a token -----------------------------------------------------------------------------


def changed(topic: str, **fields: Any) -> StockChanged:
    (change,) = translate(topic, variant(product_id=11, **fields)).changes
    assert isinstance(change, StockChanged)
    return change


def test_a_variant_out_of_stock_is_sent_as_zero() -> None:
    assert changed("variants/out_of_stock", **SOLD_OUT) == StockChanged(
        entity=Entity(Kind.PRODUCT, "11"), at=TRIGGERED, variant_id="21", default=False, stock=0
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"inventory_quantity": 0}, 0),
        ({"inventory_quantity": -3}, 0),
        ({"inventory_quantity": None}, 0),
        # Old bodies may call it untracked.
        ({"inventory_quantity": 0, "inventory_management": None}, 0),
        # The topic is not signed: the body decides where it can.
        ({"inventory_quantity": 10}, 10),
        ({"inventory_quantity": 0, "inventory_policy": "continue"}, None),
    ],
)
def test_out_of_stock_is_zero_unless_the_signed_body_says_otherwise(
    fields: dict[str, Any], expected: int | None
) -> None:
    assert changed("variants/out_of_stock", **fields).stock == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    # The body of a variant out of stock, sent again as in_stock, is out of stock.
    [(7, 7), (0, 0), (-3, 0), (None, None)],
)
def test_in_stock_is_what_the_signed_body_says(count: int | None, expected: int | None) -> None:
    assert changed("variants/in_stock", inventory_quantity=count).stock == expected


@pytest.mark.parametrize("topic", ["variants/in_stock", "variants/out_of_stock"])
def test_the_availability_of_an_item_that_is_not_tracked_is_known(topic: str) -> None:
    ports = FakePorts(inventory={"31": False})

    (change,) = translate(topic, variant(product_id=11, **SOLD_OUT), ports).changes

    assert isinstance(change, StockChanged)
    assert change.stock is None


@pytest.mark.parametrize("topic", ["variants/in_stock", "variants/out_of_stock"])
def test_availability_is_as_old_as_its_signed_body(topic: str) -> None:
    at = changed(topic, updated_at="2026-11-20T09:00:00Z", **SOLD_OUT).at

    assert at == "2026-11-20T09:01:00.000000000Z"


def test_the_default_variant_is_marked_as_default() -> None:
    assert changed("variants/in_stock", title="Default Title").default


def test_a_variant_without_its_product_is_not_understood() -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate("variants/in_stock", variant())

    assert "product_id" in caught.value.reason

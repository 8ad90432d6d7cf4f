"""What to send of products: one row per variant, and the rows that are no longer there."""

from __future__ import annotations

from shared.destinations.building.fields import Body, encode
from shared.destinations.contract import KnownState, Plan
from shared.destinations.datacue import product_rows
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.calls import Act, CallContext, Collection, delete, set_field, write
from shared.destinations.datacue.payloads import (
    Product,
    Product2021,
    Product2021Update,
    ProductId,
    ProductUpdate,
)
from shared.destinations.datacue.rows import variant_id
from shared.http.call import Call
from shared.model.change import ProductRemoved, ProductSaved, StockChanged
from shared.model.product import DEFAULT_MARK, variant_key
from shared.settings import Merchant

UNKNOWN = "stock_of_unknown_variant"
GONE = b"gone"

Row = Product | Product2021


def saved(api: Api, shop: Merchant, change: ProductSaved, memory: KnownState) -> Plan:
    """Plan a product: what is new is created, the rest updated; then what is gone is deleted."""
    rows = _rows(api, shop, change, memory)
    calls = (
        *_categories(api, shop, change),
        *_upserts(api, rows, memory),
        *_removals(api, rows, change, memory),
    )
    return Plan(calls=calls, state=encode([change.complete, rows]))


def removed(api: Api, change: ProductRemoved) -> Plan:
    """Plan the end of a product, with whatever variants the platform has of it."""
    return Plan(calls=(delete(api, Collection.PRODUCTS, change.entity.id),), state=GONE)


def stock_changed(api: Api, shop: Merchant, change: StockChanged, memory: KnownState) -> Plan:
    """Plan the availability of one variant. One that may not be there yet is merged when it is."""
    if variant_key(change.variant_id, default=change.default) not in memory.variants:
        return Plan(counts=(UNKNOWN,))
    stock = product_rows.counted(memory.stock.get(change.variant_id, change.stock), shop.catalog)
    ids = (change.entity.id, variant_id(change.variant_id, default=change.default))
    update = Product2021Update(stock=stock) if api.newer else ProductUpdate(stock=stock)
    return Plan(calls=(set_field(api, Collection.PRODUCTS, ids, update, UNKNOWN),))


def _rows(api: Api, shop: Merchant, change: ProductSaved, memory: KnownState) -> tuple[Row, ...]:
    write_row = product_rows.product_2021 if api.newer else product_rows.product
    whole = product_rows.alike(change.product, shop)
    return tuple(
        write_row(whole, one, product_rows.stock_of(one, memory, shop.catalog))
        for one in change.product.variants
    )


def _categories(api: Api, shop: Merchant, change: ProductSaved) -> tuple[Call, ...]:
    # The guide of 2021-02 wants categories to be there before a product names them.
    if not api.newer or not change.product.variants:
        return ()
    rows: tuple[Body, ...] = product_rows.category_rows(change.product, shop)
    return write(api, CallContext(collection=Collection.CATEGORIES, act=Act.CREATE, rows=rows))


def _upserts(api: Api, rows: tuple[Row, ...], memory: KnownState) -> tuple[Call, ...]:
    there = _names(memory) if memory.known and not api.newer else frozenset()
    new = tuple(row for row in rows if row.variant_id not in there)
    old = tuple(row for row in rows if row.variant_id in there)
    return (
        *write(api, CallContext(collection=Collection.PRODUCTS, act=Act.CREATE, rows=new)),
        *write(api, CallContext(collection=Collection.PRODUCTS, act=Act.UPDATE, rows=old)),
    )


def _removals(
    api: Api, rows: tuple[Row, ...], change: ProductSaved, memory: KnownState
) -> tuple[Call, ...]:
    if not change.complete:
        return ()
    gone = sorted(_names(memory) - {row.variant_id for row in rows})
    ids = tuple(ProductId(product_id=change.product.id, variant_id=one) for one in gone)
    return write(api, CallContext(collection=Collection.PRODUCTS, act=Act.DELETE, rows=ids))


def _names(memory: KnownState) -> frozenset[str]:
    """
    Name what may be there as the platform does.

    Two keys can share the fixed name: a product that gets a new sole variant keeps its row.
    """
    return frozenset(
        variant_id(key.removesuffix(DEFAULT_MARK), default=key.endswith(DEFAULT_MARK))
        for key in memory.variants
    )

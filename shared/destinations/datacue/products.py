"""Plans of products: one row per variant, and the deletion of removed rows."""

from __future__ import annotations

from collections.abc import Sequence

from shared.destinations.building.fields import Body, encode
from shared.destinations.contract import KnownState, Plan
from shared.destinations.datacue import optional_fields, product_rows
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


def saved(api: Api, shop: Merchant, change: ProductSaved, known_state: KnownState) -> Plan:
    """Return the plan of a product: new rows are created, others updated, removed ones deleted."""
    rows = _rows(api, shop, change, known_state)
    calls = (
        *_categories(api, shop, change),
        *_upserts(api, rows, known_state),
        *_removals(api, rows, change, known_state),
    )
    filled = optional_fields.filled(rows)
    return Plan(
        calls=calls,
        state=encode([change.complete, rows]),
        # Of an incomplete product the platform keeps the other rows, with their fields.
        filled=filled if change.complete else filled | known_state.filled,
    )


def removed(api: Api, change: ProductRemoved) -> Plan:
    """Return the plan of a product's removal with all its variants at the platform."""
    return Plan(calls=(delete(api, Collection.PRODUCTS, change.entity.id),), state=GONE)


def stock_changed(api: Api, shop: Merchant, change: StockChanged, known_state: KnownState) -> Plan:
    """
    Return the plan of one variant's stock.

    If the variant is not at the platform yet, its stock is sent later with its row.
    """
    if variant_key(change.variant_id, default=change.default) not in known_state.variants:
        return Plan(counts=(UNKNOWN,))
    stock = product_rows.stock_or_default(
        known_state.stock.get(change.variant_id, change.stock), shop.catalog
    )
    ids = (change.entity.id, variant_id(change.variant_id, default=change.default))
    update = Product2021Update(stock=stock) if api.newer else ProductUpdate(stock=stock)
    return Plan(calls=(set_field(api, Collection.PRODUCTS, ids, update, UNKNOWN),))


def _rows(
    api: Api, shop: Merchant, change: ProductSaved, known_state: KnownState
) -> tuple[Row, ...]:
    write_row = product_rows.product_2021 if api.newer else product_rows.product
    whole = product_rows.shared_fields(change.product, shop)
    return tuple(
        write_row(whole, one, product_rows.stock_of(one, known_state, shop.catalog))
        for one in change.product.variants
    )


def _categories(api: Api, shop: Merchant, change: ProductSaved) -> tuple[Call, ...]:
    # The guide of 2021-02 requires categories to exist before a product refers to them.
    if not api.newer or not change.product.variants:
        return ()
    rows: tuple[Body, ...] = product_rows.category_rows(change.product, shop)
    return write(api, CallContext(collection=Collection.CATEGORIES, act=Act.CREATE, rows=rows))


def _upserts(api: Api, rows: tuple[Row, ...], known_state: KnownState) -> tuple[Call, ...]:
    """Return the calls that write rows; one that loses an optional field is deleted before."""
    loses = optional_fields.loses_a_field(known_state.filled)
    # Also of a row that may be there after a call without a response.
    there = _known_ids(known_state)
    emptied = frozenset(row.variant_id for row in rows if row.variant_id in there and loses(row))
    updates = known_state.known and not api.newer
    existing = there - emptied if updates else frozenset[str]()
    new = tuple(row for row in rows if row.variant_id not in existing)
    old = tuple(row for row in rows if row.variant_id in existing)
    return (
        *_deletes(api, rows[0].product_id if rows else "", sorted(emptied)),
        *write(api, CallContext(collection=Collection.PRODUCTS, act=Act.CREATE, rows=new)),
        *write(api, CallContext(collection=Collection.PRODUCTS, act=Act.UPDATE, rows=old)),
    )


def _removals(
    api: Api, rows: tuple[Row, ...], change: ProductSaved, known_state: KnownState
) -> tuple[Call, ...]:
    if not change.complete:
        return ()
    gone = sorted(_known_ids(known_state) - {row.variant_id for row in rows})
    return _deletes(api, change.product.id, gone)


def _deletes(api: Api, product_id: str, variant_ids: Sequence[str]) -> tuple[Call, ...]:
    ids = tuple(ProductId(product_id=product_id, variant_id=one) for one in variant_ids)
    return write(api, CallContext(collection=Collection.PRODUCTS, act=Act.DELETE, rows=ids))


def _known_ids(known_state: KnownState) -> frozenset[str]:
    """
    Return the platform's ids of all variants that may be stored there.

    Two keys can share the fixed id: a product that gets a new sole variant keeps its row.
    """
    return frozenset(
        variant_id(key.removesuffix(DEFAULT_MARK), default=key.endswith(DEFAULT_MARK))
        for key in known_state.variants
    )

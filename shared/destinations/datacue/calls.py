"""
Conversion of rows to calls: one row is a single call, several rows are batches of at most 500 items
and 5 MiB, in the format of the profile. Each call carries its `CallContext` for the judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from shared.destinations.building.fields import Body, encode, encode_body
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.fields import without_ids
from shared.destinations.datacue.order_payloads import Order, OrderStatus
from shared.errors import NotExpressible
from shared.http.call import Call
from shared.model.value import Hidden, Value, replace

MAX_ITEMS = 500
# DataCue's own PHP client refuses to send more; the document has no limit in bytes.
MAX_BYTES = 5 * 1024 * 1024


Items = list[msgspec.Raw]


class Collection(StrEnum):
    """The first segment of a path, and the ``type`` of a batch."""

    PRODUCTS = "products"
    USERS = "users"
    ORDERS = "orders"
    BANNERS = "banners"
    CATEGORIES = "categories"


class Act(StrEnum):
    """The operation on rows; ``SET`` is a partial update, which creates nothing."""

    CREATE = "POST"
    UPDATE = "PUT"
    DELETE = "DELETE"
    SET = "SET"


IDS = {
    Collection.PRODUCTS: ("product_id", "variant_id"),
    Collection.USERS: ("user_id",),
    Collection.ORDERS: ("order_id",),
    Collection.BANNERS: ("banner_id",),
    Collection.CATEGORIES: ("category_id",),
}


class CallContext(Value):
    """
    The operation of a call. The rows of a delete are ids. ``many`` marks a batch. ``note`` is the
    metric to count when a partial update finds nothing to update.
    """

    collection: Collection
    act: Act
    rows: Hidden[tuple[Body, ...]] = ()
    many: bool = False
    note: str = ""


def ids_of(collection: Collection, row: Body) -> tuple[str, ...]:
    """Return the ids of a row, in the order of the path."""
    return tuple(getattr(row, name) for name in IDS[collection])


def write(api: Api, context: CallContext, *, corrects: bool = False) -> tuple[Call, ...]:
    """
    Return the calls for an operation on rows.

    Orders are batched only to create them: they cannot be updated in a batch, and a batch delete
    cancels (2018-09) or deletes (2021-02) them. Raises NotExpressible.
    """
    single = len(context.rows) == 1
    if single or (context.collection is Collection.ORDERS and context.act is not Act.CREATE):
        return tuple(_single(api, context, row, corrects=corrects) for row in context.rows)
    return tuple(
        _batch(api, replace(context, rows=rows, many=True), items, corrects=corrects)
        for rows, items in _chunks(api, context)
    )


def halves(api: Api, call: Call, context: CallContext) -> tuple[Call, ...]:
    """Return two batches for one that was too large."""
    middle = len(context.rows) // 2
    return tuple(
        _batch(api, replace(context, rows=rows), _items(rows), corrects=call.corrects)
        for rows in (context.rows[:middle], context.rows[middle:])
    )


def one_by_one(api: Api, context: CallContext) -> tuple[Call, ...]:
    """Return a batch as single calls that correct it."""
    single = replace(context, many=False)
    return tuple(_single(api, single, row, corrects=True) for row in context.rows)


def delete(api: Api, collection: Collection, *ids: str) -> Call:
    """Return a delete by path; the id of a product alone deletes all its variants."""
    return Call(
        method="DELETE",
        url=api.path(collection, *ids),
        label=f"DELETE {collection}",
        context=CallContext(collection=collection, act=Act.DELETE),
    )


def set_field(api: Api, collection: Collection, ids: Sequence[str], body: Body, note: str) -> Call:
    """Return a partial update; ``note`` is counted if there is nothing to update."""
    return Call(
        method="PUT",
        url=api.path(collection, *ids),
        body=_check_size(encode_body(body)),
        label=f"PUT {collection}",
        context=CallContext(collection=collection, act=Act.SET, note=note),
    )


def _single(api: Api, context: CallContext, row: Body, *, corrects: bool) -> Call:
    ids = ids_of(context.collection, row)
    single = context if len(context.rows) == 1 else replace(context, rows=(row,))
    if context.act is Act.DELETE:
        return replace(delete(api, context.collection, *ids), context=single, corrects=corrects)
    method, segments, body = _request(api, context, row, ids)
    return Call(
        method=method,
        url=api.path(context.collection, *segments),
        body=_check_size(encode_body(body)),
        label=f"{method} {context.collection}",
        corrects=corrects,
        context=single,
    )


def _request(
    api: Api, context: CallContext, row: Body, ids: tuple[str, ...]
) -> tuple[str, tuple[str, ...], Body]:
    if context.act is Act.CREATE:
        return "POST", (), row
    if isinstance(row, Order):
        status = OrderStatus(order_status=row.order_status)
        return ("PATCH", (*ids, "status"), status) if api.newer else ("PUT", ids, status)
    return "PUT", ids, without_ids(row)


def _batch(api: Api, context: CallContext, items: Items, *, corrects: bool) -> Call:
    kind, method = context.collection, context.act.value
    # The samples of 2018-09 use `/batch/orders` and `/batch` for the same operation.
    has_type = api.newer or context.act is Act.CREATE
    return Call(
        method=method,
        url=api.path("batch", kind) if has_type else api.path("batch"),
        body=_batch_body(api, kind, items),
        label=f"{method} batch/{kind} x{len(context.rows)}",
        corrects=corrects,
        context=context,
    )


def _items(rows: tuple[Body, ...]) -> Items:
    return [msgspec.Raw(encode_body(row)) for row in rows]


def _batch_body(api: Api, kind: Collection, items: Items) -> bytes:
    return encode(items) if api.newer else encode({"type": kind.value, "batch": items})


def _chunks(api: Api, context: CallContext) -> Iterator[tuple[tuple[Body, ...], Items]]:
    # One byte more, because the first item has no comma before it.
    limit = MAX_BYTES - len(_batch_body(api, context.collection, [])) + 1
    first, used = 0, 0
    items: Items = []
    for index, row in enumerate(context.rows):
        item = encode_body(row)
        size = len(item) + 1
        if size > limit:
            raise NotExpressible("larger than 5 MiB", f"$.batch[{index}]")
        if items and (len(items) == MAX_ITEMS or used + size > limit):
            yield context.rows[first:index], items
            first, used, items = index, 0, []
        items.append(msgspec.Raw(item))
        used += size
    if items:
        yield context.rows[first:], items


def _check_size(body: bytes) -> bytes:
    if len(body) > MAX_BYTES:
        raise NotExpressible("larger than 5 MiB")
    return body

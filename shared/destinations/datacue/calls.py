"""
Build calls from rows: a single call for one row, batches of at most 500 items and 5 MiB for more,
in the form of the profile. The call's context is kept for the judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from shared.destinations.building.fields import Body, encode, written
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.fields import without_ids
from shared.destinations.datacue.order_payloads import Order, OrderStatus
from shared.errors import NotExpressible
from shared.http.call import Call
from shared.model.value import Hidden, Value, replace

MAX_ITEMS = 500
# What DataCue's own PHP client refuses to send; the document has no limit in bytes.
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
    """What is done to rows; ``set`` is a partial update, which creates nothing."""

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
    What a call does. For a delete, rows are ids. ``many`` marks a batch; ``note`` is the metric of
    a partial update that found nothing.
    """

    collection: Collection
    act: Act
    rows: Hidden[tuple[Body, ...]] = ()
    many: bool = False
    note: str = ""


def ids_of(collection: Collection, row: Body) -> tuple[str, ...]:
    """Return the ids of a row, in the order of a path."""
    return tuple(getattr(row, name) for name in IDS[collection])


def write(api: Api, asked: CallContext, *, corrects: bool = False) -> tuple[Call, ...]:
    """
    Return the calls for a context.

    Orders are batched only to create them: a batch cannot update them, and a batch delete
    cancels (2018-09) or deletes (2021-02). Raise NotExpressible.
    """
    alone = len(asked.rows) == 1
    if alone or (asked.collection is Collection.ORDERS and asked.act is not Act.CREATE):
        return tuple(_single(api, asked, row, corrects=corrects) for row in asked.rows)
    return tuple(
        _batch(api, replace(asked, rows=rows, many=True), items, corrects=corrects)
        for rows, items in _chunks(api, asked)
    )


def halves(api: Api, call: Call, asked: CallContext) -> tuple[Call, ...]:
    """Return a batch that was too large as two."""
    middle = len(asked.rows) // 2
    return tuple(
        _batch(api, replace(asked, rows=rows), _items(rows), corrects=call.corrects)
        for rows in (asked.rows[:middle], asked.rows[middle:])
    )


def one_by_one(api: Api, asked: CallContext) -> tuple[Call, ...]:
    """Return a batch as single calls, which correct it."""
    alone = replace(asked, many=False)
    return tuple(_single(api, alone, row, corrects=True) for row in asked.rows)


def delete(api: Api, collection: Collection, *ids: str) -> Call:
    """Return a delete by path: a product's id alone deletes all its variants."""
    return Call(
        method="DELETE",
        url=api.path(collection, *ids),
        label=f"DELETE {collection}",
        context=CallContext(collection=collection, act=Act.DELETE),
    )


def set_field(api: Api, collection: Collection, ids: Sequence[str], body: Body, note: str) -> Call:
    """Return a partial update; ``note`` is counted where there is nothing to update."""
    return Call(
        method="PUT",
        url=api.path(collection, *ids),
        body=_bounded(written(body)),
        label=f"PUT {collection}",
        context=CallContext(collection=collection, act=Act.SET, note=note),
    )


def _single(api: Api, asked: CallContext, row: Body, *, corrects: bool) -> Call:
    ids = ids_of(asked.collection, row)
    context = asked if len(asked.rows) == 1 else replace(asked, rows=(row,))
    if asked.act is Act.DELETE:
        return replace(delete(api, asked.collection, *ids), context=context, corrects=corrects)
    method, segments, body = _request(api, asked, row, ids)
    return Call(
        method=method,
        url=api.path(asked.collection, *segments),
        body=_bounded(written(body)),
        label=f"{method} {asked.collection}",
        corrects=corrects,
        context=context,
    )


def _request(
    api: Api, asked: CallContext, row: Body, ids: tuple[str, ...]
) -> tuple[str, tuple[str, ...], Body]:
    if asked.act is Act.CREATE:
        return "POST", (), row
    if isinstance(row, Order):
        status = OrderStatus(order_status=row.order_status)
        return ("PATCH", (*ids, "status"), status) if api.newer else ("PUT", ids, status)
    return "PUT", ids, without_ids(row)


def _batch(api: Api, asked: CallContext, items: Items, *, corrects: bool) -> Call:
    kind, method = asked.collection, asked.act.value
    # 2018-09 writes `/batch/orders` and `/batch` for one and the same; see the samples.
    typed = api.newer or asked.act is Act.CREATE
    return Call(
        method=method,
        url=api.path("batch", kind) if typed else api.path("batch"),
        body=_frame(api, kind, items),
        label=f"{method} batch/{kind} x{len(asked.rows)}",
        corrects=corrects,
        context=asked,
    )


def _items(rows: tuple[Body, ...]) -> Items:
    return [msgspec.Raw(written(row)) for row in rows]


def _frame(api: Api, kind: Collection, items: Items) -> bytes:
    return encode(items) if api.newer else encode({"type": kind.value, "batch": items})


def _chunks(api: Api, asked: CallContext) -> Iterator[tuple[tuple[Body, ...], Items]]:
    # One more, for the first item has no comma before it.
    room = MAX_BYTES - len(_frame(api, asked.collection, [])) + 1
    first, used = 0, 0
    items: Items = []
    for index, row in enumerate(asked.rows):
        item = written(row)
        size = len(item) + 1
        if size > room:
            raise NotExpressible("larger than 5 MiB", f"$.batch[{index}]")
        if items and (len(items) == MAX_ITEMS or used + size > room):
            yield asked.rows[first:index], items
            first, used, items = index, 0, []
        items.append(msgspec.Raw(item))
        used += size
    if items:
        yield asked.rows[first:], items


def _bounded(body: bytes) -> bytes:
    if len(body) > MAX_BYTES:
        raise NotExpressible("larger than 5 MiB")
    return body

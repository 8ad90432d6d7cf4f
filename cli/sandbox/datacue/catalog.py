"""Rows in the state: products by product and variant, everything else by one id."""

from __future__ import annotations

from typing import Any

from cli.sandbox.datacue.edition import Kind, Row
from cli.sandbox.exchange import State

Ids = tuple[str, ...]


def ids_of(kind: Kind, row: Row) -> Ids:
    """Return a row's ids."""
    return tuple(row[name] for name in kind.ids)


def find(state: State, kind: Kind, ids: Ids) -> Row | None:
    """Return a row, or None."""
    at: Any = state[kind.name]
    for name in ids:
        at = at.get(name)
        if at is None:
            return None
    row: Row = at
    return row


def put(state: State, kind: Kind, row: Row) -> None:
    """Write a whole row; an order without a status is completed, according to the guide."""
    *outer, last = ids_of(kind, row)
    rows = state[kind.name]
    for name in outer:
        rows = rows.setdefault(name, {})
    default = {"order_status": "completed"} if kind.name == "orders" else {}
    rows[last] = default | row


def merge(state: State, kind: Kind, ids: Ids, part: Row) -> bool:
    """Change the given fields ("only send fields to be updated"); return False without a row."""
    row = find(state, kind, ids)
    if row is None:
        return False
    row.update(part)
    return True


def upsert(state: State, kind: Kind, row: Row) -> None:
    """Update an existing row, or write a new one; an order is replaced whole (guide of 2021)."""
    if kind.name == "orders" or not merge(state, kind, ids_of(kind, row), row):
        put(state, kind, row)


def drop(state: State, kind: Kind, ids: Ids) -> bool:
    """Remove a row, or all variants of a product; return False when there is none."""
    if find(state, kind, ids) is None:
        return False
    rows = state[kind.name]
    if len(ids) > 1 and len(rows[ids[0]]) > 1:
        del rows[ids[0]][ids[1]]
    else:
        del rows[ids[0]]
    return True

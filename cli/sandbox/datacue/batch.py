"""
Calls about many things. The older edition wraps them in ``{"type", "batch"}`` and answers 207 with
a status for each, by position; the newer takes a bare array and answers without a body.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cli.sandbox.datacue.catalog import drop, ids_of, merge, upsert
from cli.sandbox.datacue.edition import Kind, Row
from cli.sandbox.datacue.single import ParsedRequest, add, not_found
from cli.sandbox.datacue.tables import ORDER_STATUS
from cli.sandbox.exchange import Response, Plan, State, Violation, json_response, rejection
from cli.sandbox.fields import fields, may, must, one_of

MOST = 500

# Check one item.
Judge = Callable[[Kind, Any], Row]
# Do one item; the error of the 207, or None.
Do = Callable[[State, ParsedRequest, Row], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What a batch does with each of its items."""

    judge: Judge
    do: Do
    kinds: tuple[str, ...]
    status: int = 204


def _status(kind: Kind, item: Any) -> Row:
    fields(item, "", {name: kind.shape[name] for name in kind.ids} | dict(ORDER_STATUS))
    return dict(item)


def _change(state: State, asked: ParsedRequest, row: Row) -> str | None:
    found = merge(state, asked.kind, ids_of(asked.kind, row), row)
    return None if found else not_found(asked.kind)


def _upsert(state: State, asked: ParsedRequest, row: Row) -> str | None:
    upsert(state, asked.kind, row)
    return None


def _drop(state: State, asked: ParsedRequest, row: Row) -> str | None:
    if asked.edition.strict and asked.kind.name == "orders":
        # "'DELETING' an order marks it as cancelled" (2018); the guide of 2021 deletes it.
        return _change(state, asked, {**row, "order_status": "cancelled"})
    found = drop(state, asked.kind, ids_of(asked.kind, row))
    return None if found else not_found(asked.kind)


_ALL = ("products", "users", "orders", "banners", "categories")
# "orders cannot be updated only created or cancelled".
_BUT_ORDERS = ("products", "users", "banners", "categories")

CREATE = Verb(judge=Kind.create, do=add, kinds=_ALL, status=201)
UPDATE = Verb(judge=Kind.update_with_ids, do=_change, kinds=_BUT_ORDERS)
# The vendor's own modules add new rows with it.
UPSERT = Verb(judge=Kind.update_with_ids, do=_upsert, kinds=_BUT_ORDERS)
DELETE = Verb(judge=Kind.point, do=_drop, kinds=_ALL)
STATUS = Verb(judge=_status, do=_change, kinds=("orders",))


def wrapped(asked: ParsedRequest, verb: Verb) -> Plan:
    """Plan a batch of the older edition: bad items are refused one by one, the others are done."""
    _wrapper(asked)
    if asked.kind.name not in verb.kinds:
        raise Violation(f"{asked.kind.name} cannot be updated in a batch")
    items = _limited(asked.body["batch"])
    judged = [_judged(asked.kind, item, verb) for item in items]

    def act(state: State) -> Response:
        errors = [
            result.text if isinstance(result, Violation) else verb.do(state, asked, result)
            for result in judged
        ]
        lines = [_line(asked.kind, *pair, verb) for pair in zip(items, errors, strict=True)]
        return json_response(207, {"status": lines}, applied=None in errors)

    return Plan(act=act, items=len(items), violation=_wrong(judged))


def bare(asked: ParsedRequest, verb: Verb) -> Plan:
    """Plan a batch of the newer edition: all of it, or nothing."""
    items = _limited(asked.body)
    judged = [_judged(asked.kind, item, verb) for item in items]
    wrong = _wrong(judged)
    if wrong is not None:
        return rejection(Violation(wrong), len(items))
    rows = [row for row in judged if not isinstance(row, Violation)]

    def act(state: State) -> Response:
        for row in rows:
            verb.do(state, asked, row)
        return json_response(verb.status, applied=True)

    return Plan(act=act, items=len(items))


def statuses(asked: ParsedRequest) -> Plan:
    """Plan to change the status of many orders: the only wrapper left in the newer edition."""
    fields(asked.body, "", {"batch": must(_whatever)})
    return bare(dataclasses.replace(asked, body=asked.body["batch"]), STATUS)


def everything(asked: ParsedRequest) -> Plan:
    """Plan to delete all of a kind."""

    def act(state: State) -> Response:
        state[asked.kind.name].clear()
        return json_response(204, applied=True)

    return Plan(act=act)


def _wrapper(asked: ParsedRequest) -> None:
    kinds = tuple(asked.edition.kinds) if asked.path_kind is None else (asked.path_kind.name,)
    rule = one_of(*kinds)
    fields(
        asked.body,
        "",
        {"type": must(rule) if asked.path_kind is None else may(rule), "batch": must(_whatever)},
    )


def _whatever(_: Any, __: str) -> None:
    """Leave it to `_limited`, whose status may be another."""


def _limited(items: Any) -> list[Any]:
    if not isinstance(items, list):
        raise Violation("the batch must be an array")
    if not items:
        raise Violation("the batch is empty")
    if len(items) > MOST:
        raise Violation(f"more than {MOST} list items", 413)
    return items


def _judged(kind: Kind, item: Any, verb: Verb) -> Row | Violation:
    try:
        return verb.judge(kind, item)
    except Violation as violation:
        return violation


def _wrong(judged: list[Row | Violation]) -> str | None:
    found = [
        f"batch[{place}]: {result.text}"
        for place, result in enumerate(judged)
        if isinstance(result, Violation)
    ]
    return "; ".join(found) or None


def _line(kind: Kind, item: Any, error: str | None, verb: Verb) -> dict[str, str]:
    name = kind.ids[0]
    given = item.get(name) if isinstance(item, dict) else None
    # The example of a users batch calls the id of those that went well "product_id".
    label = "product_id" if kind.name == "users" and verb is CREATE and error is None else name
    line = {label: given if isinstance(given, str) else ""}
    return line | ({"status": "OK"} if error is None else {"status": "error", "error": error})

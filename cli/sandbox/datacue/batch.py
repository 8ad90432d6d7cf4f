"""
Calls about many objects. The older edition wraps them in ``{"type", "batch"}`` and answers 207 with
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
from cli.sandbox.exchange import Plan, Response, State, Violation, json_response, rejection
from cli.sandbox.fields import fields, may, must, one_of

MOST = 500

# Validates one item.
Validate = Callable[[Kind, Any], Row]
# Applies one item; returns the error for the 207, or None.
Do = Callable[[State, ParsedRequest, Row], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """How a batch validates and applies each of its items."""

    validate: Validate
    do: Do
    kinds: tuple[str, ...]
    status: int = 204


def _status(kind: Kind, item: Any) -> Row:
    fields(item, "", {name: kind.shape[name] for name in kind.ids} | dict(ORDER_STATUS))
    return dict(item)


def _change(state: State, parsed: ParsedRequest, row: Row) -> str | None:
    found = merge(state, parsed.kind, ids_of(parsed.kind, row), row)
    return None if found else not_found(parsed.kind)


def _upsert(state: State, parsed: ParsedRequest, row: Row) -> str | None:
    upsert(state, parsed.kind, row)
    return None


def _drop(state: State, parsed: ParsedRequest, row: Row) -> str | None:
    if parsed.edition.strict and parsed.kind.name == "orders":
        # "'DELETING' an order marks it as cancelled" (2018); the guide of 2021 deletes it.
        return _change(state, parsed, {**row, "order_status": "cancelled"})
    found = drop(state, parsed.kind, ids_of(parsed.kind, row))
    return None if found else not_found(parsed.kind)


_ALL = ("products", "users", "orders", "banners", "categories")
# "orders cannot be updated only created or cancelled".
_BUT_ORDERS = ("products", "users", "banners", "categories")

CREATE = Verb(validate=Kind.create, do=add, kinds=_ALL, status=201)
UPDATE = Verb(validate=Kind.update_with_ids, do=_change, kinds=_BUT_ORDERS)
# The vendor's own modules add new rows with it too.
UPSERT = Verb(validate=Kind.update_with_ids, do=_upsert, kinds=_BUT_ORDERS)
DELETE = Verb(validate=Kind.identify, do=_drop, kinds=_ALL)
STATUS = Verb(validate=_status, do=_change, kinds=("orders",))


def wrapped(parsed: ParsedRequest, verb: Verb) -> Plan:
    """Plan a batch of the older edition: each invalid item is rejected, the others are applied."""
    _wrapper(parsed)
    if parsed.kind.name not in verb.kinds:
        raise Violation(f"{parsed.kind.name} cannot be updated in a batch")
    items = _limited(parsed.body["batch"])
    validated = [_validated(parsed.kind, item, verb) for item in items]

    def act(state: State) -> Response:
        errors = [
            result.text if isinstance(result, Violation) else verb.do(state, parsed, result)
            for result in validated
        ]
        lines = [_line(parsed.kind, *pair, verb) for pair in zip(items, errors, strict=True)]
        return json_response(207, {"status": lines}, applied=None in errors)

    return Plan(act=act, items=len(items), violation=_batch_violation(validated))


def bare(parsed: ParsedRequest, verb: Verb) -> Plan:
    """Plan a batch of the newer edition: all items are applied, or none."""
    items = _limited(parsed.body)
    validated = [_validated(parsed.kind, item, verb) for item in items]
    violation = _batch_violation(validated)
    if violation is not None:
        return rejection(Violation(violation), len(items))
    rows = [row for row in validated if not isinstance(row, Violation)]

    def act(state: State) -> Response:
        for row in rows:
            verb.do(state, parsed, row)
        return json_response(verb.status, applied=True)

    return Plan(act=act, items=len(items))


def statuses(parsed: ParsedRequest) -> Plan:
    """Plan to change the status of many orders: the only wrapped batch of the newer edition."""
    fields(parsed.body, "", {"batch": must(_anything)})
    return bare(dataclasses.replace(parsed, body=parsed.body["batch"]), STATUS)


def delete_all(parsed: ParsedRequest) -> Plan:
    """Plan to delete all objects of a kind."""

    def act(state: State) -> Response:
        state[parsed.kind.name].clear()
        return json_response(204, applied=True)

    return Plan(act=act)


def _wrapper(parsed: ParsedRequest) -> None:
    kinds = tuple(parsed.edition.kinds) if parsed.path_kind is None else (parsed.path_kind.name,)
    rule = one_of(*kinds)
    fields(
        parsed.body,
        "",
        {"type": must(rule) if parsed.path_kind is None else may(rule), "batch": must(_anything)},
    )


def _anything(_: Any, __: str) -> None:
    """Accept anything: `_limited` checks it and may answer another status."""


def _limited(items: Any) -> list[Any]:
    if not isinstance(items, list):
        raise Violation("the batch must be an array")
    if not items:
        raise Violation("the batch is empty")
    if len(items) > MOST:
        raise Violation(f"more than {MOST} list items", 413)
    return items


def _validated(kind: Kind, item: Any, verb: Verb) -> Row | Violation:
    try:
        return verb.validate(kind, item)
    except Violation as violation:
        return violation


def _batch_violation(validated: list[Row | Violation]) -> str | None:
    found = [
        f"batch[{place}]: {result.text}"
        for place, result in enumerate(validated)
        if isinstance(result, Violation)
    ]
    return "; ".join(found) or None


def _line(kind: Kind, item: Any, error: str | None, verb: Verb) -> dict[str, str]:
    name = kind.ids[0]
    value = item.get(name) if isinstance(item, dict) else None
    # The guide's example of a users batch calls the id of successful items "product_id".
    label = "product_id" if kind.name == "users" and verb is CREATE and error is None else name
    line = {label: value if isinstance(value, str) else ""}
    return line | ({"status": "OK"} if error is None else {"status": "error", "error": error})

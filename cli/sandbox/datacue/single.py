"""Calls about one thing: create, update, delete, the status of an order, and the overview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cli.sandbox.datacue.catalog import Ids, drop, find, ids_of, merge, put, upsert
from cli.sandbox.datacue.edition import Edition, Kind, Row
from cli.sandbox.datacue.tables import ORDER_STATUS
from cli.sandbox.exchange import Response, Plan, State, json_response, error_response
from cli.sandbox.fields import fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRequest:
    """A request that was found and signed: kind and ids of its path, and its body's JSON."""

    edition: Edition
    path_kind: Kind | None
    ids: Ids = ()
    body: Any = None

    @property
    def kind(self) -> Kind:
        """The kind of thing; where the path does not say, the body's ``type`` does."""
        return self.path_kind or self.edition.kinds[self.body["type"]]


def create(asked: ParsedRequest) -> Plan:
    """Plan to create; in the newer edition, to create or update."""
    row = asked.kind.create(asked.body)

    def act(state: State) -> Response:
        error = add(state, asked, row)
        return error_response(400, error) if error else json_response(201, applied=True)

    return Plan(act=act, items=1)


def add(state: State, asked: ParsedRequest, row: Row) -> str | None:
    """Write a new row; the error where the edition refuses one that exists."""
    ids = ids_of(asked.kind, row)
    if not asked.edition.strict:
        upsert(state, asked.kind, row)
    elif find(state, asked.kind, ids) is not None:
        return f"{ids[0]} already exists"
    else:
        put(state, asked.kind, row)
    return None


def update(asked: ParsedRequest) -> Plan:
    """Plan to change some fields."""
    part = asked.kind.update(asked.body)
    return _change(asked, part)


def status(asked: ParsedRequest) -> Plan:
    """Plan to cancel or complete an order: all that can be changed of one."""
    fields(asked.body, "", ORDER_STATUS)
    return _change(asked, dict(asked.body))


def _change(asked: ParsedRequest, part: Row) -> Plan:
    def act(state: State) -> Response:
        if merge(state, asked.kind, asked.ids, part):
            return json_response(204, applied=True)
        return error_response(404, not_found(asked.kind))

    return Plan(act=act, items=1)


def delete(asked: ParsedRequest) -> Plan:
    """Plan to delete; a product without a variant in the path goes with all of them."""

    def act(state: State) -> Response:
        if drop(state, asked.kind, asked.ids):
            return json_response(204, applied=True)
        return error_response(404, not_found(asked.kind))

    return Plan(act=act, items=1)


def not_found(kind: Kind) -> str:
    """Word the error of what is not there."""
    return f"{kind.word} not found"


def overview(asked: ParsedRequest) -> Plan:
    """Plan to list the ids of one kind."""

    def act(state: State) -> Response:
        ids = list(state[asked.kind.name])
        return json_response(200, {"ids": ids, "count": len(ids)})

    return Plan(act=act)


def counts(_: ParsedRequest) -> Plan:
    """Plan to count everything."""

    def act(state: State) -> Response:
        variants = sum(len(found) for found in state["products"].values())
        products = {"products": len(state["products"]), "variants": variants}
        return json_response(
            200,
            {"products": products, "orders": len(state["orders"]), "users": len(state["users"])},
        )

    return Plan(act=act)

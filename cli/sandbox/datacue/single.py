"""Calls about one object: create, update, delete, the status of an order, and the overview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cli.sandbox.datacue.catalog import Ids, drop, find, ids_of, merge, put, upsert
from cli.sandbox.datacue.edition import Edition, Kind, Row
from cli.sandbox.datacue.tables import ORDER_STATUS
from cli.sandbox.exchange import Plan, Response, State, error_response, json_response
from cli.sandbox.fields import fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRequest:
    """A request with a known path and a valid signature: kind and ids of the path, and the JSON."""

    edition: Edition
    path_kind: Kind | None
    ids: Ids = ()
    body: Any = None

    @property
    def kind(self) -> Kind:
        """The kind of object, from the path or else from the body's ``type``."""
        return self.path_kind or self.edition.kinds[self.body["type"]]


def create(parsed: ParsedRequest) -> Plan:
    """Plan a create; in the newer edition, a create or update."""
    row = parsed.kind.create(parsed.body)

    def act(state: State) -> Response:
        error = add(state, parsed, row)
        return error_response(400, error) if error else json_response(201, applied=True)

    return Plan(act=act, items=1)


def add(state: State, parsed: ParsedRequest, row: Row) -> str | None:
    """Write a new row; return the error where the edition rejects an existing id."""
    ids = ids_of(parsed.kind, row)
    if not parsed.edition.strict:
        upsert(state, parsed.kind, row)
    elif find(state, parsed.kind, ids) is not None:
        return f"{ids[0]} already exists"
    else:
        put(state, parsed.kind, row)
    return None


def update(parsed: ParsedRequest) -> Plan:
    """Plan an update of some fields."""
    part = parsed.kind.update(parsed.body)
    return _change(parsed, part)


def status(parsed: ParsedRequest) -> Plan:
    """Plan to cancel or complete an order: nothing else of an order can be changed."""
    fields(parsed.body, "", ORDER_STATUS)
    return _change(parsed, dict(parsed.body))


def _change(parsed: ParsedRequest, part: Row) -> Plan:
    def act(state: State) -> Response:
        if merge(state, parsed.kind, parsed.ids, part):
            return json_response(204, applied=True)
        return error_response(404, not_found(parsed.kind))

    return Plan(act=act, items=1)


def delete(parsed: ParsedRequest) -> Plan:
    """Plan a delete; a product without a variant in the path is deleted with all its variants."""

    def act(state: State) -> Response:
        if drop(state, parsed.kind, parsed.ids):
            return json_response(204, applied=True)
        return error_response(404, not_found(parsed.kind))

    return Plan(act=act, items=1)


def not_found(kind: Kind) -> str:
    """Return the error text for an unknown id."""
    return f"{kind.word} not found"


def overview(parsed: ParsedRequest) -> Plan:
    """Plan a list of the ids of one kind."""

    def act(state: State) -> Response:
        ids = list(state[parsed.kind.name])
        return json_response(200, {"ids": ids, "count": len(ids)})

    return Plan(act=act)


def counts(_: ParsedRequest) -> Plan:
    """Plan a count of all objects."""

    def act(state: State) -> Response:
        variants = sum(len(found) for found in state["products"].values())
        products = {"products": len(state["products"]), "variants": variants}
        return json_response(
            200,
            {"products": products, "orders": len(state["orders"]), "users": len(state["users"])},
        )

    return Plan(act=act)

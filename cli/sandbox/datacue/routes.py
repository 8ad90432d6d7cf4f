"""The paths of the API host, and the methods of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cli.sandbox.datacue import batch, single
from cli.sandbox.datacue.batch import Verb
from cli.sandbox.datacue.edition import Edition, Kind
from cli.sandbox.datacue.single import ParsedRequest
from cli.sandbox.exchange import Plan, Violation

Do = Callable[[ParsedRequest], Plan]
Methods = Mapping[str, Do]


@dataclass(frozen=True, slots=True)
class Route:
    """An existing path: its kind of object, if it names one, its methods, and the ids in it."""

    kind: Kind | None
    methods: Methods
    ids: tuple[str, ...] = ()


def route(edition: Edition, parts: tuple[str, ...]) -> Route:
    """Return the route of a path of decoded segments. Raise Violation (404) for an unknown one."""
    found = _find(edition, parts)
    if found is None or not found.methods:
        raise Violation("unknown path", 404)
    return found


def _find(edition: Edition, parts: tuple[str, ...]) -> Route | None:
    first, *rest = parts
    if first in edition.kinds:
        kind = edition.kinds[first]
        return Route(kind, _things(edition, kind, rest), tuple(rest[: len(kind.ids)]))
    tables = _WRAPPED if edition.strict else _BARE
    if first not in tables:
        return None
    if not rest:
        return Route(None, tables[first](None, ()))
    if rest[0] not in edition.kinds:
        return None
    kind = edition.kinds[rest[0]]
    return Route(kind, tables[first](kind, tuple(rest[1:])))


def _things(edition: Edition, kind: Kind, rest: list[str]) -> Methods:
    if not rest:
        return {"POST": single.create}
    if kind.name == "orders":
        return _order(edition, rest)
    if len(rest) == len(kind.ids):
        return {"PUT": single.update, "DELETE": single.delete}
    # A path that names a product and no variant.
    return {"DELETE": single.delete} if len(rest) < len(kind.ids) else {}


def _order(edition: Edition, rest: list[str]) -> Methods:
    # Cancelling was PUT /orders/{id}; since 2019-12 it is PATCH /orders/{id}/status.
    if len(rest) == 1:
        changed: Methods = {"PUT": single.status} if edition.strict else {}
        return {**changed, "DELETE": single.delete}
    return {"PATCH": single.status} if not edition.strict and rest[1:] == ["status"] else {}


def _wrapped(kind: Kind | None, rest: tuple[str, ...]) -> Methods:
    # The samples post to /batch/users, the "endpoint" lines to /batch: both are documented.
    if rest:
        return {}
    create = {"POST": _verb(batch.wrapped, batch.CREATE)}
    if kind is not None:
        return create
    return {
        **create,
        "PUT": _verb(batch.wrapped, batch.UPDATE),
        "DELETE": _verb(batch.wrapped, batch.DELETE),
    }


def _bare(kind: Kind | None, rest: tuple[str, ...]) -> Methods:
    if kind is None:
        return {}
    if rest:
        return {"DELETE": batch.delete_all} if rest == ("all",) else {}
    methods = {
        "POST": _verb(batch.bare, batch.CREATE),
        "DELETE": _verb(batch.bare, batch.DELETE),
    }
    if kind.name == "orders":
        return {**methods, "PATCH": batch.statuses}
    return {**methods, "PUT": _verb(batch.bare, batch.UPSERT)}


def _overview(kind: Kind | None, rest: tuple[str, ...]) -> Methods:
    if rest:
        return {}
    return {"GET": single.counts if kind is None else single.overview}


def _verb(plan: Callable[[ParsedRequest, Verb], Plan], verb: Verb) -> Do:
    return lambda parsed: plan(parsed, verb)


_Table = Callable[[Kind | None, tuple[str, ...]], Methods]
_WRAPPED: Mapping[str, _Table] = {"batch": _wrapped}
_BARE: Mapping[str, _Table] = {"batch": _bare, "overview": _overview}

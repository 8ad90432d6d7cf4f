"""The checks of every request, in this order: path, method, signature, size, type, JSON."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote

from cli.sandbox.datacue.auth import Keys, check_events_key, check_signature
from cli.sandbox.datacue.edition import Edition
from cli.sandbox.datacue.events import event_plan
from cli.sandbox.datacue.routes import Route, route
from cli.sandbox.datacue.single import ParsedRequest
from cli.sandbox.exchange import Plan, Request, Violation, decode, rejection
from cli.sandbox.fields import person

# The vendor's client does not send more, and the API answers 413.
LARGEST = 5 * 1024 * 1024

_JSON = re.compile(r"application/json(; ?charset=utf-8)?", re.IGNORECASE)
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def plan(request: Request, keys: Keys, edition: Edition) -> Plan:
    """Return the plan of one request by the rules of an edition."""
    try:
        return _judge(request, keys, edition)
    except Violation as violation:
        return rejection(violation)


def _judge(request: Request, keys: Keys, edition: Edition) -> Plan:
    if "transfer-encoding" in request.headers:
        raise Violation("a length is required", 411)
    if request.path in ("/events", "/events/"):
        return _event(request, keys, edition)
    return _call(request, keys, edition)


def _event(request: Request, keys: Keys, edition: Edition) -> Plan:
    _method(request, {"POST"})
    check_events_key(request, keys)
    return event_plan(_body(request, required=True), edition.events)


def _call(request: Request, keys: Keys, edition: Edition) -> Plan:
    parts = _parts(request.path)
    found = route(edition, parts)
    _method(request, found.methods.keys())
    check_signature(request, keys)
    body = _body(request, required=not _bodiless(request.method, parts))
    _check_user_ids(found)
    parsed = ParsedRequest(edition=edition, path_kind=found.kind, ids=found.ids, body=body)
    return found.methods[request.method](parsed)


def _check_user_ids(found: Route) -> None:
    if found.kind is not None and found.kind.name == "users":
        for name in found.ids:
            person(name, "user_id")


def _parts(path: str) -> tuple[str, ...]:
    if not path.startswith("/api/v1/") or _ESCAPE.search(path):
        raise Violation("unknown path", 404)
    parts = tuple(unquote(part) for part in path.removeprefix("/api/v1/").split("/"))
    if not all(part.strip() for part in parts):
        raise Violation("empty segment in the path", 404)
    return parts


def _method(request: Request, methods: Collection[str]) -> None:
    if request.method not in methods:
        raise Violation("method not allowed", 405)
    if request.query:
        raise Violation("unknown query")


def _bodiless(method: str, parts: tuple[str, ...]) -> bool:
    return method == "GET" or (method == "DELETE" and (parts[0] != "batch" or parts[-1] == "all"))


def _body(request: Request, *, required: bool) -> Any:
    if len(request.body) > LARGEST:
        raise Violation("the body is larger than 5 MiB", 413)
    kind = request.headers.get("content-type")
    if not required:
        if request.body or kind is not None:
            raise Violation("neither a body nor a content type is allowed here")
        return None
    if not request.body:
        raise Violation("a body is required here")
    if kind is None or not _JSON.fullmatch(kind):
        raise Violation("the content type must be application/json")
    return decode(request.body)

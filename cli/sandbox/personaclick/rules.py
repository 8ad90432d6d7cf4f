"""What every request must hold, in this order: path, method, type, JSON, shop, fields."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from cli.sandbox.exchange import (Response, Plan, Request, State, Violation, json_response, decode, encode)
from cli.sandbox.fields import fields, must
from cli.sandbox.personaclick import storage, tables

# "40 req/min, 35 MB" of the catalogue, 32 MB of orders; nobody says it of events.
LARGEST = 32 * 1024 * 1024
MALFORMED = 422

_JSON = re.compile(r"application/json(; ?charset=utf-8)?", re.IGNORECASE)
_ASKED = {"shop_id", "did", "seance", "referer", "tz", "stream", "testmode"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The merchant's store there: its key, 30 hexadecimal digits, and its secret."""

    key: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9a-f]{30}", self.key):
            raise ValueError("shop_id: 30 hexadecimal digits")


T = TypeVar("T")
Do = Callable[[Shop, Any], Plan]


def plan(request: Request, shop: Shop) -> Plan:
    """Judge one request."""
    try:
        return _judge(request, shop)
    except Violation as violation:
        return _refused(violation)


def _judge(request: Request, shop: Shop) -> Plan:
    if "transfer-encoding" in request.headers:
        raise Violation("a length is required", 411)
    methods = _PATHS.get(request.path)
    if methods is None and request.path != "/init":
        raise Violation("unknown path", 404)
    if request.path == "/init":
        return _init(request, shop)
    if methods is None or request.method not in methods:
        raise Violation("method not allowed", 405)
    if request.query:
        raise Violation("unknown query")
    body = _body(request)
    if not isinstance(body, dict):
        raise Violation("the body must be an object", MALFORMED)
    return methods[request.method](shop, body)


def _shaped(check: Callable[..., T], *given: Any) -> T:
    """Answer 422 for what breaks a table; the page itself says 400 of everything (C14)."""
    try:
        return check(*given)
    except Violation as violation:
        raise Violation(violation.text, MALFORMED) from None


def _body(request: Request) -> Any:
    if len(request.body) > LARGEST:
        raise Violation("the body is too large", 413)
    if not _JSON.fullmatch(request.headers.get("content-type", "")):
        raise Violation("the content type must be application/json")
    return decode(request.body)


def _init(request: Request, shop: Shop) -> Plan:
    if request.method != "GET":
        raise Violation("method not allowed", 405)
    if request.body:
        raise Violation("no body is wanted here")
    asked = dict(parse_qsl(request.query, keep_blank_values=True))
    if not asked.keys() <= _ASKED:
        raise Violation("unknown query", MALFORMED)
    if "" in asked.values():
        raise Violation("an empty parameter", MALFORMED)
    _same_shop(shop, asked)
    if "stream" in asked:
        _shaped(tables.stream, asked["stream"], "stream")
    return Plan(act=partial(storage.open_session, asked=asked))


def _same_shop(shop: Shop, body: Mapping[str, Any]) -> None:
    if body.get("shop_id") != shop.key:
        raise Violation("unknown shop", 403)


def _push(shop: Shop, body: Any) -> Plan:
    _known(shop, body)
    event = _shaped(tables.check_push, body)
    return Plan(act=_of(body, partial(storage.record_event, event=event, body=body)), items=1)


def _custom(shop: Shop, body: Any) -> Plan:
    _known(shop, body)
    _shaped(fields, body, "", tables.CUSTOM)
    _shaped(tables.check_session, body)
    return Plan(act=_of(body, partial(storage.record_event, event="custom", body=body)), items=1)


def _known(shop: Shop, body: Mapping[str, Any]) -> None:
    _same_shop(shop, body)
    if "did" not in body:
        raise Violation("nobody is named", 401)


def _of(body: Mapping[str, Any], act: Callable[[State], Response]) -> Callable[[State], Response]:
    """Do something for a device that the platform knows; it forgets none, and takes no other."""

    def known(state: State) -> Response:
        sessions = state["devices"].get(body["did"])
        if sessions is None:
            return error_response(404, "unknown device")
        given = act(state)
        session = body.get("seance", body.get("sid"))
        if given.applied and session not in sessions:
            sessions.append(session)
        return given

    return known


def _tracked(act: str, shop: Shop, body: Any) -> Plan:
    _same_shop(shop, body)
    stream = tables.stream if act == "clicked" else tables.app_stream
    _shaped(fields, body, "", {**tables.MESSAGE, "stream": must(stream)})
    return Plan(act=partial(storage.record_message, act=act, body=body), items=1)


def _secret(shop: Shop, body: Mapping[str, Any]) -> None:
    given = str(body.get("shop_secret", ""))
    # "400 Bad request: authorization failed", of the catalogue's pages.
    known = bool(shop.secret) and hmac.compare_digest(given.encode(), shop.secret.encode())
    if body.get("shop_id") != shop.key or not known:
        raise Violation("authorization failed", 400)


def _products(shop: Shop, body: Any) -> Plan:
    _secret(shop, body)
    _shaped(fields, body, "", tables.PRODUCTS)
    return Plan(act=partial(storage.save_products, rows=body["items"]), items=len(body["items"]))


def _gone(shop: Shop, body: Any) -> Plan:
    _secret(shop, body)
    _shaped(fields, body, "", tables.DELETED)
    return Plan(act=partial(storage.delete_products, ids=body["items"]), items=len(body["items"]))


def _orders(shop: Shop, body: Any) -> Plan:
    _secret(shop, body)
    _shaped(fields, body, "", tables.ORDERS)
    return Plan(act=partial(storage.save_order_statuses, rows=body["orders"]), items=len(body["orders"]))


def error_response(status: int, text: str) -> Response:
    """Make the documented shape of an error."""
    return json_response(status, {"status": "error", "message": text})


def _refused(violation: Violation) -> Plan:
    body = encode({"status": "error", "message": violation.text})
    given = Response(
        status=violation.status, body=body, headers=(("Content-Type", "application/json"),)
    )
    return Plan(act=lambda _: given, violation=violation.text)


_PATHS: Mapping[str, Mapping[str, Do]] = {
    "/push": {"POST": _push},
    "/push/custom": {"POST": _custom},
    "/track/received": {"POST": partial(_tracked, "received")},
    "/track/clicked": {"POST": partial(_tracked, "clicked")},
    "/track/closed": {"POST": partial(_tracked, "closed")},
    "/import/products": {"PUT": _products, "DELETE": _gone},
    "/sync/orders": {"POST": _orders},
}

"""The checks of every request, in this order: path, method, type, JSON, shop, fields."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from cli.sandbox.exchange import (
    Plan,
    Request,
    Response,
    State,
    Violation,
    decode,
    encode,
    json_response,
)
from cli.sandbox.fields import fields, must
from cli.sandbox.personaclick import storage, tables

# "40 req/min, 35 MB" for the catalogue, 32 MB for orders; no limit is documented for events.
LARGEST = 32 * 1024 * 1024
MALFORMED = 422

_KEY = re.compile(r"[0-9a-f]{30}")
_JSON = re.compile(r"application/json(; ?charset=utf-8)?", re.IGNORECASE)
_INIT_PARAMETERS = {"shop_id", "did", "seance", "referer", "tz", "stream", "testmode"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The merchant's store at the platform: its key, 30 hexadecimal digits, and its secret."""

    key: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError("shop_id: 30 hexadecimal digits")


T = TypeVar("T")
Do = Callable[[Shop, Any], Plan]


def plan(request: Request, shop: Shop) -> Plan:
    """Return the plan of one request."""
    try:
        return _judge(request, shop)
    except Violation as violation:
        return _rejection(violation)


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


def _validated(check: Callable[..., T], *arguments: Any) -> T:
    """Run a check, with 422 for a violation; the page itself says 400 for everything."""
    try:
        return check(*arguments)
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
        raise Violation("no body is allowed here")
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if not query.keys() <= _INIT_PARAMETERS:
        raise Violation("unknown query", MALFORMED)
    if "" in query.values():
        raise Violation("an empty parameter", MALFORMED)
    _same_shop(shop, query)
    if "stream" in query:
        _validated(tables.stream, query["stream"], "stream")
    return Plan(act=partial(storage.open_session, query=query))


def _same_shop(shop: Shop, body: Mapping[str, Any]) -> None:
    if body.get("shop_id") != shop.key:
        raise Violation("unknown shop", 403)


def _push(shop: Shop, body: Any) -> Plan:
    _check_shop_and_device(shop, body)
    event = _validated(tables.check_push, body)
    return Plan(
        act=_for_known_device(body, partial(storage.record_event, event=event, body=body)), items=1
    )


def _custom(shop: Shop, body: Any) -> Plan:
    _check_shop_and_device(shop, body)
    _validated(fields, body, "", tables.CUSTOM)
    _validated(tables.check_session, body)
    return Plan(
        act=_for_known_device(body, partial(storage.record_event, event="custom", body=body)),
        items=1,
    )


def _check_shop_and_device(shop: Shop, body: Mapping[str, Any]) -> None:
    _same_shop(shop, body)
    if "did" not in body:
        raise Violation("the did is missing", 401)


def _for_known_device(
    body: Mapping[str, Any], act: Callable[[State], Response]
) -> Callable[[State], Response]:
    """Return ``act`` for known devices only; the platform forgets no device."""

    def known(state: State) -> Response:
        sessions = state["devices"].get(body["did"])
        if sessions is None:
            return error_response(404, "unknown device")
        response = act(state)
        session = body.get("seance", body.get("sid"))
        if response.applied and session not in sessions:
            sessions.append(session)
        return response

    return known


def _track(act: str, shop: Shop, body: Any) -> Plan:
    _same_shop(shop, body)
    stream = tables.stream if act == "clicked" else tables.app_stream
    _validated(fields, body, "", {**tables.MESSAGE, "stream": must(stream)})
    return Plan(act=partial(storage.record_message, act=act, body=body), items=1)


def _secret(shop: Shop, body: Mapping[str, Any]) -> None:
    secret = str(body.get("shop_secret", ""))
    # "400 Bad request: authorization failed", from the catalogue's pages.
    known = bool(shop.secret) and hmac.compare_digest(secret.encode(), shop.secret.encode())
    if body.get("shop_id") != shop.key or not known:
        raise Violation("authorization failed", 400)


def _products(shop: Shop, body: Any) -> Plan:
    _secret(shop, body)
    _validated(fields, body, "", tables.PRODUCTS)
    return Plan(act=partial(storage.save_products, rows=body["items"]), items=len(body["items"]))


def _delete_products(shop: Shop, body: Any) -> Plan:
    _secret(shop, body)
    _validated(fields, body, "", tables.DELETED)
    return Plan(act=partial(storage.delete_products, ids=body["items"]), items=len(body["items"]))


def _orders(shop: Shop, body: Any) -> Plan:
    _secret(shop, body)
    _validated(fields, body, "", tables.ORDERS)
    return Plan(
        act=partial(storage.save_order_statuses, rows=body["orders"]), items=len(body["orders"])
    )


def error_response(status: int, text: str) -> Response:
    """Return an error in the documented form."""
    return json_response(status, {"status": "error", "message": text})


def _rejection(violation: Violation) -> Plan:
    body = encode({"status": "error", "message": violation.text})
    response = Response(
        status=violation.status, body=body, headers=(("Content-Type", "application/json"),)
    )
    return Plan(act=lambda _: response, violation=violation.text)


_PATHS: Mapping[str, Mapping[str, Do]] = {
    "/push": {"POST": _push},
    "/push/custom": {"POST": _custom},
    "/track/received": {"POST": partial(_track, "received")},
    "/track/clicked": {"POST": partial(_track, "clicked")},
    "/track/closed": {"POST": partial(_track, "closed")},
    "/import/products": {"PUT": _products, "DELETE": _delete_products},
    "/sync/orders": {"POST": _orders},
}

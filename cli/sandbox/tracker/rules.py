"""The checks of every request, in this order: path, method, key, type, JSON, event."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Any

from cli.sandbox.exchange import (
    Plan,
    Request,
    Response,
    State,
    Violation,
    decode,
    error_response,
    rejection,
)
from cli.sandbox.fields import Shape, array, at, fields, must
from cli.sandbox.tracker import storage, tables
from cli.sandbox.tracker.edition import Edition, Event
from cli.sandbox.tracker.fields import tagged

PAGE = "/api/v2"
UPDATE = "ProductUpdate"
# Neither document states a limit of the body: this is a cautious server's.
LARGEST = 1024 * 1024

_JSON = re.compile(r"application/json(; ?charset=utf-8)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The only valid site, if there is only one, and its key, if it requires one."""

    site_id: str | None
    api_key: str | None = field(repr=False)


def plan(request: Request, account: Account, edition: Edition) -> Plan:
    """Return the plan of one request by the rules of an edition."""
    try:
        body = _body(request, account)
        name = _name(body, account)
        if name == UPDATE:
            return _update(body, edition)
        return _event(body, _known(name, edition), edition)
    except Violation as violation:
        return rejection(violation)


def _body(request: Request, account: Account) -> Any:
    if request.path.rstrip("/") != PAGE:
        raise Violation("unknown path", 404)
    if request.method != "POST":
        raise Violation("method not allowed", 405)
    if request.query:
        raise Violation("unknown query")
    _key(request, account)
    if not _JSON.fullmatch(request.headers.get("content-type", "")):
        raise Violation("the content type must be application/json")
    if len(request.body) > LARGEST:
        raise Violation("the body is larger than 1 MiB", 413)
    return decode(request.body)


def _key(request: Request, account: Account) -> None:
    # "No authorization is required"; an account may still have a key.
    if account.api_key is None:
        return
    token = base64.b64encode(f":{account.api_key}".encode()).decode()
    if request.headers.get("authorization") != f"Basic {token}":
        raise Violation("wrong key", 401)


def _name(body: Any, account: Account) -> str:
    if not isinstance(body, dict) or not isinstance(body.get("GeneralInfo"), dict):
        raise Violation("Please specify a GeneralInfo")
    info = body["GeneralInfo"]
    if account.site_id is not None and info.get("siteId") != account.site_id:
        raise Violation("GeneralInfo.siteId: unknown site")
    return str(info.get("eventName"))


def _known(name: str, edition: Edition) -> Event:
    if name not in edition.events:
        raise Violation("GeneralInfo.eventName: unknown event")
    return edition.events[name]


def _event(body: dict[str, Any], event: Event, edition: Edition) -> Plan:
    whole: Shape = {"GeneralInfo": must(tables.part(event.info))}
    if event.key is not None:
        whole = {**whole, event.key: must(tables.part(event.shape))}
    fields(body, "", whole)
    event.extra_check(body.get(event.key or ""))
    return Plan(act=lambda state: _store_event(state, body, event, edition), items=1)


def _store_event(state: State, body: dict[str, Any], event: Event, edition: Edition) -> Response:
    wrong = event.store(state, body)
    return error_response(400, wrong) if wrong else Response(status=edition.success, applied=True)


def _update(body: dict[str, Any], edition: Edition) -> Plan:
    def row(value: Any, path: str) -> None:
        tagged(value, path, edition.row)
        tables.sale(value, path)

    fields(body, "", {"GeneralInfo": must(tables.part(tables.SITE)), UPDATE: must(array(row))})
    rows = body[UPDATE]
    if not rows:
        raise Violation(f"{at(UPDATE)}empty array")

    def act(state: State) -> Response:
        storage.save_products(state, rows)
        return Response(status=edition.success, applied=True)

    return Plan(act=act, items=len(rows))

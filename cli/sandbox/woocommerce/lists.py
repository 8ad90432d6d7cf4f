"""A list of documents: its parameters, its order, its pages and their headers."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from cli.sandbox.exchange import Response, json_response
from cli.sandbox.woocommerce.problem import Rejected, problem
from cli.sandbox.woocommerce.store_data import Json

_MOST = 100
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?([+-]\d{2}:\d{2})?")
# `orderby` -> the field; any other allowed value sorts by id.
_FIELDS = {
    "date": "date_created_gmt",
    "registered_date": "date_created_gmt",
    "modified": "date_modified_gmt",
    "title": "name",
    "name": "name",
}
_POSTS = frozenset({"date", "id", "include", "title", "slug", "modified", "menu_order"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentList:
    """
    A list that can be requested. ``choices`` are the allowed values of parameters; ``defaults`` are
    the values of omitted parameters. A parameter selects the documents whose field has its value;
    ``filters`` are further parameters with the names of their fields.
    """

    rows: Iterable[Json]
    orders: frozenset[str] = _POSTS
    default: tuple[str, str] = ("date", "desc")
    trash: bool = True
    filters: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


def list_page(documents: DocumentList, query: Mapping[str, str], url: str) -> Response:
    """Return the page that a query requests. Raise Rejected for an invalid parameter."""
    size = _whole(query, "per_page", 10, _MOST)
    number = _whole(query, "page", 1)
    rows = _ordered(_chosen(documents, query), documents, query)
    pages = math.ceil(len(rows) / size)
    shown = [select_fields(one, query) for one in rows[(number - 1) * size : number * size]]
    headers = [("X-WP-Total", str(len(rows))), ("X-WP-TotalPages", str(pages))]
    if number < pages:
        headers.append(("Link", f'<{url}?page={number + 1}>; rel="next"'))
    found = json_response(200, shown)
    return dataclasses.replace(found, headers=(*found.headers, *headers))


def select_fields(document: Json, query: Mapping[str, str]) -> Json:
    """Return only the fields named in `_fields`; a nested name selects the whole field."""
    names = {name.strip().partition(".")[0] for name in query.get("_fields", "").split(",")}
    return {
        name: value
        for name, value in document.items()
        if name != "was" and (names == {""} or name in names)
    }


def _chosen(documents: DocumentList, query: Mapping[str, str]) -> list[Json]:
    rows = list(documents.rows)
    status = _choice(documents, query, "status") or "any"
    if documents.trash:
        rows = [one for one in rows if _has(one, status)]
    for name in ("type", "role", "parent"):
        value = _choice(documents, query, name)
        if name not in documents.filters and value not in (None, "all"):
            rows = [one for one in rows if str(one.get(name)) == value]
    if "include" in query:
        ids = query["include"].split(",")
        rows = [one for one in rows if str(one["id"]) in ids]
    for name, key in documents.filters.items():
        if name in query:
            rows = [one for one in rows if str(one.get(key, "")).lower() == query[name].lower()]
    after = _date(query, "modified_after")
    if after:
        gmt = query.get("dates_are_gmt") in ("true", "1")
        name = "date_modified_gmt" if gmt else "date_modified"
        rows = [one for one in rows if one[name] > after]
    return rows


def _date(query: Mapping[str, str], name: str) -> str:
    text = query.get(name, "").removesuffix("Z")
    if text and not _DATE.fullmatch(text):
        reject_parameter(name, "rest_invalid_date")
    return text


def _has(one: Json, status: str) -> bool:
    found = one.get("status")
    return found != "trash" if status == "any" else found in status.split(",")


def _choice(documents: DocumentList, query: Mapping[str, str], name: str) -> str | None:
    value = query.get(name, documents.defaults.get(name))
    if value is not None and not documents.choices.get(name, frozenset({value})) >= {value}:
        reject_parameter(name, "rest_not_in_enum")
    return value


def _ordered(rows: list[Json], documents: DocumentList, query: Mapping[str, str]) -> list[Json]:
    by = query.get("orderby", documents.default[0])
    way = query.get("order", documents.default[1])
    if by not in documents.orders:
        reject_parameter("orderby", "rest_not_in_enum")
    if way not in ("asc", "desc"):
        reject_parameter("order", "rest_not_in_enum")
    name = _FIELDS.get(by, "id")
    return sorted(rows, key=lambda one: (one.get(name) or "", one["id"]), reverse=way == "desc")


def _whole(query: Mapping[str, str], name: str, default: int, most: int | None = None) -> int:
    text = query.get(name, str(default))
    if not text.lstrip("-").isdecimal():
        reject_parameter(name, "rest_invalid_type")
    if int(text) < 1 or (most is not None and int(text) > most):
        reject_parameter(name, "rest_out_of_bounds")
    return int(text)


def reject_parameter(name: str, code: str) -> NoReturn:
    """Raise Rejected for a parameter; ``code`` is what is wrong with it."""
    text, reason = f"Invalid parameter(s): {name}", f"{name} is not valid."
    details = {name: {"code": code, "message": reason, "data": None}}
    raise Rejected(problem(400, "rest_invalid_param", text, params={name: reason}, details=details))

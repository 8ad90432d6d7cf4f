"""A list of documents: what may be asked of it, its order, its pages and what they say of it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from cli.sandbox.exchange import Response, json_response
from cli.sandbox.woocommerce.problem import Refused, problem
from cli.sandbox.woocommerce.store_data import Json

_MOST = 100
# What `orderby` says -> the field; anything else that is allowed counts as the id.
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
    A list that can be asked for. ``choices`` are parameters that take only these values; all but
    ``first``, what is taken where none is given, choose the documents whose field is that.
    """

    rows: Iterable[Json]
    orders: frozenset[str] = _POSTS
    default: tuple[str, str] = ("date", "desc")
    trash: bool = True
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    first: Mapping[str, str] = field(default_factory=dict)


def list_page(wanted: DocumentList, query: Mapping[str, str], url: str) -> Response:
    """Give the page that a query asks for. Raises Refused for a parameter that is wrong."""
    size = _whole(query, "per_page", 10, _MOST)
    number = _whole(query, "page", 1)
    rows = _ordered(_chosen(wanted, query), wanted, query)
    pages = math.ceil(len(rows) / size)
    shown = [select_fields(one, query) for one in rows[(number - 1) * size : number * size]]
    headers = [("X-WP-Total", str(len(rows))), ("X-WP-TotalPages", str(pages))]
    if number < pages:
        headers.append(("Link", f'<{url}?page={number + 1}>; rel="next"'))
    found = json_response(200, shown)
    return dataclasses.replace(found, headers=(*found.headers, *headers))


def select_fields(document: Json, query: Mapping[str, str]) -> Json:
    """Leave only the fields that `_fields` names; a part of one stands for all of it."""
    names = {name.strip().partition(".")[0] for name in query.get("_fields", "").split(",")}
    return {
        name: value
        for name, value in document.items()
        if name != "was" and (names == {""} or name in names)
    }


def _chosen(wanted: DocumentList, query: Mapping[str, str]) -> list[Json]:
    rows = list(wanted.rows)
    status = _choice(wanted, query, "status") or "any"
    if wanted.trash:
        rows = [one for one in rows if _has(one, status)]
    for name in ("type", "role", "parent"):
        value = _choice(wanted, query, name)
        if value not in (None, "all"):
            rows = [one for one in rows if str(one.get(name)) == value]
    if "include" in query:
        ids = query["include"].split(",")
        rows = [one for one in rows if str(one["id"]) in ids]
    after = query.get("modified_after", "").removesuffix("Z")
    if after:
        gmt = query.get("dates_are_gmt") in ("true", "1")
        name = "date_modified_gmt" if gmt else "date_modified"
        rows = [one for one in rows if one[name] > after]
    return rows


def _has(one: Json, status: str) -> bool:
    found = one.get("status")
    return found != "trash" if status == "any" else found in status.split(",")


def _choice(wanted: DocumentList, query: Mapping[str, str], name: str) -> str | None:
    value = query.get(name, wanted.first.get(name))
    if value is not None and not wanted.choices.get(name, frozenset({value})) >= {value}:
        reject_parameter(name)
    return value


def _ordered(rows: list[Json], wanted: DocumentList, query: Mapping[str, str]) -> list[Json]:
    by = query.get("orderby", wanted.default[0])
    way = query.get("order", wanted.default[1])
    if by not in wanted.orders:
        reject_parameter("orderby")
    if way not in ("asc", "desc"):
        reject_parameter("order")
    name = _FIELDS.get(by, "id")
    return sorted(rows, key=lambda one: (one.get(name) or "", one["id"]), reverse=way == "desc")


def _whole(query: Mapping[str, str], name: str, default: int, most: int | None = None) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or int(text) < 1 or (most is not None and int(text) > most):
        reject_parameter(name)
    return int(text)


def reject_parameter(name: str) -> NoReturn:
    """Refuse a parameter."""
    text = f"Invalid parameter(s): {name}"
    raise Refused(problem(400, "rest_invalid_param", text, params={name: f"{name} is not valid."}))

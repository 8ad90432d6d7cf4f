"""What a platform is told, thing by thing and field by field, so that it can be compared."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any
from urllib.parse import urlsplit

from shared.destinations.contract import Destination, KnownState
from shared.errors import NotExpressible
from shared.model.change import Change, ConsentChanged, StockChanged, written_visitor
from shared.model.product import variant_key
from shared.model.visitor import Campaign, Visitor

# Kind of call -> where its rows are; `batch` is DataCue's, of any kind.
_LISTS = {"ProductUpdate": ("ProductUpdate",), "import/products": ("items",)}
# Objects whose keys are the shop's own, such as the names of a product's options.
_FREE = ("options", "Tags", "custom")

# Whom a sample is of in the browser, as remembered: three ids that no platform gave to anybody.
VISITOR = Visitor(
    tracker_cookie="CDA68358-94FB-4D83-9655-3FEB3C4114A3",
    device_id="7rjVGhMykT",
    session_id="R5eQXkrKCf",
    seen_at="2026-11-21T09:00:00.000000000Z",
    segment="A",
    campaign=Campaign(
        origin="chain",
        code="abcdef-0123-4567-9810-012345abcdef",
        at="2026-11-20T09:00:00.000000000Z",
    ),
)

TOLD = "*whether it is sent*"
PATH = "*path*"

Effect = tuple[str, str]


@dataclass(slots=True)
class Row:
    """One thing that a platform is told: how, where, and the values by the names of fields."""

    method: str
    path: str
    values: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    lengths: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def variant(self) -> tuple[str, ...]:
        """Which variant of which product it tells of; empty for anything else."""
        return tuple(
            one for name in ("product_id", "variant_id", "id") for one in self.values.get(name, ())
        )


Told = dict[str, list[Row]]
# Label, method, URL and body of a call.
Sent = tuple[str, str, str, bytes]


def told(platform: Destination, changes: tuple[Change, ...]) -> tuple[Sent, ...] | None:
    """Give everything that a platform is sent; None for a dead letter."""
    visitor = visitor_of(changes)
    try:
        return tuple(
            (call.label, call.method, call.url, call.body)
            for change in changes
            for call in platform.plan(change, _memory(change, visitor)).calls
        )
    except NotExpressible:
        return None


def read(sent: tuple[Sent, ...]) -> Told:
    """Read what was sent, thing by thing, by its kind."""
    rows: Told = defaultdict(list)
    for one in sent:
        _read(one, rows)
    return rows


def _memory(change: Change, visitor: Visitor) -> KnownState:
    """Know whom a change is of, and what a partial update needs to be sent at all."""
    if isinstance(change, StockChanged):
        key = variant_key(change.variant_id, default=change.default)
        return KnownState(known=True, variants=frozenset({key}), visitor=visitor)
    return KnownState(known=isinstance(change, ConsentChanged), visitor=visitor)


def visitor_of(changes: Sequence[Change]) -> Visitor:
    """Give what the storefront wrote down in a webhook, and else what is remembered of them."""
    written = (written_visitor(change) for change in reversed(changes))
    return reduce(lambda newer, older: newer.over(older), (*written, VISITOR))


def _read(sent: Sent, rows: Told) -> None:
    label, method, url, data = sent
    kind = label.split()[1].removeprefix("batch/")
    body = json.loads(data) if data else {}
    batch = body if isinstance(body, list) else next(_rows(kind, body), None)
    path = urlsplit(url).path if batch is None and method != "POST" else ""
    for one in [body] if batch is None else batch:
        row = Row(method, path)
        _flatten(one, "", row)
        rows[kind].append(row)


def _rows(kind: str, body: dict[str, Any]) -> Iterator[list[Any]]:
    """Give the rows of a call that tells several things in one list."""
    yield from (body[name] for name in _LISTS.get(kind, ("batch",)) if name in body)


def _flatten(value: Any, name: str, row: Row) -> None:
    if isinstance(value, dict):
        for key, one in value.items():
            known = "*" if name.rpartition(".")[2] in _FREE else key
            _flatten(one, f"{name}.{known}" if name else known, row)
    elif isinstance(value, list):
        row.lengths[f"{name}[]"].append(len(value))
        for one in value:
            _flatten(one, f"{name}[]", row)
    else:
        row.values[name].append(repr(value))


def differences(before: Told, after: Told) -> set[Effect]:
    """Give what differs, as (kind of call, field)."""
    found: set[Effect] = set()
    for kind in {*before, *after}:
        old, new = before.get(kind, []), after.get(kind, [])
        if len(old) != len(new):
            found.add((kind, TOLD))
        for one, other in _pairs(old, new):
            found |= {(kind, name) for name in _changed(one, other)}
    return found


def _pairs(old: list[Row], new: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Put together what is told of one thing: by its names where variants came or went."""
    known = {one.variant: one for one in old}
    if len(old) == len(new) or () in known:
        yield from zip(old, new, strict=False)
        return
    yield from ((known[one.variant], one) for one in new if one.variant in known)


def _changed(one: Row, other: Row) -> Iterator[str]:
    if one.method != other.method:
        yield TOLD
        return
    if one.path != other.path:
        yield PATH
    resized = {
        name
        for name in {*one.lengths, *other.lengths}
        if one.lengths.get(name) != other.lengths.get(name)
    }
    yield from resized
    for name in {*one.values, *other.values}:
        inside = any(name.startswith(f"{list_}.") for list_ in resized)
        if not inside and one.values.get(name) != other.values.get(name):
            yield name

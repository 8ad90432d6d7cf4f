"""Compare what is sent to a platform: row by row, and field by field."""

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
from shared.model.change import (
    Change,
    ConsentChanged,
    ProductRemoved,
    StockChanged,
    written_visitor,
)
from shared.model.product import variant_key
from shared.model.visitor import Campaign, Visitor

# Kind of call -> the field with a list of rows. For every kind of DataCue's calls it is `batch`.
_LISTS = {"ProductUpdate": "ProductUpdate", "import/products": "items"}
# Objects whose keys the shop names, such as the options of a product.
_FREE = ("options", "Tags", "custom")

# The remembered visitor of every sample: three invented ids.
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

WHETHER_SENT = "*whether it is sent*"
PATH = "*path*"

Effect = tuple[str, str]


@dataclass(slots=True)
class Row:
    """
    One object in a call: the method and path of the call, and by the names of its fields their
    values, and the lengths of lists.
    """

    method: str
    path: str
    values: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    lengths: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def variant(self) -> tuple[str, ...]:
        """The ids of a product's variant; empty for anything else."""
        return tuple(
            one for name in ("product_id", "variant_id", "id") for one in self.values.get(name, ())
        )


Rows = dict[str, list[Row]]
# Label, method, URL and body of a call.
Sent = tuple[str, str, str, bytes]


def sent_calls(platform: Destination, changes: tuple[Change, ...]) -> tuple[Sent, ...] | None:
    """Return the calls to a platform; None for a dead letter."""
    visitor = visitor_of(changes)
    try:
        return tuple(
            (call.label, call.method, call.url, call.body)
            for change in changes
            for call in platform.plan(change, _memory(change, visitor)).calls
        )
    except NotExpressible:
        return None


def rows_by_kind(sent: tuple[Sent, ...]) -> Rows:
    """Return the rows of all calls by the kind of call."""
    rows: Rows = defaultdict(list)
    for label, method, url, data in sent:
        kind = label.split()[1].removeprefix("batch/")
        body = json.loads(data) if data else {}
        batch = body if isinstance(body, list) else body.get(_LISTS.get(kind, "batch"))
        path = urlsplit(url).path if batch is None and method != "POST" else ""
        for one in [body] if batch is None else batch:
            row = Row(method, path)
            _flatten(one, "" if isinstance(one, dict | list) else "id", row)  # a list of ids
            rows[kind].append(row)
    return rows


def _memory(change: Change, visitor: Visitor) -> KnownState:
    """Return the visitor, and what a partial update or a removal needs so that it is sent."""
    if isinstance(change, ProductRemoved):
        # The ledger has the product's variants. Their ids are not in the webhook: one of its own id
        # stands for them.
        key = variant_key(change.entity.id, default=False)
        return KnownState(known=True, touched=True, variants=frozenset({key}), visitor=visitor)
    if isinstance(change, StockChanged):
        key = variant_key(change.variant_id, default=change.default)
        return KnownState(known=True, variants=frozenset({key}), visitor=visitor)
    return KnownState(known=isinstance(change, ConsentChanged), visitor=visitor)


def visitor_of(changes: Sequence[Change]) -> Visitor:
    """Return the visitor that the storefront wrote into a webhook, over the remembered one."""
    written = (written_visitor(change) for change in reversed(changes))
    return reduce(lambda newer, older: newer.over(older), (*written, VISITOR))


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


def differences(before: Rows, after: Rows) -> set[Effect]:
    """Return what differs, as (kind of call, field)."""
    found: set[Effect] = set()
    for kind in {*before, *after}:
        old, new = before.get(kind, []), after.get(kind, [])
        if len(old) != len(new):
            found.add((kind, WHETHER_SENT))
        for one, other in _pairs(old, new):
            found |= {(kind, name) for name in _changed(one, other)}
    return found


def _pairs(old: list[Row], new: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Pair the rows of one object: by the ids of the variant where variants came or went."""
    known = {one.variant: one for one in old}
    if len(old) == len(new) or () in known:
        return zip(old, new, strict=False)
    return ((known[one.variant], one) for one in new if one.variant in known)


def _changed(one: Row, other: Row) -> Iterator[str]:
    if one.method != other.method:
        yield WHETHER_SENT
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

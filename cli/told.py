"""What a platform is told, thing by thing and field by field, so that it can be compared."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from shared.delivery.call import Call
from shared.destinations.contract import Destination, Memory
from shared.errors import NotExpressible
from shared.model.change import Change, ConsentChanged, StockChanged
from shared.model.product import variant_key

# A name of the platform's document. Any other key is the shop's own, such as an option's name.
_FIELD = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)

TOLD = "*whether it is told*"
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
        return (*self.values.get("product_id", ()), *self.values.get("variant_id", ()))


Told = dict[str, list[Row]]


def told(platform: Destination, changes: tuple[Change, ...]) -> Told | None:
    """Give everything that a platform is told, by its kind; None for a dead letter."""
    rows: Told = defaultdict(list)
    try:
        for change in changes:
            for call in platform.plan(change, _memory(change)).calls:
                _read(call, rows)
    except NotExpressible:
        return None
    return rows


def _memory(change: Change) -> Memory:
    """Know what a partial update needs to be sent at all."""
    if isinstance(change, StockChanged):
        key = variant_key(change.variant_id, default=change.default)
        return Memory(known=True, variants=frozenset({key}))
    return Memory(known=isinstance(change, ConsentChanged))


def _read(call: Call, rows: Told) -> None:
    kind = call.label.split()[1].removeprefix("batch/")
    body = json.loads(call.body) if call.body else {}
    batch = body if isinstance(body, list) else body.get("batch")
    path = urlsplit(call.url).path if batch is None and call.method != "POST" else ""
    for one in [body] if batch is None else batch:
        row = Row(call.method, path)
        _flatten(one, "", row)
        rows[kind].append(row)


def _flatten(value: Any, name: str, row: Row) -> None:
    if isinstance(value, dict):
        for key, one in value.items():
            known = key if _FIELD.fullmatch(key) else "*"
            _flatten(one, f"{name}.{known}" if name else known, row)
    elif isinstance(value, list):
        row.lengths[f"{name}[]"].append(len(value))
        for one in value:
            _flatten(one, f"{name}[]", row)
    else:
        row.values[name].append(json.dumps(value))


def differences(before: Told | None, after: Told | None) -> set[Effect]:
    """Give what differs, as (kind of call, field); nothing where one is a dead letter."""
    if before is None or after is None:
        return set()
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

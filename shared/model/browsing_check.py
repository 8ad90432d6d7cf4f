"""
Validate a browsing event, and make a change of it. It comes from a browser, so it is not trusted:
an event that no platform could accept is rejected before anything of it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from shared.model.browsing import BrowsingEvent, Pushed, Shown
from shared.model.change import Browsed
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.value import replace
from shared.model.version import Version, instant

ACTS = ("received", "clicked", "closed")
# An id is in keys and logs: it must be short, and cannot be an e-mail address.
_ID = re.compile(r"[0-9A-Za-z_.:-]{1,64}")


def browsed(event: BrowsingEvent) -> Browsed:
    """
    Return the change of an event at an ISO 8601 time. Raise ValueError with the path, never the
    value, of an invalid field: a blank text, an amount below zero, a quantity below 1, an unknown
    act, an impression of neither a product nor a category.
    """
    if not _ID.fullmatch(event.id):
        msg = "id: not 1 to 64 letters, digits and _.:-"
        raise ValueError(msg)
    for error in _errors(event, ""):
        raise ValueError(error)
    exact = replace(event, at=instant(event.at))
    entity = Entity(Kind.BROWSING, exact.id)
    return Browsed(entity=entity, version=Version.at(exact.at), event=exact)


def _errors(value: object, path: str) -> Iterator[str]:
    match value:
        case str() if not value.strip():
            yield f"{path}: blank"
        case Money(amount=amount) if not (amount.is_finite() and amount >= 0):
            yield f"{path}: not an amount"
        case Shown(goods=goods, category_id=category) if (goods is None) == (category is None):
            yield f"{path}: neither a product nor a category, or both"
        case Pushed(act=act) if act not in ACTS:
            yield f"{path}.act: none of {', '.join(ACTS)}"
        case _:
            for name, inner in _parts(value):
                yield from _errors(inner, f"{path}.{name}".lstrip("."))
            if getattr(value, "quantity", 1) < 1:
                yield f"{path}.quantity: below 1"


def _parts(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, tuple):
        yield from ((str(place), one) for place, one in enumerate(value))
    elif isinstance(value, Mapping):
        # A key is a text of the shop: it is validated, and not shown.
        for place, (key, one) in enumerate(value.items()):
            yield from ((f"key {place}", key), (f"value {place}", one))
    elif isinstance(value, msgspec.Struct):
        yield from ((name, getattr(value, name)) for name in value.__struct_fields__)

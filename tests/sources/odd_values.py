"""Mutations of the *types* in shops' documents: every optional field, every kind of odd value."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import InvalidOperation
from typing import Any, get_args, get_origin

import msgspec
from msgspec.structs import fields

from shared.sources.parsing.decoders import NEEDED, decoder

Path = tuple[str | int, ...]

# JSON of every kind, among them PHP's values for "nothing" and for lists and objects.
ODD: tuple[Any, ...] = (
    None, False, True, 0, 7, -3, 1.5, 10**25, "", "odd", "7", "yes", [], {}, [7], ["odd"], [None],
    [[]], [{}], {"0": 7}, {"0": "odd"}, {"1": {}}, {"odd": "odd"}, {"id": 7},
    {"term_id": 7, "name": "odd"}, [{"id": "odd", "name": 7}],
)  # fmt: skip


_TEXT_FIELDS = ("name", "src", "full_name", "code", "title", "method_title")


def optional_fields(shape: Any, document: Any, at: Path = ()) -> Iterator[tuple[str, Any, Path]]:
    """Yield the optional fields of a struct that are in a document: name, type, place."""
    shape, needed = _bare(shape)
    element = _element(shape)
    if element is not None and isinstance(document, list):
        for index, one in enumerate(document):
            yield from optional_fields(element, one, (*at, index))
    if not isinstance(document, dict) or not _is_struct(shape):
        return
    for one in fields(shape):
        if one.encode_name not in document:
            continue
        place = (*at, one.encode_name)
        _, needed = _bare(one.type)
        if not one.required and not needed and one.type is not msgspec.Raw:
            yield f"{shape.__name__}.{one.encode_name}", one.type, place
        yield from optional_fields(one.type, document[one.encode_name], place)


def is_odd(value: Any, shape: Any) -> bool:
    """Return whether a value is of another type than a field."""
    try:
        decoder(shape).decode(text(value))
    except (msgspec.ValidationError, InvalidOperation):
        return True
    return False


def with_value(document: Any, at: Path, value: Any) -> Any:
    """Return a document with another value at one place."""
    changed = copy.deepcopy(document)
    inside = changed
    for step in at[:-1]:
        inside = inside[step]
    inside[at[-1]] = value
    return changed


def conversions(value: Any) -> Iterator[Any]:
    """Yield the values of the usual types that an odd value may stand for."""
    yield None
    if isinstance(value, bool):
        yield from ()
    elif isinstance(value, int | float):
        yield from (str(value), [str(value)], [value])
    elif isinstance(value, str):
        yield from ([value], value.upper(), value in {"yes", "on"})
        yield from ({name: value} for name in _TEXT_FIELDS)
        yield from conversions([value])
    elif isinstance(value, list):
        yield from ({}, [])
        yield [one for one in value if isinstance(one, dict)]
        yield [
            {"name": str(one["name"])} for one in value if isinstance(one, dict) and "name" in one
        ]
        yield [str(one) for one in value if isinstance(one, int | str)]
        yield from ([{name: one} for one in value if isinstance(one, str)] for name in _TEXT_FIELDS)
    else:
        yield from ([value], value.get("id"), value.get("term_id"), [value.get("id")])
        yield [one for one in value.values() if isinstance(one, int)]
        yield from ([], list(value.values()))
        yield from conversions(list(value.values()))


def text(document: Any) -> bytes:
    """Return a document as JSON."""
    return json.dumps(document).encode()


def _bare(shape: Any) -> tuple[Any, bool]:
    """Return a type without annotation and null, and whether it is marked as needed."""
    needed = NEEDED in getattr(shape, "__metadata__", ())
    if hasattr(shape, "__metadata__"):
        shape = shape.__origin__
    members = [one for one in get_args(shape) if one not in (type(None), msgspec.UnsetType)]
    if get_origin(shape) not in (list, tuple, dict) and members:
        lists = [one for one in members if _element(one) is not None]
        return _bare((lists or members)[0])[0], needed
    return shape, needed


def _element(shape: Any) -> Any:
    return get_args(shape)[0] if get_origin(shape) in (list, tuple) else None


def _is_struct(shape: Any) -> bool:
    return isinstance(shape, type) and issubclass(shape, msgspec.Struct)

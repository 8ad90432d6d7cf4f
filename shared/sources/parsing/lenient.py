"""
Reading of documents whose fields have unexpected types.

PHP writes an empty object as ``[]``, a list with gaps as an object, and nothing as ``false``;
plugins write numbers for texts, WordPress' own terms for WooCommerce's, ids for objects. A field
with a default is optional: such a value is converted where its meaning is clear, else the field is
omitted, and its path is recorded. A field without a default, or marked as `Needed`, raises
NotUnderstood. So does an odd element of a list whose elements have required fields: a line of an
order must not disappear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from shared.errors import NotUnderstood
from shared.sources.parsing.decoders import NEEDED, decoder
from shared.sources.parsing.scalars import Id

_INDEX = re.compile(r"\[\d+\]")
# PHP's values for "nothing".
_NOTHING = (b"false", b'""', b"[]", b"{}")
_NO_LIST = (*_NOTHING, b"true")
_WORDS = {b'"yes"': True, b'"on"': True, b'"no"': False, b'"off"': False, b'""': False}
# The keys of an id in an object of WooCommerce, of WordPress, and of an attachment.
_ID_KEYS = ("id", "term_id", "ID")
_OBJECT = dict[str, msgspec.Raw]
_MISSING = object()


class _Required(NotUnderstood):
    """A value that must not be omitted, at any depth."""


class LenientReader:
    """Reads one document; ``odd`` has the paths of its odd fields, without the indexes of lists."""

    def __init__(self) -> None:
        self.odd: set[str] = set()
        self._root = ""

    def read(self, body: bytes, shape: Any) -> object:
        """Read a document. Raise NotUnderstood with a path."""
        self._root = (_element_of(shape) or shape).__name__
        return self._value(body, shape, "$")

    def _value(self, raw: bytes, shape: Any, path: str) -> object:
        """Return a value. Raise NotUnderstood if nothing can be made of it."""
        try:
            return decoder(shape).decode(raw)
        except (msgspec.ValidationError, InvalidOperation) as error:
            reason, _, place = str(error).partition(" - at ")
        for kind in _kinds(shape, raw):
            element = _element_of(kind)
            if element is not None:
                found = self._list(raw, element, path)
                return tuple(found) if get_origin(kind) is tuple else found
            if _is_struct(kind):
                return self._struct(raw, kind, path)
            converted = _convert(raw, kind, shape)
            if converted is not _MISSING:
                self._record(path)
                return converted
        raise NotUnderstood(reason, path + place.strip("`").removeprefix("$"))

    def _list(self, raw: bytes, element: Any, path: str) -> list[object]:
        items = self._items(raw, element, path)
        found: list[object] = []
        for index, item in enumerate(items):
            place = f"{path}[{index}]"
            try:
                found.append(self._value(item, element, place))
            except _Required:
                raise
            except NotUnderstood as error:
                if _has_required(element):
                    raise _Required(error.reason, error.path) from None
                self._record(place)
        return found

    def _items(self, raw: bytes, element: Any, path: str) -> list[bytes]:
        if raw.startswith(b"["):
            return [bytes(one) for one in decoder(list[msgspec.Raw]).decode(raw)]
        # An empty object is no empty list: what is missing must not look like what was removed.
        if raw in _NO_LIST or (_is_struct(element) and raw[:1] != b"{" and not _bare(element)):
            raise NotUnderstood("Expected a list", path)
        self._record(path)
        if not raw.startswith(b"{") or _is_one(raw, element):
            return [raw]
        return [bytes(one) for one in decoder(_OBJECT).decode(raw).values()]

    def _struct(self, raw: bytes, kind: Any, path: str) -> object:
        keys = self._keys(raw, kind, path)
        values = {}
        for one in _fields(kind):
            if one.encode_name in keys:
                found = self._field(bytes(keys[one.encode_name]), one, f"{path}.{one.encode_name}")
                if found is not _MISSING:
                    values[one.name] = found
            elif one.required:
                reason = f"Object missing required field `{one.encode_name}`"
                raise NotUnderstood(reason, path)
        return kind(**values)

    def _keys(self, raw: bytes, kind: Any, path: str) -> Mapping[str, msgspec.Raw]:
        if raw.startswith(b"{"):
            return cast("Mapping[str, msgspec.Raw]", decoder(_OBJECT).decode(raw))
        bare = _bare(kind)
        # Digits are an id, and no name.
        if bare and raw[:1] == b'"' and not (raw == b'""' or raw[1:-1].isdigit()):
            self._record(path)
            return {bare: msgspec.Raw(raw)}
        if raw == b"[]" and path != "$":
            self._record(path)
            return {}
        raise NotUnderstood("Expected an object", path)

    def _field(self, raw: bytes, field: FieldInfo, path: str) -> object:
        """Return the value of a field; `_MISSING` if it is omitted."""
        try:
            return self._value(raw, field.type, path)
        except _Required:
            raise
        except NotUnderstood as error:
            if field.required:
                raise
            if raw == b"null":
                return _MISSING
            if _is_needed(field.type) and raw not in _NOTHING:
                raise _Required(error.reason, error.path) from None
            self._record(path)
            return _MISSING

    def _record(self, path: str) -> None:
        self.odd.add(self._root + _INDEX.sub("[]", path).removeprefix("$"))


def _kinds(shape: Any, raw: bytes) -> Iterator[Any]:
    """Yield the members of a type, without annotations and null; those for containers last."""
    origin = get_origin(shape)
    if origin is Annotated:
        yield from _kinds(get_args(shape)[0], raw)
    elif origin in (Union, UnionType):
        members = [one for one in get_args(shape) if one not in (NoneType, msgspec.UnsetType)]
        container = raw[:1] in b"{["
        members.sort(key=lambda one: (_element_of(one) is None) is container)
        for one in members:
            yield from _kinds(one, raw)
    else:
        yield shape


def _element_of(kind: Any) -> Any:
    """Return the type of a list's elements; None if it is no list."""
    return get_args(kind)[0] if get_origin(kind) in (list, tuple) else None


# It evaluates annotations, which takes longer than to read the document.
@cache
def _fields(kind: Any) -> tuple[FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _bare(kind: Any) -> str | None:
    """Return the field that a bare text stands for, where a struct names one."""
    return getattr(kind, "bare", None) if _is_struct(kind) else None


def _is_one(raw: bytes, element: Any) -> bool:
    """Return whether an object is one element, and not a list as an object."""
    if not _is_struct(element):
        return False
    names = {one.encode_name for one in _fields(element)}
    return not names.isdisjoint(decoder(_OBJECT).decode(raw))


def _has_required(element: Any) -> bool:
    return _is_struct(element) and any(one.required for one in _fields(element))


def _is_needed(shape: Any) -> bool:
    return get_origin(shape) is Annotated and NEEDED in get_args(shape)


def _convert(raw: bytes, kind: Any, shape: Any) -> object:
    """Return a scalar that a value stands for; `_MISSING` if there is none."""
    if kind is str:
        return _text(raw, shape)
    if kind is bool:
        return _WORDS.get(raw.lower(), _MISSING)
    if kind is int:
        return _integer(raw)
    if kind is Id:
        return _id(raw)
    return _MISSING


def _text(raw: bytes, shape: Any) -> object:
    if raw[:1] == b'"':
        # It breaks the pattern of a code, perhaps only by its case.
        text = decoder(str).decode(raw).strip().upper()
    elif raw[:1].isdigit() or raw[:1] == b"-":
        text = raw.decode()
    else:
        return _MISSING
    try:
        return decoder(shape).decode(msgspec.json.encode(text))
    except msgspec.ValidationError:
        return _MISSING


def _integer(raw: bytes) -> object:
    with suppress(InvalidOperation, UnicodeDecodeError):
        number = Decimal(raw.decode().strip('"').strip())
        if number.is_finite() and abs(number.adjusted()) < 18 and number == int(number):  # noqa: PLR2004 - 64 bits
            return int(number)
    return _MISSING


def _id(raw: bytes) -> object:
    if raw[:1] != b"{":
        return _MISSING
    keys = decoder(_OBJECT).decode(raw)
    for name in _ID_KEYS:
        with suppress(msgspec.ValidationError, InvalidOperation):
            if name in keys:
                return decoder(Id).decode(keys[name])
    return _MISSING

"""
Decoding of shops' documents: bodies of webhooks and responses of a store's API.

A document is read leniently: an odd value in a field that can be omitted never makes it unreadable
(see `lenient`). The paths of such fields are recorded for a caller that counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import InvalidOperation
from typing import Any, TypeVar, cast

import msgspec

from shared.errors import NotJson, NotUnderstood, StoreUnavailable
from shared.sources.parsing.decoders import decoder

T = TypeVar("T")
# A source reads bodies and responses at many places, in one thread: a parameter would have to pass
# through all of them.
_recorded: ContextVar[set[str] | None] = ContextVar("odd_fields", default=None)


@contextmanager
def record_odd_fields() -> Iterator[set[str]]:
    """Collect the paths of odd fields that are read inside, such as ``Order.line_items[].sku``."""
    found: set[str] = set()
    token = _recorded.set(found)
    try:
        yield found
    finally:
        _recorded.reset(token)


def record_odd_field(path: str) -> None:
    """Record a path that is not in a struct."""
    recorded = _recorded.get()
    if recorded is not None:
        recorded.add(path)


def read(body: bytes, shape: type[T]) -> T:
    """
    Decode a document; an odd value of an optional field is converted or omitted.

    Raise NotUnderstood with msgspec's path for a required field that is missing or odd, and NotJson
    for invalid JSON or UTF-8, or for nesting beyond Python's recursion limit. The message never
    contains a value.
    """
    try:
        return read_strictly(body, shape)
    except NotJson:
        raise
    except NotUnderstood:
        return _guarded(body, lambda: _read_leniently(body, shape))


def read_response(body: bytes, shape: type[T]) -> T:
    """
    Decode a response of a store's API.

    Raise NotUnderstood where a document lacks what is needed: no retry changes that. Raise
    StoreUnavailable for what is no JSON: a page, or half a response.
    """
    try:
        return read(body, shape)
    except NotJson as error:
        raise StoreUnavailable(f"the store's answer is not understood: {error}") from None
    except NotUnderstood as error:
        raise NotUnderstood(f"the store's answer: {error.reason}", error.path) from None


def read_strictly(body: bytes, shape: type[T]) -> T:
    """Decode a document of which no field may be omitted: a request to erase. Raise like `read`."""
    return _guarded(body, lambda: cast("T", decoder(cast("Any", shape)).decode(body)))


def keys_of(body: bytes) -> Mapping[str, msgspec.Raw]:
    """Return the keys of a JSON object with undecoded values. Raise NotUnderstood, like `read`."""
    return read_strictly(body, dict[str, msgspec.Raw])


def first_missing(present: Mapping[str, object], keys: Iterable[str]) -> str | None:
    """Return the first of the keys that an object lacks; a key with null is present."""
    return next((key for key in keys if key not in present), None)


def _read_leniently(body: bytes, shape: type[T]) -> T:
    # Only for odd documents: a cold start does not import it.
    from shared.sources.parsing.lenient import LenientReader  # noqa: PLC0415

    reader = LenientReader()
    found = reader.read(body, shape)
    for path in reader.odd:
        record_odd_field(path)
    return cast("T", found)


def _guarded(body: bytes, decode: Callable[[], T]) -> T:
    try:
        body.decode()  # msgspec skips what it does not read, even invalid UTF-8
        return decode()
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at ")
        raise NotUnderstood(reason, path.strip("`") or "$") from None
    except InvalidOperation:
        raise NotUnderstood("a number is too long") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotJson("the body is not JSON") from None
    except RecursionError:
        raise NotJson("the body is nested too deeply") from None

"""
The types of platforms' fields, and the encoding of a body: it is encoded once and decoded again by
its own types, so that a body that violates its document never becomes a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

import msgspec

from shared.errors import NotExpressible

# No pattern ends with "$": it would accept a trailing line feed.
# No document allows an empty string: where the shop has no value, the field is omitted or gets a
# fallback. `_blank_paths` checks all texts of a body at once for blank ones.
Text = Annotated[str, msgspec.Meta(min_length=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Quantity = Annotated[int, msgspec.Meta(ge=1)]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
Email = Annotated[str, msgspec.Meta(pattern=r"^[^\sA-Z][^\sA-Z@]*@[^\sA-Z]+\Z")]

PRICE_PLACES = 2
_CENT = Decimal(1).scaleb(-PRICE_PLACES)
# The start of a JSON string that may be blank: a space, an escape, or the first byte of a non-ASCII
# space (U+0085, U+00A0, U+1680, U+2000 to U+205F, U+3000). Few strings start so.
_MAY_BE_BLANK = re.compile(rb'"[ \\\xc2\xe1-\xe3]')

_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Body(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """
    A JSON object as a platform documents it; an optional field that is UNSET is omitted.

    Raises NotExpressible for an amount below zero or with more than two decimals.
    """

    def __post_init__(self) -> None:
        for name in _price_fields(type(self)):
            value = getattr(self, name)
            if value is not msgspec.UNSET and not _is_price(value):
                raise NotExpressible("not a price of at most two decimals", f"$.{name}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    # Rich's tracebacks call this instead of `__repr__`.
    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


def _is_price(value: Decimal) -> bool:
    if value.same_quantum(_CENT):
        return value >= 0
    if not value.is_finite() or value < 0:
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -PRICE_PLACES


def encode(value: object) -> bytes:
    """Return compact JSON; a Decimal becomes a number."""
    return _ENCODER.encode(value)


def encode_body(body: Body) -> bytes:
    """Return a body as JSON. Raises NotExpressible with the path of the first invalid field."""
    data = _ENCODER.encode(body)
    try:
        _decoder(type(body)).decode(data)
    except msgspec.ValidationError as error:
        # "Expected `str` of length >= 1 - at `$.name`": msgspec's messages contain no values.
        reason, _, path = str(error).partition(" - at ")
        raise NotExpressible(reason, path.strip("`") or "$") from None
    if _MAY_BE_BLANK.search(data):
        for path in _blank_paths(msgspec.json.decode(data), "$"):
            raise NotExpressible("a blank text", path)
    return data


def _blank_paths(value: object, path: str) -> Iterator[str]:
    """Yield the paths of all blank texts."""
    if isinstance(value, str) and not value.strip():
        yield path
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _blank_paths(key, f"{path}[...]")
            yield from _blank_paths(one, f"{path}.{key}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _blank_paths(one, f"{path}[{index}]")


@cache
def _price_fields(kind: type[Body]) -> tuple[str, ...]:
    """Return the names of the fields that are amounts of money."""
    types = get_type_hints(kind)
    return tuple(
        name for name in kind.__struct_fields__ if Decimal in (types[name], *get_args(types[name]))
    )


@cache
def _decoder(kind: type[Body]) -> msgspec.json.Decoder[Body]:
    return msgspec.json.Decoder(kind)

"""
The types of DataCue's fields, and the one way to write a body: encoded once, and read back by its
own rules, so that a body that breaks the document never becomes a call.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated, Any

import msgspec

from shared.errors import NotExpressible

# No pattern ends with "$": it lets a line feed pass.
# The document knows no empty string; where the shop has none, the field is left out or filled.
Text = Annotated[str, msgspec.Meta(min_length=1, pattern=r"\S")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Quantity = Annotated[int, msgspec.Meta(ge=1)]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
# Of the five shapes in the document's samples, the one that its own later plugins send.
Second = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")]
Email = Annotated[str, msgspec.Meta(pattern=r"^[^\sA-Z]+@[^\sA-Z]+\Z")]

PRICE_PLACES = 2

_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Body(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """
    A JSON object as DataCue documents it; an optional field that is UNSET is left out.

    Raises NotExpressible for an amount below zero or with more than two decimals.
    """

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, Decimal) and not _is_price(value):
                raise NotExpressible("not a price of at most two decimals", f"$.{name}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    # Rich's tracebacks ask this instead.
    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


def _is_price(value: Decimal) -> bool:
    if not value.is_finite() or value < 0:
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -PRICE_PLACES


def encode(value: object) -> bytes:
    """Write compact JSON; a Decimal becomes a number."""
    return _ENCODER.encode(value)


def written(body: Body) -> bytes:
    """Write a body. Raises NotExpressible with the path of the first field that breaks a rule."""
    data = _ENCODER.encode(body)
    try:
        _decoder(type(body)).decode(data)
    except msgspec.ValidationError as error:
        # "Expected `str` of length >= 1 - at `$.name`": msgspec shows no values.
        reason, _, path = str(error).partition(" - at ")
        raise NotExpressible(reason, path.strip("`") or "$") from None
    return data


def without_ids(row: Body) -> Body:
    """Give what an update of a row sends: what its type adds to its base are ids, for the path."""
    update = type(row).__base__
    if update is None or not issubclass(update, Body) or not update.__struct_fields__:
        raise TypeError(f"{type(row).__name__} has no update")
    return update(**{name: getattr(row, name) for name in update.__struct_fields__})


@cache
def _decoder(kind: type[Body]) -> msgspec.json.Decoder[Body]:
    return msgspec.json.Decoder(kind)

"""
Lenient parsing of the scalars in shops' payloads, each by one normaliser: ids as int, digits or
Shopify's gid; money as text, number, ``""`` or null; moments with any offset, without one as UTC.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.model.version import instant

# "gid://shopify/Product/123", and "gid://shopify/InventoryLevel/1?inventory_item_id=2".
_ID = re.compile(r"(?:gid://shopify/[A-Za-z]+/)?([0-9]{1,20})(?:\?.*)?", re.ASCII)
# No price is above a quadrillion, and no currency has nine decimals. Such a number is not a price,
# and arithmetic on it could raise.
_MAX_ADJUSTED = 15
_MIN_EXPONENT = -9
_CENT = Decimal("0.01")
_MAX_ID = 10**20 - 1
# No price is longer, and cached values must stay small.
_LONGEST_PRICE = 16


class _Text(type):
    """
    A text type that msgspec passes to the decoding hook, and whose values are plain ``str``: an
    instance of a ``str`` subclass would reach the calls, and msgspec cannot encode one.
    """

    def __instancecheck__(cls, value: object) -> bool:
        return type(value) is str


if TYPE_CHECKING:
    Id = str
    Moment = str
else:

    class Id(metaclass=_Text):
        """An id of the shop, as decimal digits."""

    class Moment(metaclass=_Text):
        """A moment, in the format of `instant`."""


class Amount:
    """An amount of money in major units; ``value`` is None where the payload has none."""

    __slots__ = ("value",)

    def __init__(self, value: Decimal | None = None) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Amount({self.value})"


NO_AMOUNT = Amount()


def parse_id(value: object) -> str:
    """Return an id as digits: 123, "123" and "gid://shopify/Type/123?x" all become "123"."""
    if type(value) is int and 0 <= value <= _MAX_ID:
        return str(value)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    match = _ID.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError("Expected an id")
    return str(int(match[1]))


def parse_amount(value: object) -> Amount:
    """Parse an amount; null and blank text become `NO_AMOUNT`. Raises ValueError for other text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return NO_AMOUNT
    number = _number(value)
    if number is None or not _is_plausible(number):
        raise ValueError("Expected an amount of money")
    return Amount(number)


# One order repeats the same few amounts: per line, in totals, in both currencies.
@lru_cache(maxsize=32)
def _cached_amount(text: str) -> Amount:
    return parse_amount(text)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        return Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None


def _is_plausible(number: Decimal) -> bool:
    exponent = -2 if number.same_quantum(_CENT) else number.as_tuple().exponent
    return (
        isinstance(exponent, int)
        and exponent >= _MIN_EXPONENT
        and (not number or number.adjusted() < _MAX_ADJUSTED)
    )


def parse_moment(value: object) -> str:
    """Parse a moment like "2026-11-21T09:00:00-05:00", also with a fraction or with Z."""
    try:
        return instant(value) if isinstance(value, str) else _reject_moment()
    except (ValueError, OverflowError):
        # An offset may lead outside the years that a datetime supports.
        return _reject_moment()


def _reject_moment() -> str:
    raise ValueError("Expected a moment in ISO 8601")


def decode_scalar(shape: type, value: object) -> object:
    """Return the scalar of one of this module's types: msgspec's decoding hook."""
    if shape is Amount:
        short = isinstance(value, str) and len(value) <= _LONGEST_PRICE
        return _cached_amount(value) if short else parse_amount(value)
    return parse_moment(value) if shape is Moment else parse_id(value)

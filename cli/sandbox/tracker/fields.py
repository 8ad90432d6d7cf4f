"""Checks of the trackers' own values: decimal text, flags, tags, cookies, timestamps."""

from __future__ import annotations

import re
from typing import Any

from cli.sandbox.exchange import Violation
from cli.sandbox.fields import Field, Shape, array, at, fields, may, text

_PRICE = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
_DIGITS = re.compile(r"[0-9]+")
_COOKIE = re.compile(r"[!-~]+")
# "Can be generated from random numbers and Latin characters."
_GUID = re.compile(r"[0-9A-Za-z-]{1,64}")
# From September 2001 to the year 2096: a timestamp in seconds would be far below.
_EARLIEST, _LATEST = 10**12, 4 * 10**12
PREFIX = "tag_"


def price(value: Any, path: str) -> None:
    """
    Check an amount. The samples have "754 USD", "754" and 201.95; the tables say string, and there
    is a separate field for the currency.
    """
    _matches(_PRICE, value, path, "must be a decimal text")


def percent(value: Any, path: str) -> None:
    """Check "a relative figure (%)"."""
    _matches(_DIGITS, value, path, "must be per cent")
    if not 0 < int(value) <= 100:  # noqa: PLR2004 - per cent
        raise Violation(f"{path}: out of range")


def stock(value: Any, path: str) -> None:
    """Check `isInStock`: "0" or "1" as text (both first samples), although some samples have 1."""
    if value not in ("0", "1") or not isinstance(value, str):
        raise Violation(f'{path}: must be "0" or "1"')


def phone(value: Any, path: str) -> None:
    """Check a telephone number: one sample has dashes, the other digits only."""
    _matches(_DIGITS, value, path, "must be digits")


def cookie(value: Any, path: str) -> None:
    """Check the value of a cookie."""
    _matches(_COOKIE, value, path, "must be visible characters")


def guid(value: Any, path: str) -> None:
    """Check the GUID of a cart's state."""
    _matches(_GUID, value, path, "must be digits and letters")


def moment(value: Any, path: str) -> None:
    """Check a timestamp in milliseconds."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Violation(f"{path}: must be an integer")
    if not _EARLIEST < value < _LATEST:
        raise Violation(f"{path}: not a timestamp in milliseconds")


def words(value: Any, path: str) -> None:
    """Check a non-empty array of texts."""
    array(text)(value, path)
    if not value:
        raise Violation(f"{path}: empty array")


def one_of_them(check: Any) -> Any:
    """Return the check of an array with exactly one item."""

    def single(value: Any, path: str) -> None:
        array(check)(value, path)
        if len(value) != 1:
            raise Violation(f"{path}: must have one item")

    return single


def facts(value: Any, path: str) -> None:
    """Check `Tags`: an object with an array of texts for each name."""
    if not isinstance(value, dict) or not value:
        raise Violation(f"{path}: must be an object with fields")
    for name, inner in value.items():
        if not name.strip():
            raise Violation(f"{path}: empty name")
        words(inner, f"{path}[...]")


def tagged(value: Any, path: str, shape: Shape) -> None:
    """Check an object that may have any `tag_...` field in addition to its own."""
    if not isinstance(value, dict):
        raise Violation(f"{at(path)}must be an object")
    own: dict[str, Field] = {
        name: may(words)
        for name in value
        if name.startswith(PREFIX) and name != PREFIX and name not in shape
    }
    fields(value, path, {**shape, **own})


def _matches(pattern: re.Pattern[str], value: Any, path: str, rule: str) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Violation(f"{path}: {rule}")

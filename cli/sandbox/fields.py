"""
Checks of JSON values, from which the platforms' field tables are built.

A check takes a value and its path, and raises `Violation` with the path and the rule. The text
never quotes the value: it may be personal data.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from cli.sandbox.exchange import Violation

Check = Callable[[Any, str], None]

_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a field table: the rule, and whether the field is required."""

    check: Check
    required: bool


Shape = Mapping[str, Field]


def must(check: Check) -> Field:
    """Return a required field."""
    return Field(check, required=True)


def may(check: Check) -> Field:
    """Return an optional field."""
    return Field(check, required=False)


def fields(value: Any, path: str, shape: Shape) -> None:
    """Check an object against a table: no unknown field, none missing, each value by its rule."""
    if not isinstance(value, dict):
        raise Violation(f"{at(path)}must be an object")
    for name in value:
        if name not in shape:
            raise Violation(f"{at(path)}unknown field {name}")
    for name, field in shape.items():
        if name in value:
            field.check(value[name], f"{path}.{name}" if path else name)
        elif field.required:
            # The guide's wording: "Please specify a photo_url" (batch update of banners).
            raise Violation(f"{at(path)}Please specify a {name}")


def at(path: str) -> str:
    """Return the prefix of a message: the path of the value."""
    return f"{path}: " if path else ""


def text(value: Any, path: str) -> None:
    """Check a string that is not empty."""
    if not isinstance(value, str):
        raise Violation(f"{path}: must be a string")
    if not value.strip():
        raise Violation(f"{path}: empty string")


def flag(value: Any, path: str) -> None:
    """Check a boolean."""
    if not isinstance(value, bool):
        raise Violation(f"{path}: must be a boolean")


def integer(least: int, most: int | None = None) -> Check:
    """Return the check of an integer, written without a fraction."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Violation(f"{path}: must be an integer")
        if value < least or (most is not None and value > most):
            raise Violation(f"{path}: out of range")

    return check


def amount(places: int) -> Check:
    """Return the check of a number from 0 with at most ``places`` decimals."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            raise Violation(f"{path}: must be a number")
        if value < 0:
            raise Violation(f"{path}: below zero")
        if decimals(value) > places:
            raise Violation(f"{path}: more than {places} decimals")

    return check


def decimals(value: int | Decimal) -> int:
    """Return the number of significant decimals: 1 in 24.50."""
    exponent = Decimal(value).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def one_of(*words: str) -> Check:
    """Return the check of an enumeration."""

    def check(value: Any, path: str) -> None:
        text(value, path)
        if value not in words:
            raise Violation(f"{path}: must be one of {', '.join(words)}")

    return check


def second(value: Any, path: str) -> None:
    """Check an instant in UTC to the second, ``YYYY-MM-DDTHH:MM:SSZ``."""
    text(value, path)
    if not _SECOND.fullmatch(value):
        raise Violation(f"{path}: must be YYYY-MM-DDTHH:MM:SSZ")
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise Violation(f"{path}: not a valid instant") from error


def email(value: Any, path: str) -> None:
    """Check an e-mail address: an at-sign, lower case, no surrounding whitespace."""
    text(value, path)
    if "@" not in value:
        raise Violation(f"{path}: not an e-mail address")
    lower_case(value, path)


def lower_case(value: str, path: str) -> None:
    """Check that an e-mail address used as a person's id is normalised."""
    if value != value.strip().lower():
        raise Violation(f"{path}: an e-mail address must be trimmed and lower-case")


def person(value: Any, path: str) -> None:
    """Check a person's id; a guest's id is the e-mail address."""
    text(value, path)
    if "@" in value:
        lower_case(value, path)


def currency(value: Any, path: str) -> None:
    """Check a currency code: three capitals."""
    text(value, path)
    if not _CURRENCY.fullmatch(value):
        raise Violation(f"{path}: must be a currency code")


def address(value: Any, path: str) -> None:
    """Check an IPv4 or IPv6 address."""
    text(value, path)
    try:
        ipaddress.ip_address(value)
    except ValueError as error:
        raise Violation(f"{path}: must be an IP address") from error


def anything(value: Any, path: str) -> None:
    """Check any JSON; no string in it may be empty."""
    if isinstance(value, dict):
        for name, inner in value.items():
            anything(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            anything(inner, f"{path}[{place}]")
    elif isinstance(value, str):
        text(value, path)


def free(value: Any, path: str) -> None:
    """Check an object with any fields."""
    if not isinstance(value, dict):
        raise Violation(f"{path}: must be an object")
    anything(value, path)


def array(check: Check) -> Check:
    """Return the check of a list, which applies a rule to each item."""

    def items(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise Violation(f"{path}: must be an array")
        for place, item in enumerate(value):
            check(item, f"{path}[{place}]")

    return items

"""Instants with nanoseconds, and versions that order the states of an entity."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from shared.model.value import Value

_SHAPE = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?\s*(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
EPOCH = "1970-01-01T00:00:00.000000000Z"


def instant(value: datetime | str) -> str:
    """
    Return a time as UTC text of fixed width, ``2026-11-21T09:00:00.123456789Z``.

    Text of this form sorts by time. Nanoseconds are kept because Shopify's Triggered-At has them.
    A text without an offset is in UTC. Raise ValueError for an invalid text.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            msg = "a datetime needs a time zone"
            raise ValueError(msg)
        return _text(value, value.utcoffset() or timedelta(), f"{value.microsecond:06d}000")
    return _read(value)


def instant_at(seconds: float) -> str:
    """Return a time in epoch seconds as the text of `instant`."""
    return instant(datetime.fromtimestamp(seconds, UTC))


def moment(text: str) -> datetime:
    """Return the datetime of an `instant`; nanoseconds are truncated to microseconds."""
    return datetime.fromisoformat(text[:26] + "+00:00")


# One webhook contains the same few times repeatedly.
@lru_cache(maxsize=16)
def _read(text: str) -> str:
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        msg = "not an ISO 8601 time"
        raise ValueError(msg)
    day, clock, fraction, zone = match.groups()
    base = datetime.fromisoformat(f"{day}T{clock}")
    return _text(base, _offset(zone), ((fraction or "") + "000000000")[:9])


def _text(there: datetime, ahead: timedelta, nanoseconds: str) -> str:
    try:
        utc = there.replace(microsecond=0, tzinfo=None) - ahead
    except OverflowError:
        msg = "not a time of the years 1 to 9999"
        raise ValueError(msg) from None
    # Not strftime: it formats the year 1 as "1", and the text would not sort.
    return f"{utc.isoformat()}.{nanoseconds}Z"


def _offset(zone: str | None) -> timedelta:
    if zone in (None, "Z", "UTC"):
        return timedelta()
    digits = zone[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return ahead if zone[0] == "+" else -ahead


class Version(Value, kw_only=False, order=True):
    """
    The version of an entity: its own modified time, then a tie-break.

    Shops use whole seconds, so two states can have the same ``modified``; ``tie`` is when the
    webhook was triggered (Shopify) or first received (WooCommerce). Both are `instant` texts. A
    strictly older version is stale, an equal one is not.
    """

    modified: str
    tie: str

    def __str__(self) -> str:
        return f"{self.modified}/{self.tie}"

    @classmethod
    def parse(cls, text: str) -> Version:
        """Return the version that a text stands for."""
        modified, _, tie = text.partition("/")
        return cls(modified, tie)

    @classmethod
    def at(cls, when: str) -> Version:
        """Return the version of a state without a modified time of its own, such as a delete."""
        return cls(when, when)

"""The types of the trackers' fields; the tables say "string", "Int" and "object" at random."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from shared.destinations.building.fields import Text

# The samples have "754 USD", "754" and 201.95 for one field; the platforms' own modules send text.
Price = Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d{1,2})?\Z")]
# A relative figure: the table wants percent, without the sign.
Percent = Annotated[str, msgspec.Meta(pattern=r"^([1-9]\d?|100)\Z")]
# The first sample of both documents; the table of eSputnik's last samples has a number.
InStock = Literal["1", "0"]
# Until the year 5138; what is smaller than 1e11 was seconds.
Milliseconds = Annotated[int, msgspec.Meta(ge=10**11, lt=10**14)]
MOST_DIGITS = 32
Phone = Annotated[str, msgspec.Meta(pattern=rf"^[0-9]{{1,{MOST_DIGITS}}}\Z")]
# What a browser may send back as a cookie's value, no longer than an id is.
Cookie = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,128}\Z")]
Guid = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\Z")]
Words = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
Tags = dict[Text, Words]
# The prefix is required; after it comes any name.
TagName = Annotated[str, msgspec.Meta(pattern=r"^tag_.+", min_length=5)]


def in_stock(yes: bool) -> InStock:  # noqa: FBT001 - it becomes the flag
    """Return the value for in stock or not."""
    return "1" if yes else "0"

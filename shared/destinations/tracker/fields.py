"""The trackers' field types; the documents' tables use "string", "Int" and "object" at random."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from shared.destinations.building.fields import Text

# The samples have "754 USD", "754" and 201.95 for one field; the platforms' own modules send text.
Price = Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d{1,2})?\Z")]
# A relative discount: the table requires per cent, without the sign.
Percent = Annotated[str, msgspec.Meta(pattern=r"^([1-9]\d?|100)\Z")]
# As in the first sample of both documents; the table of eSputnik's last samples has a number.
InStock = Literal["1", "0"]
# Until the year 5138; a value below 1e11 would be seconds.
Milliseconds = Annotated[int, msgspec.Meta(ge=10**11, lt=10**14)]
MOST_DIGITS = 32
Phone = Annotated[str, msgspec.Meta(pattern=rf"^[0-9]{{1,{MOST_DIGITS}}}\Z")]
# The characters of a cookie's value, with the maximum length of an id.
Cookie = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,128}\Z")]
Guid = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\Z")]
Words = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
Tags = dict[Text, Words]
# The prefix is required; any name may follow it.
TagName = Annotated[str, msgspec.Meta(pattern=r"^tag_.+", min_length=5)]


def in_stock(yes: bool) -> InStock:  # noqa: FBT001 - it becomes the flag
    """Return the flag for whether a product is available."""
    return "1" if yes else "0"

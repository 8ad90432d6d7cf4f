"""Field types of DataCue alone: the format of a timestamp, and the fields of a row's update."""

from __future__ import annotations

from typing import Annotated

import msgspec

from shared.destinations.building.fields import Body

# Of the five formats in the document's samples, the one that DataCue's later plugins send.
Second = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")]


def without_ids(row: Body) -> Body:
    """
    Return the body of a row's update.

    The fields that the row's type adds to its base are ids, which are sent in the path.
    """
    update = type(row).__base__
    if update is None or not issubclass(update, Body) or not update.__struct_fields__:
        raise TypeError(f"{type(row).__name__} has no update type")
    return update(**{name: getattr(row, name) for name in update.__struct_fields__})

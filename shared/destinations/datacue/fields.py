"""DataCue's own field rules: the format of a time, and the body of an update."""

from __future__ import annotations

from typing import Annotated

import msgspec

from shared.destinations.building.fields import Body

# Of the five shapes in the document's samples, the one that its own later plugins send.
Second = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")]


def without_ids(row: Body) -> Body:
    """Return the body of an update; the ids, which a row's type adds, are in the path."""
    update = type(row).__base__
    if update is None or not issubclass(update, Body) or not update.__struct_fields__:
        raise TypeError(f"{type(row).__name__} has no update")
    return update(**{name: getattr(row, name) for name in update.__struct_fields__})

"""Conversion of bodies to calls: one URL, one method, the event's name in the body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET, Raw, UnsetType

from shared.destinations.building.fields import Body, encode, encode_body
from shared.destinations.tracker.fields import TagName, Tags, Words
from shared.errors import NotExpressible
from shared.http.call import Call, Effect

_TAGGED = msgspec.json.Decoder(dict[TagName, Words])
PREFIX = "tag_"


def call(url: str, body: Body, effect: Effect, size: str = "") -> Call:
    """Return a call that is labelled with its event. Raises NotExpressible."""
    return Call(
        method="POST",
        url=url,
        body=encode_body(body),
        label=f"POST {type(body).__name__}{size}",
        effect=effect,
    )


def tags(*groups: Mapping[str, Sequence[str]]) -> Tags | UnsetType:
    """Merge custom tags and omit those without a value; later ones take precedence."""
    merged = {
        name.strip(): tuple(value.strip() for value in values if value.strip())
        for some in groups
        for name, values in some.items()
    }
    return {name: values for name, values in merged.items() if name and values} or UNSET


def tagged(row: Body, custom: Mapping[str, Sequence[str]]) -> Raw:
    """
    Return a row as JSON with custom tags beside its own fields, each named `tag_` and its name.

    Raises NotExpressible.
    """
    prefixed = {f"{PREFIX}{name}": values for name, values in (tags(custom) or {}).items()}
    fields = encode_body(row)
    if not prefixed:
        return Raw(fields)
    encoded_tags = encode(prefixed)
    try:
        _TAGGED.decode(encoded_tags)
    except msgspec.ValidationError:
        raise NotExpressible("an invalid tag", "$.tag_...") from None
    return Raw(fields[:-1] + b"," + encoded_tags[1:])

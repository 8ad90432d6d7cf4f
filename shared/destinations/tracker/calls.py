"""Build calls from bodies: one URL, one method, the event's name in the body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET, Raw, UnsetType

from shared.destinations.building.fields import Body, encode, written
from shared.destinations.tracker.fields import TagName, Tags, Words
from shared.errors import NotExpressible
from shared.http.call import Call, Effect

_TAGGED = msgspec.json.Decoder(dict[TagName, Words])
PREFIX = "tag_"


def call(url: str, body: Body, effect: Effect, size: str = "") -> Call:
    """Return a call, labelled with its event. Raise NotExpressible."""
    return Call(
        method="POST",
        url=url,
        body=written(body),
        label=f"POST {type(body).__name__}{size}",
        effect=effect,
    )


def tags(*named: Mapping[str, Sequence[str]]) -> Tags | UnsetType:
    """Return the shop's own tags without empty ones; later ones win."""
    found = {
        name.strip(): tuple(value.strip() for value in values if value.strip())
        for facts in named
        for name, values in facts.items()
    }
    return {name: values for name, values in found.items() if name and values} or UNSET


def tagged(row: Body, facts: Mapping[str, Sequence[str]]) -> Raw:
    """
    Write a row with facts beside its own fields, each under `tag_` and its name. Raises
    NotExpressible.
    """
    more = {f"{PREFIX}{name}": values for name, values in (tags(facts) or {}).items()}
    whole = written(row)
    if not more:
        return Raw(whole)
    beside = encode(more)
    try:
        _TAGGED.decode(beside)
    except msgspec.ValidationError:
        raise NotExpressible("no tag", "$.tag_...") from None
    return Raw(whole[:-1] + b"," + beside[1:])

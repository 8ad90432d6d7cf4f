"""
Visitors of the storefront, from the attributes that a snippet in the storefront writes into the
cart, the order or a line: pairs of a name and a value, see ``docs/visitors.md``. A shopper can
forge all of them: invalid attributes are omitted and counted, and nothing ever raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated
from urllib.parse import parse_qs

import msgspec

from shared.model.visitor import NOBODY, Campaign, Visitor
from shared.sources.parsing.scalars import parse_moment

NULL = msgspec.Raw(b"null")
BAD_ATTRIBUTE = "bad_visitor_attribute"
_PREFIX = "shoprelay_"
# Both shops' encoders write ASCII unescaped: a group without the prefix is not decoded.
_MARK = _PREFIX.encode()
_SOURCE = "source"
_MAX_LENGTH = 128
# Visible ASCII without quotes.
_ID = re.compile(rf"[!#-&(-~]{{1,{_MAX_LENGTH}}}")
_TEXTS: Mapping[str, re.Pattern[str]] = {
    "sc": _ID,
    "did": _ID,
    "seance": _ID,
    "segment": re.compile("[AB]"),
}
# The parameters of a campaign's link that identify it (PersonaClick's document, "Source Param").
_ORIGIN, _CODES = "recommended_by", ("bulk_code", "personaclick_mail_code")

_Bounded = Annotated[str, msgspec.Meta(min_length=1, max_length=_MAX_LENGTH)]


class _Pair(msgspec.Struct):
    """An attribute; its name is in ``name`` at Shopify and in ``key`` at WooCommerce."""

    name: str | None = None
    key: str | None = None
    value: msgspec.Raw = NULL


class _Source(msgspec.Struct):
    """A campaign in the format of the snippet."""

    code: _Bounded
    origin: _Bounded = msgspec.field(name="from")
    at: str | None = None


_PAIRS = msgspec.json.Decoder(list[_Pair] | dict[str, msgspec.Raw] | None)


def read_visitor(groups: Iterable[msgspec.Raw], at: str) -> tuple[Visitor, tuple[str, ...]]:
    """
    Read a visitor from groups of attributes, as JSON, the most reliable first.

    A group adds only what the groups before it lack. ``at`` is the `instant` of the order or cart:
    the session lasted until then. Returns a count for each invalid attribute.
    """
    visitor, counts = NOBODY, 0
    for group in groups:
        if _MARK in (raw := bytes(group)):
            found, bad = _visitor(dict(_our_attributes(raw)), at)
            visitor, counts = visitor.over(found), counts + bad
    return visitor, (BAD_ATTRIBUTE,) * counts


def landing_campaign(site: str | None, at: str) -> Campaign | None:
    """Return the campaign in the URL of the first page of the visit, if there is one."""
    query = parse_qs((site or "").partition("#")[0].partition("?")[2])
    codes = [code for name in _CODES for code in query.get(name, ())]
    origins = query.get(_ORIGIN)
    if not codes or not origins:
        return None
    return _campaign({"from": origins[0], "code": codes[0]}, at)


def _our_attributes(raw: bytes) -> Iterator[tuple[str, object]]:
    for name, found in _pairs(raw):
        whose, _, what = name.removeprefix("_").partition(_PREFIX)
        value = _decode_value(found)
        # A snippet removes an attribute by setting it to an empty value.
        if not whose and (what in _TEXTS or what == _SOURCE) and value not in (None, ""):
            yield what, value


def _pairs(raw: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        found = _PAIRS.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return
    if isinstance(found, dict):
        yield from ((name, bytes(value)) for name, value in found.items())
    else:
        yield from ((one.name or one.key or "", bytes(one.value)) for one in found or ())


def _decode_value(raw: bytes) -> object:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False  # not empty, and never valid


def _visitor(attributes: Mapping[str, object], at: str) -> tuple[Visitor, int]:
    texts = {
        name: value
        for name, shape in _TEXTS.items()
        if isinstance(value := attributes.get(name), str) and shape.fullmatch(value)
    }
    campaign = _campaign(attributes.get(_SOURCE), at)
    # A session belongs to a device: without the device it is unusable.
    seance = texts.get("seance") if "did" in texts else None
    visitor = Visitor(
        tracker_cookie=texts.get("sc"),
        device_id=texts.get("did"),
        session_id=seance,
        seen_at=at if seance else None,
        segment=texts.get("segment"),
        campaign=campaign,
    )
    return visitor, len(attributes) - len(texts) - (campaign is not None)


def _campaign(value: object, at: str) -> Campaign | None:
    try:
        fields = msgspec.json.decode(value) if isinstance(value, str) else value
        source = msgspec.convert(fields, _Source)
        # A browser's clock may be ahead of the shop's, but no visit starts after its order.
        came = min(parse_moment(source.at), at) if source.at else at
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    readable = source.origin.isprintable() and source.code.isprintable()
    return Campaign(origin=source.origin, code=source.code, at=came) if readable else None

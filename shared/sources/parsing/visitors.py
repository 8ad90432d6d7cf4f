"""
Who the shopper is in the browser, where a snippet in the storefront wrote it into the cart, the
order or a line: pairs of a name and a value, see ``docs/visitors.md``. All of it is the shopper's
to forge: what is out of bounds is left out and counted, and nothing ever raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated
from urllib.parse import parse_qs

import msgspec

from shared.model.visitor import NOBODY, Campaign, Visitor
from shared.sources.parsing.scalars import when

NOT_THERE = msgspec.Raw(b"null")
BAD = "bad_visitor_attribute"
_PREFIX = "shoprelay_"
# Both shops' encoders write ASCII as it is: what is not marked is not read.
_MARK = _PREFIX.encode()
_SOURCE = "source"
_LONGEST = 128
# Visible ASCII without quotes.
_ID = re.compile(rf"[!#-&(-~]{{1,{_LONGEST}}}")
_TEXTS: Mapping[str, re.Pattern[str]] = {
    "sc": _ID,
    "did": _ID,
    "seance": _ID,
    "segment": re.compile("[AB]"),
}
# Where a campaign's link says which one it is (PersonaClick's document, "Source Param").
_ORIGIN, _CODES = "recommended_by", ("bulk_code", "personaclick_mail_code")

_Bounded = Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST)]


class _Pair(msgspec.Struct):
    """An attribute: Shopify calls it by ``name``, WooCommerce by ``key``."""

    name: str | None = None
    key: str | None = None
    value: msgspec.Raw = NOT_THERE


class _Source(msgspec.Struct):
    """A campaign as the snippet writes it."""

    code: _Bounded
    origin: _Bounded = msgspec.field(name="from")
    at: str | None = None


_PAIRS = msgspec.json.Decoder(list[_Pair] | dict[str, msgspec.Raw] | None)


def written(groups: Iterable[msgspec.Raw], at: str) -> tuple[Visitor, tuple[str, ...]]:
    """
    Read groups of attributes, as JSON, the surest first: what one lacks the next may tell.

    ``at`` is the `instant` of the order or cart: the session went on until then. Gives a count for
    each attribute that is not believed.
    """
    visitor, counts = NOBODY, 0
    for group in groups:
        if _MARK in (raw := bytes(group)):
            found, bad = _visitor(dict(_ours(raw)), at)
            visitor, counts = visitor.over(found), counts + bad
    return visitor, (BAD,) * counts


def landed(site: str | None, at: str) -> Campaign | None:
    """Read the campaign that the link to the shop's first page told, if it told one."""
    query = parse_qs((site or "").partition("#")[0].partition("?")[2])
    codes = [code for name in _CODES for code in query.get(name, ())]
    origins = query.get(_ORIGIN)
    if not codes or not origins:
        return None
    return _campaign({"from": origins[0], "code": codes[0]}, at)


def _ours(raw: bytes) -> Iterator[tuple[str, object]]:
    for name, found in _pairs(raw):
        whose, _, what = name.removeprefix("_").partition(_PREFIX)
        value = _json(found)
        # A snippet takes an attribute back by writing nothing into it.
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


def _json(raw: bytes) -> object:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False  # it is something, and nothing to believe


def _visitor(ours: Mapping[str, object], at: str) -> tuple[Visitor, int]:
    texts = {
        name: value
        for name, shape in _TEXTS.items()
        if isinstance(value := ours.get(name), str) and shape.fullmatch(value)
    }
    campaign = _campaign(ours.get(_SOURCE), at)
    # A session belongs to its device: without it, it is nobody's.
    seance = texts.get("seance") if "did" in texts else None
    visitor = Visitor(
        tracker_cookie=texts.get("sc"),
        device_id=texts.get("did"),
        session_id=seance,
        seen_at=at if seance else None,
        segment=texts.get("segment"),
        campaign=campaign,
    )
    return visitor, len(ours) - len(texts) - (campaign is not None)


def _campaign(value: object, at: str) -> Campaign | None:
    try:
        told = msgspec.json.decode(value) if isinstance(value, str) else value
        source = msgspec.convert(told, _Source)
        # A browser's clock may be ahead of the shop's; nobody came after they had ordered.
        came = min(when(source.at), at) if source.at else at
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    readable = source.origin.isprintable() and source.code.isprintable()
    return Campaign(origin=source.origin, code=source.code, at=came) if readable else None

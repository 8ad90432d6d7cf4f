"""
What DataCue's answers say, as far as it may be repeated: its words can hold a name or an address,
so that only phrases of our own and names of its documented fields leave this module.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from shared.destinations.datacue import order_payloads, payloads
from shared.http.verdict import Response

NOT_FOUND, GONE, CONFLICT = 404, 410, 409
# Statuses that may carry "already exists" or "not found" in their text.
_TEXT_STATUSES = frozenset({400, 409, 422})
_EXISTS, _MISSING = "already exists", "not found"
_ROWS = (
    payloads.Product, payloads.Product2021, payloads.Category, payloads.Banner, payloads.Extra,
    order_payloads.User2021, order_payloads.Order, order_payloads.OrderLine, order_payloads.Profile,
)  # fmt: skip
FIELDS: Collection[str] = frozenset(name for row in _ROWS for name in row.__struct_fields__)
# The document has no word for "not now"; these are what servers say. Everything else is a refusal.
_NOT_NOW = re.compile(
    r"\b(internal|time-?out|timed out|temporar\w*|try again|retry|unavailable|too many)\b"
)
_WORD = re.compile(r"[a-z][a-z_0-9]*")
_PAGES = (b"<!doctype html", b"<html")


class Item(msgspec.Struct, frozen=True):
    """
    One item's status in a 207. The ids' values are right, but not always their names: the document
    answers users with a ``product_id``.
    """

    status: str = ""
    error: str | None = None
    product_id: str | int | None = None
    user_id: str | int | None = None
    order_id: str | int | None = None
    banner_id: str | int | None = None

    @property
    def taken(self) -> bool:
        """Whether the platform took the item."""
        return self.status.upper() == "OK"

    def names(self, own: str) -> bool:
        """Return whether the item is, as far as it says, the one with this id."""
        found = (self.product_id, self.user_id, self.order_id, self.banner_id)
        given = [str(one) for one in found if one is not None]
        return not given or own in given


class _MultiStatus(msgspec.Struct, frozen=True):
    status: list[Item]


_DECODER = msgspec.json.Decoder(_MultiStatus)


def items(answer: Response) -> list[Item] | None:
    """Read the statuses of a batch's items, in its order; None when there are none to read."""
    try:
        return _DECODER.decode(answer.body).status
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def page(answer: Response) -> bool:
    """
    Return whether an answer is a page of HTML: a proxy or a parked domain speaks, not the platform.

    The content type is no proof: web frameworks set it for a bare "OK" too.
    """
    return answer.body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES)


def exists(text: str) -> bool:
    """Return whether a text says that what should be created exists."""
    return _EXISTS in text.lower()


def missing(text: str) -> bool:
    """Return whether a text says that what should be changed is not there."""
    return _MISSING in text.lower()


def not_now(text: str) -> bool:
    """Return whether a text says that the platform failed, rather than what was sent."""
    return _NOT_NOW.search(text.lower()) is not None


def found_existing(answer: Response) -> bool:
    """Return whether a create was refused because it exists; that is what a 409 means by itself."""
    found = answer.status in _TEXT_STATUSES and exists(_text(answer))
    return found or answer.status == CONFLICT


def found_nothing(answer: Response) -> bool:
    """Return whether a change was refused because there is nothing to change."""
    found = answer.status in _TEXT_STATUSES and missing(_text(answer))
    return found or answer.status in {NOT_FOUND, GONE}


def complaint(text: str) -> tuple[str, str]:
    """Return a reason that may be repeated, and the documented field that the text names, or ""."""
    words = _WORD.findall(text.lower())
    name = next((word for word in words if word in FIELDS), "")
    if exists(text):
        return _EXISTS, ""
    if missing(text):
        return _MISSING, ""
    return "refused by the platform", name


def complaint_of(answer: Response) -> tuple[str, str]:
    """Return the complaint of a whole answer; a page of HTML has none."""
    text = _text(answer)
    return complaint("" if "<html" in text.lower() else text)


def _text(answer: Response) -> str:
    return answer.body[:4096].decode("utf-8", "replace")

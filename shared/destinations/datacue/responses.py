"""
Parsing of DataCue's responses. An error text can contain a name or an address, so that only our own
phrases and the names of documented fields leave this module.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from shared.destinations.datacue import order_payloads, payloads
from shared.http.verdict import Response

NOT_FOUND, GONE, CONFLICT = 404, 410, 409
# Statuses whose text may contain "already exists" or "not found".
_TEXT_STATUSES = frozenset({400, 409, 422})
_EXISTS, _MISSING = "already exists", "not found"
_ROWS = (
    payloads.Product, payloads.Product2021, payloads.Category, payloads.Banner, payloads.Extra,
    order_payloads.User2021, order_payloads.Order, order_payloads.OrderLine, order_payloads.Profile,
)  # fmt: skip
FIELDS: Collection[str] = frozenset(name for row in _ROWS for name in row.__struct_fields__)
# The document has no term for a temporary error; servers use these. Any other error is a rejection.
_TEMPORARY = re.compile(
    r"\b(internal|time-?out|timed out|temporar\w*|try again|retry|unavailable|too many)\b"
)
_WORD = re.compile(r"[a-z][a-z_0-9]*")
_PAGES = (b"<!doctype html", b"<html")


class Item(msgspec.Struct, frozen=True):
    """
    The status of one item in a 207. The values of ids are right, but not always their names: the
    document's response for users has a ``product_id``.
    """

    status: str = ""
    error: str | None = None
    product_id: str | int | None = None
    user_id: str | int | None = None
    order_id: str | int | None = None
    banner_id: str | int | None = None

    @property
    def accepted(self) -> bool:
        """Return whether the platform accepted the item."""
        return self.status.upper() == "OK"

    def has_id(self, own: str) -> bool:
        """Return whether the item has this id, or no id at all."""
        fields = (self.product_id, self.user_id, self.order_id, self.banner_id)
        ids = [str(one) for one in fields if one is not None]
        return not ids or own in ids


class _MultiStatus(msgspec.Struct, frozen=True):
    status: list[Item]


_DECODER = msgspec.json.Decoder(_MultiStatus)


def items(response: Response) -> list[Item] | None:
    """Return the statuses of a batch's items in its order; None if they cannot be parsed."""
    try:
        return _DECODER.decode(response.body).status
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def is_html_page(response: Response) -> bool:
    """
    Return whether a response is an HTML page, from a proxy or a parked domain.

    The content type is no indication: web frameworks also use `text/html` for a bare "OK".
    """
    return response.body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES)


def says_exists(text: str) -> bool:
    """Return whether an error text means that the row to create exists."""
    return _EXISTS in text.lower()


def says_missing(text: str) -> bool:
    """Return whether an error text means that the row to change is missing."""
    return _MISSING in text.lower()


def says_temporary(text: str) -> bool:
    """Return whether an error text means a failure of the platform, not of the request."""
    return _TEMPORARY.search(text.lower()) is not None


def row_exists(response: Response) -> bool:
    """Return whether a create was rejected because the row exists; a 409 always means that."""
    in_text = response.status in _TEXT_STATUSES and says_exists(_text(response))
    return in_text or response.status == CONFLICT


def row_missing(response: Response) -> bool:
    """Return whether a change was rejected because the row is missing."""
    in_text = response.status in _TEXT_STATUSES and says_missing(_text(response))
    return in_text or response.status in {NOT_FOUND, GONE}


def parse_error(text: str) -> tuple[str, str]:
    """Return a reason that is safe to log, and the documented field in the text, or ""."""
    words = _WORD.findall(text.lower())
    name = next((word for word in words if word in FIELDS), "")
    if says_exists(text):
        return _EXISTS, ""
    if says_missing(text):
        return _MISSING, ""
    return "rejected by the platform", name


def parse_response_error(response: Response) -> tuple[str, str]:
    """Return the reason and the field of a response; an HTML page has neither."""
    text = _text(response)
    return parse_error("" if "<html" in text.lower() else text)


def _text(response: Response) -> str:
    return response.body[:4096].decode("utf-8", "replace")

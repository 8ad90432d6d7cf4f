"""
Interpretation of responses of the store's REST API: a document, "not found", or StoreUnavailable.
Only the store itself can say that a document does not exist: a 404 from a web server, from a
deactivated plugin or from a wrong address says nothing about the shop.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from itertools import islice

import msgspec

from shared.errors import NotUnderstood, StoreUnavailable
from shared.http.store_client import StoreResponse
from shared.sources.parsing.documents import read_strictly, record_odd_field
from shared.sources.woocommerce.product_payloads import Body

# The codes of a 404 that mean "no such id". Products and orders: Version3/class-wc-rest-crud-
# controller.php, get_item; customers: Version1/class-wc-rest-customers-v1-controller.php, get_item
# (src/Internal/Utilities/Users.php, and before that the other code).
GONE: Mapping[str, frozenset[str]] = {
    "products": frozenset({"woocommerce_rest_product_invalid_id"}),
    "orders": frozenset({"woocommerce_rest_shop_order_invalid_id"}),
    "customers": frozenset({"wc_user_invalid_id", "woocommerce_rest_invalid_id"}),
}
# A code is logged. Other text of the store must not be: it could contain personal data.
_CODE = re.compile(r"[a-z0-9_-]{1,80}")
_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
# WordPress prints it if a file of the theme begins with it; PHP's own clients skip it too.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# PHP ends a warning with "<br />" and a line feed, or with a line feed alone.
_BEGIN = re.compile(rb"[\n>][^\S\n]*+([{\[])")
_MAX_WARNINGS = 50


class _Problem(Body, frozen=True):
    code: str | None = None


def not_found(response: StoreResponse, path: str) -> bool:
    """Return whether the store has no document with that id; ``path`` is below ``wc/v3/``."""
    gone = GONE.get(path.partition("/")[0], frozenset())
    return response.status == HTTPStatus.NOT_FOUND and _code(response.body) in gone


def content(response: StoreResponse) -> bytes:
    """Return the JSON of a successful response. Raises StoreUnavailable, with what to check."""
    if response.status != HTTPStatus.OK:
        reason = _reason(response.status, _code(response.body) or "without a code")
        raise StoreUnavailable(reason, response.after, refused=response.status in _REFUSALS)
    text = _json_part(response.body)
    if not text.startswith((b"{", b"[")):
        raise StoreUnavailable(
            "the store's answer is not JSON: is its API switched off, or behind a login page?"
        )
    return text


def _json_part(body: bytes) -> bytes:
    """Return a response without what PHP prints before it where ``display_errors`` is on."""
    text = body.removeprefix(_BYTE_ORDER_MARK).strip()
    if text.startswith((b"{", b"[")) or not text.endswith((b"}", b"]")):
        return text
    for begin in islice(_BEGIN.finditer(text), _MAX_WARNINGS):
        rest = text[begin.start(1) :]
        with suppress(msgspec.DecodeError, RecursionError):
            msgspec.json.decode(rest, type=msgspec.Raw)
            record_odd_field("Response")
            return rest
    return text


def error_code(response: StoreResponse) -> str:
    """Return the store's own error code; empty if there is none."""
    return _code(response.body)


def _code(body: bytes) -> str:
    try:
        code = read_strictly(_json_part(body), _Problem).code or ""
    except NotUnderstood:
        return ""
    return code if _CODE.fullmatch(code) else ""


def _reason(status: int, code: str) -> str:
    if status in _REFUSALS:
        return f"the store refuses the key: {status} {code}"
    if status == HTTPStatus.NOT_FOUND:
        return f"the store answered 404 {code}: is `url` in [woocommerce] its address?"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return f"the store answered {status}, a redirect: correct `url` in [woocommerce]"
    return f"the store answered {status} {code}"

"""
What an answer of the store's REST API means: a document, "there is none", or that the store cannot
be asked now. Only the store itself may say that something is gone: a 404 of a web server, of a
plugin that is switched off, or of a wrong address says nothing about the shop.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from shared.errors import NotUnderstood, StoreUnavailable
from shared.http.store_client import StoreResponse
from shared.sources.parsing.scalars import read
from shared.sources.woocommerce.product_payloads import Body

# The codes of a 404 that mean "no such id". Products and orders: Version3/class-wc-rest-crud-
# controller.php, get_item; customers: Version1/class-wc-rest-customers-v1-controller.php, get_item
# (src/Internal/Utilities/Users.php, and before that the other code).
GONE: Mapping[str, frozenset[str]] = {
    "products": frozenset({"woocommerce_rest_product_invalid_id"}),
    "orders": frozenset({"woocommerce_rest_shop_order_invalid_id"}),
    "customers": frozenset({"wc_user_invalid_id", "woocommerce_rest_invalid_id"}),
}
# A code goes into logs: nothing of the store does that could be more than a code.
_CODE = re.compile(r"[a-z0-9_-]{1,80}")
_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
# WordPress prints it where one of a theme's files begins with it; PHP's own clients skip it too.
_MARK = b"\xef\xbb\xbf"


class _Problem(Body, frozen=True):
    code: str | None = None


def absent(reply: StoreResponse, path: str) -> bool:
    """Tell whether the store says that there is none of that id; ``path`` is below ``wc/v3/``."""
    gone = GONE.get(path.partition("/")[0], frozenset())
    return reply.status == HTTPStatus.NOT_FOUND and _code(reply.body) in gone


def content(reply: StoreResponse) -> bytes:
    """Give the JSON of a good answer. Raises StoreUnavailable, with what to look at."""
    if reply.status != HTTPStatus.OK:
        reason = _reason(reply.status, _code(reply.body) or "without a code")
        raise StoreUnavailable(reason, reply.after, refused=reply.status in _REFUSALS)
    text = reply.body.removeprefix(_MARK).strip()
    if not text.startswith((b"{", b"[")):
        raise StoreUnavailable(
            "the store's answer is not JSON: is its API switched off, or a login page before it?"
        )
    return text


def refusal(reply: StoreResponse) -> str:
    """Give the store's own code of an error; empty where there is none."""
    return _code(reply.body)


def _code(body: bytes) -> str:
    try:
        code = read(body.removeprefix(_MARK), _Problem).code or ""
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

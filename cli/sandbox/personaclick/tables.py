"""The page's field tables of events, messages and rows. Ids are texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cli.sandbox.exchange import Violation, decode
from cli.sandbox.fields import Check, Shape, array, fields, flag, free, integer, may, must, text

LONGEST = 255
_DID = re.compile(r"[!-~]{1,128}")
_STREAM = re.compile(r"[A-Za-z0-9]{1,16}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def ident(value: Any, path: str) -> None:
    """Check an id: longer ones are silently dropped (events-errors.md)."""
    text(value, path)
    if len(value) > LONGEST:
        raise Violation(f"{path}: longer than {LONGEST}")


def device(value: Any, path: str) -> None:
    """Check the form of a device's id."""
    text(value, path)
    if not _DID.fullmatch(value):
        raise Violation(f"{path}: malformed")


def stream(value: Any, path: str) -> None:
    """Check "alphanumeric string (letters, numbers only). Max length: 16"."""
    text(value, path)
    if not _STREAM.fullmatch(value):
        raise Violation(f"{path}: must be letters and numbers, 16 at most")


def app_stream(value: Any, path: str) -> None:
    """Check a stream of app pushes: "sms" is documented only for a clicked message."""
    stream(value, path)
    if value == "sms":
        raise Violation(f"{path}: sms is allowed for a click only")


def number(*, positive: bool = False) -> Check:
    """Return the check of a number from 0, or above 0."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            raise Violation(f"{path}: must be a number")
        if value < 0 or (positive and value == 0):
            raise Violation(f"{path}: out of range")

    return check


def _segment(value: Any, path: str) -> None:
    if value not in ("A", "B"):
        raise Violation(f"{path}: must be A or B")


def _source(value: Any, path: str) -> None:
    text(value, path)
    fields(decode(value.encode()), path, {"from": must(text), "code": must(text)})


def _order_id(value: Any, path: str) -> None:
    ident(value, path)
    if _UUID.fullmatch(value):
        raise Violation(f"{path}: a UUID is displayed as ---")


def _category_id(value: Any, path: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        ident(value, path)


def _always(value: Any, path: str) -> None:
    if value is not True:
        raise Violation(f'{path}: should always be "true"')


def _items(shape: Shape, least: int = 0, most: int | None = None) -> Check:
    every = array(lambda value, path: fields(value, path, shape))

    def check(value: Any, path: str) -> None:
        every(value, path)
        if len(value) < least or (most is not None and len(value) > most):
            raise Violation(f"{path}: wrong number of items")
        ids = [item["id"] for item in value]
        if len(set(ids)) != len(ids):
            raise Violation(f"{path}: duplicate id")

    return check


_PIECES = integer(1, 1000)
_ID: Shape = {"id": must(ident)}
_ONE = must(_items(_ID, 1, 1))
_RECOMMENDED: Shape = {"recommended_by": may(text), "recommended_code": may(text)}
_EVENT: Shape = {"event": must(text)}
COMMON: Shape = {
    "shop_id": must(text),
    "did": must(device),
    "seance": may(text),
    "sid": may(text),
    "stream": must(stream),
    "segment": may(_segment),
    "referer": may(text),
    "source": may(_source),
}
PUSH: Mapping[str, Shape] = {
    "view": {"items": _ONE, **_RECOMMENDED},
    "category": {"category_id": must(_category_id)},
    "cart": {"items": must(_items({**_ID, "amount": must(_PIECES)}, 1, 1)), **_RECOMMENDED},
    "remove_from_cart": {"items": _ONE},
    "purchase": {
        "items": must(
            # A free item has the price 0: an item without a price refuses the whole purchase.
            _items({**_ID, "amount": must(_PIECES), "price": must(number())}, 1)
        ),
        "custom": may(free),
        "order_id": may(_order_id),
        **dict.fromkeys(
            ("order_price", "order_cash", "order_bonuses", "order_delivery", "order_discount"),
            may(number()),
        ),
        **dict.fromkeys(
            ("promocode", "delivery_address", "delivery_type", "payment_type"), may(text)
        ),
        "tax_free": may(flag),
    },
    "search": {"search_query": must(text), "recommended_code": may(text)},
    "wish": {"items": _ONE},
    "remove_wish": {"items": _ONE},
}
# Without items "the system will clear": the page's own example. Elsewhere it is an empty list.
WHOLE: Mapping[str, Shape] = {
    "cart": {
        "full_cart": must(_always),
        "items": may(_items({**_ID, "quantity": must(_PIECES)})),
    },
    "wish": {"full_wish": must(_always), "items": may(_items(_ID))},
}
CUSTOM: Shape = {
    **_EVENT,
    **COMMON,
    "category": may(text),
    "label": may(text),
    "value": may(integer(-(10**18), 10**18)),
}
MESSAGE: Shape = {"shop_id": must(text), "code": must(text), "type": must(text)}
_SECRET: Shape = {"shop_id": must(text), "shop_secret": must(text)}
PRODUCT: Shape = {
    "id": must(ident),
    "group_id": may(ident),
    "name": must(text),
    "price": must(number()),
    "oldprice": may(number(positive=True)),
    "currency": may(text),
    "url": must(text),
    "picture": must(text),
    "available": must(flag),
    "categories": must(array(text)),
    "brand": may(text),
    "stock_quantity": may(integer(0)),
}
PRODUCTS: Shape = {**_SECRET, "items": must(_items(PRODUCT, 1, 5000))}
DELETED: Shape = {**_SECRET, "items": must(array(ident))}
ORDERS: Shape = {**_SECRET, "orders": must(_items({**_ID, "status": must(text)}, 1, 5000))}


def check_push(body: Any) -> str:
    """Check a body of /push; return its event, ``full_cart`` and ``full_wish`` among them."""
    fields(body, "", {**_EVENT, **{name: may(_anything) for name in body if name != "event"}})
    event = body["event"]
    if event not in PUSH:
        raise Violation("event: unknown")
    whole = event in WHOLE and bool({"full_cart", "full_wish"} & body.keys())
    own = WHOLE[event] if whole else PUSH[event]
    fields(body, "", {**_EVENT, **COMMON, **own})
    check_session(body)
    if event != "search" and len(_RECOMMENDED.keys() & body.keys()) == 1:
        raise Violation("recommended_by and recommended_code go together")
    return f"full_{event}" if whole else str(event)


def check_session(body: Mapping[str, Any]) -> None:
    """Check that exactly one of the two session fields is set."""
    if ("seance" in body) is ("sid" in body):
        raise Violation("one of seance and sid is required")


def _anything(_value: Any, _path: str) -> None:
    return None

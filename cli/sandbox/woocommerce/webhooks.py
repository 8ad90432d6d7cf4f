"""
Create, update and delete webhooks, as includes/rest-api/Controllers/Version1/class-wc-rest-
webhooks-v1-controller.php does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec

from cli.sandbox.exchange import Response, json_response
from cli.sandbox.woocommerce.lists import reject_parameter
from cli.sandbox.woocommerce.problem import Rejected, problem
from cli.sandbox.woocommerce.routes import NO_ROUTE
from cli.sandbox.woocommerce.store_data import Json, StoreData

_CODE = "woocommerce_rest_shop_webhook_"
_EVENTS: Mapping[str, frozenset[str]] = {
    "product": frozenset({"created", "updated", "deleted", "restored"}),
    "order": frozenset({"created", "updated", "deleted", "restored"}),
    "coupon": frozenset({"created", "updated", "deleted", "restored"}),
    "customer": frozenset({"created", "updated", "deleted"}),
}
# The version that added product.published.
_PUBLISHED_SINCE = (10, 8)
_STATUSES = ("active", "paused", "disabled")
_ROUTE = re.compile(r"webhooks(?:/(\d+))?")
# wc_is_valid_url: PHP's FILTER_VALIDATE_URL takes only ASCII, and letters, digits and "-" as host.
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_URL = re.compile(rf"https?://{_LABEL}(\.{_LABEL})*\.?(:\d{{1,5}})?([/?#][!-~]*)?")
_TRUE = ("true", "1")
_NO_TRASH = problem(
    501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing."
)


def change_webhook(
    held: StoreData, method: str, route: str, query: Mapping[str, str], body: bytes
) -> Response:
    """Create, update or delete a webhook for a key that may write. Raise Rejected."""
    match = _ROUTE.fullmatch(route)
    act = _ACTS.get((method, bool(match and match[1])))
    if match is None or act is None:
        return NO_ROUTE
    fields = msgspec.json.decode(body) if body else {}
    return act(held, int(match[1] or 0), {**query, **fields})


def _create(held: StoreData, _: int, fields: Json) -> Response:
    topic, url = fields.get("topic", ""), fields.get("delivery_url", "")
    if not _known(topic, held):
        _reject("invalid_topic", "Webhook topic is required and must be valid.")
    _check_url(url)
    _status(fields, "active")
    resource, _, event = topic.partition(".")
    number = max(held.webhooks, default=0) + 1
    held.webhooks[number] = {
        "id": number,
        "name": fields.get("name") or f"Webhook created on {_now(held)}",
        # Whatever status was requested: `create_item` sets it by the type of its post.
        "status": "active",
        "topic": topic,
        "resource": resource,
        "event": event,
        "hooks": [],
        "delivery_url": url,
        "date_created_gmt": _now(held),
        "date_modified_gmt": _now(held),
    }
    # Without a secret the store generates one, and never shows it.
    held.signing[number] = fields.get("secret") or "x" * 50
    return json_response(201, held.webhooks[number])


def _update(held: StoreData, number: int, fields: Json) -> Response:
    one = held.webhooks.get(number)
    if one is None:
        _reject("invalid_id", "ID is invalid.")
    topic = fields.get("topic", one["topic"])
    if not _known(topic, held):
        _reject("invalid_topic", "Webhook topic must be valid.")
    _check_url(fields.get("delivery_url") or one["delivery_url"])
    one |= {
        "status": _status(fields, one["status"]),
        "topic": topic,
        "delivery_url": fields.get("delivery_url") or one["delivery_url"],
        "date_modified_gmt": _now(held),
    }
    held.signing[number] = fields.get("secret") or held.signing.get(number, "")
    return json_response(200, one)


def _delete(held: StoreData, number: int, fields: Json) -> Response:
    if str(fields.get("force", "")).lower() not in _TRUE:
        return _NO_TRASH
    one = held.webhooks.pop(number, None)
    if one is None:
        raise Rejected(problem(404, f"{_CODE}invalid_id", "Invalid ID."))
    held.signing.pop(number, None)
    return json_response(200, one)


_ACTS: Mapping[tuple[str, bool], Callable[[StoreData, int, Json], Response]] = {
    ("POST", False): _create,
    ("PUT", True): _update,
    ("POST", True): _update,
    ("DELETE", True): _delete,
}


def _check_url(url: str) -> None:
    if not _URL.fullmatch(url):
        text = "Webhook delivery URL must be a valid URL starting with http:// or https://."
        _reject("invalid_delivery_url", text)


def _known(topic: Any, held: StoreData) -> bool:
    resource, _, event = str(topic).partition(".")
    if resource == "action":
        return event.startswith(("woocommerce_", "wc_"))
    if topic == "product.published":
        return held.version >= _PUBLISHED_SINCE
    return event in _EVENTS.get(resource, ())


def _status(fields: Json, otherwise: str) -> str:
    status = fields.get("status", otherwise)
    if status not in _STATUSES:
        reject_parameter("status", "rest_not_in_enum")
    return str(status)


def _now(held: StoreData) -> str:
    return f"{datetime.fromtimestamp(held.clock(), UTC):%Y-%m-%dT%H:%M:%S}"


def _reject(code: str, text: str) -> NoReturn:
    raise Rejected(problem(400, f"{_CODE}{code}", text))

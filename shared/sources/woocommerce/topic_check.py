"""
Check that a body matches its topic: it may be an error document, or a body of another topic. The
signature covers only the body, so that anyone who has seen a signed body could send it under any
topic. A hint (``{"id": 12}``) cannot be checked; the store is queried for its type.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from shared.errors import NotUnderstood
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.privacy import REDACT, Redaction

# Resource -> a key that only its states have; seen in every capture of both versions.
_OWN_KEYS: Mapping[str, str] = {"product": "type", "order": "line_items", "customer": "role"}
_HINTS = frozenset({"product.deleted", "order.deleted", "customer.deleted"})


def error_document(keys: Mapping[str, msgspec.Raw]) -> str | None:
    """Return the reason for an error document: ``{"code", "message", "data"}`` without an id."""
    if "id" in keys or "code" not in keys or "message" not in keys:
        return None
    try:
        code = msgspec.json.decode(keys["code"], type=str)
    except msgspec.DecodeError:
        code = "an unreadable code"
    return f"the store sent an error document: {code[:100]}"


def check(context: Context) -> None:
    """Raise NotUnderstood, with the path, for a body of another topic."""
    topic = context.envelope.topic
    resource, _, event = topic.partition(".")
    keys = context.keys
    if topic == REDACT:
        # A body that a store has signed for another purpose must not erase a person.
        if set(keys) != set(Redaction.__struct_fields__):
            raise NotUnderstood("the body is no manual request, so it is of another topic")
    elif resource == "action":
        if bytes(keys.get("action", b"")) != f'"{event}"'.encode():
            raise NotUnderstood("the body is of another action", "$.action")
    elif context.always_queried is None:
        # Otherwise only the id is used: the store has an entity of that type, or it has none.
        _check_state(topic, keys)


def _check_state(topic: str, keys: Mapping[str, msgspec.Raw]) -> None:
    own = _OWN_KEYS[topic.partition(".")[0]]
    if topic in _HINTS:
        foreign = next(
            (key for key in ("code", "action", *_OWN_KEYS.values()) if key in keys), None
        )
        if foreign:
            raise NotUnderstood("the body is of another topic", f"$.{foreign}")
    elif own not in keys:
        raise NotUnderstood("missing, so the body is of another topic", f"$.{own}")

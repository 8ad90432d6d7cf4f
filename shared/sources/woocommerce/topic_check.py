"""
What a body is, whatever the topic says: an error document, or a body of another topic. The
signature covers the body alone, so that whoever once saw a signed body could send it under any
topic. Of a hint (``{"id": 12}``) nobody can tell; the store is asked what it is.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from shared.errors import NotUnderstood
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.privacy import REDACT, Redaction

# Resource -> keys that its states have, and no other's; seen in every capture of both versions.
_OWN: Mapping[str, str] = {"product": "type", "order": "line_items", "customer": "role"}
_HINTS = frozenset({"product.deleted", "order.deleted", "customer.deleted"})


def error_document(there: Mapping[str, msgspec.Raw]) -> str | None:
    """Give the code of an error document: ``{"code", "message", "data"}`` without an id."""
    if "id" in there or "code" not in there or "message" not in there:
        return None
    try:
        code = msgspec.json.decode(there["code"], type=str)
    except msgspec.DecodeError:
        code = "an unreadable code"
    return f"the store sent an error document: {code[:100]}"


def check(job: Context) -> None:
    """Raise NotUnderstood, with the path, for a body that is of another topic."""
    topic = job.envelope.topic
    resource, _, event = topic.partition(".")
    there = job.keys
    if topic == REDACT:
        # Nobody forgets a person by a body that a store has signed for something else.
        if set(there) != set(Redaction.__struct_fields__):
            raise NotUnderstood("the body was not written by hand, so it is of another topic")
        return
    if resource == "action":
        if bytes(there.get("action", b"")) != f'"{event}"'.encode():
            raise NotUnderstood("the body is of another action", "$.action")
        return
    own = _OWN[resource]
    if topic in _HINTS:
        foreign = next((key for key in ("code", "action", *_OWN.values()) if key in there), None)
        if foreign:
            raise NotUnderstood("the body is of another topic", f"$.{foreign}")
    elif own not in there:
        raise NotUnderstood("missing, so the body is of another topic", f"$.{own}")

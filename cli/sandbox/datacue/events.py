"""The browser events of the guides, and the fields of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.sandbox.datacue import recommend
from cli.sandbox.datacue.tables import line, lines
from cli.sandbox.exchange import Plan, Response, State, Violation, json_response
from cli.sandbox.fields import (
    Field,
    Shape,
    address,
    array,
    currency,
    fields,
    free,
    may,
    must,
    person,
    second,
    text,
)


@dataclass(frozen=True, slots=True)
class Event:
    """
    An event's own fields, and its response; None is 204. ``requires_user_id``: the event is
    accepted only with a user id.
    """

    shape: Shape
    reply: Callable[[State, dict[str, Any]], dict[str, Any]] | None = None
    requires_user_id: bool = False


# By type and subtype; some types have no subtype.
Events = Mapping[tuple[str, str | None], Event]

_PRODUCT: Shape = {"product_id": must(text), "variant_id": may(text)}
_CLICK = Event({"product_id": must(text)})


def _product_reference(value: Any, path: str) -> None:
    # "product_ids and optionally variant_ids".
    fields(value, path, _PRODUCT)


def _priced(price: str) -> Field:
    return lines({**line(price), "currency": must(currency)}, price)


_SHARED: Events = {
    ("pageview", "home"): Event({}, recommend.home),
    # The older table calls a product page "related"; its sample and the newer table "product".
    ("pageview", "product"): Event(_PRODUCT, recommend.product),
    ("pageview", "category"): Event({"category_name": must(text)}),
    ("search", None): Event({"term": must(text)}, recommend.search),
    ("wishlist", "add"): Event(_PRODUCT),
    ("wishlist", "remove"): Event(_PRODUCT),
    # The table has three of these; "product" is in the sample.
    ("click", "related"): _CLICK,
    ("click", "similar"): _CLICK,
    ("click", "recent"): _CLICK,
    ("click", "product"): _CLICK,
    # "user_id: Yes (if logged in)".
    ("login", None): Event({}, requires_user_id=True),
}
EVENTS_2018: Events = {
    **_SHARED,
    ("click", "banner"): Event({"banner_id": must(text)}),
    # The table says "viewcart", an older name; this is the sample's name.
    ("cart", "update"): Event({"cart": must(array(_product_reference))}),
    # The sample's "variant" is "variant_id" in the table and everywhere else.
    ("checkout", "started"): Event({"cart": _priced("price")}),
}
_CART_2021 = Event({"cart": _priced("unit_price"), "cart_link": must(text)})
EVENTS_2021: Events = {
    **_SHARED,
    ("click", "banner"): Event({"banner_id": must(text), "category_id": may(text)}),
    ("cart", "update"): _CART_2021,
    ("checkout", "started"): _CART_2021,
}

_USER: Shape = {"user_id": may(person), "anonymous_id": may(text), "profile": may(free)}
_CONTEXT: Shape = {"ip": may(address), "user_agent": may(text)}


def event_plan(body: Any, events: Events) -> Plan:
    """Check one event and plan to record it."""
    fields(body, "", _ENVELOPE)
    if not {"user_id", "anonymous_id"} & body["user"].keys():
        raise Violation("user: Please specify a user_id or anonymous_id")
    event = _checked_event(body["event"], events)
    if event.requires_user_id and "user_id" not in body["user"]:
        raise Violation("user: Please specify a user_id")
    return Plan(act=lambda state: _record(state, body, event), items=1)


def _checked_event(value: dict[str, Any], events: Events) -> Event:
    kind, subtype = value.get("type"), value.get("subtype")
    text(kind, "event.type")
    if subtype is not None:
        text(subtype, "event.subtype")
    event = events.get((str(kind), subtype))
    if event is None:
        raise Violation("event: unknown type or subtype")
    requires_user_id: dict[str, Field] = {"type": must(text)}
    if subtype is not None:
        requires_user_id["subtype"] = must(text)
    fields(value, "event", {**requires_user_id, **event.shape})
    return event


def _record(state: State, body: dict[str, Any], event: Event) -> Response:
    reply = None if event.reply is None else event.reply(state, body)
    state["events"].append(body)
    return json_response(204 if reply is None else 200, reply, applied=True)


def _object(value: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise Violation(f"{path}: must be an object")


def _part(shape: Shape) -> Callable[[Any, str], None]:
    return lambda value, path: fields(value, path, shape)


_ENVELOPE: Shape = {
    "user": must(_part(_USER)),
    "event": must(_object),
    "context": may(_part(_CONTEXT)),
    "timestamp": may(second),
}

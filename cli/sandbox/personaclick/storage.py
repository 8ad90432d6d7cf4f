"""How the platform stores what it receives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cli.sandbox.exchange import Response, State, json_response

Body = Mapping[str, Any]
_SUCCESS = {"status": "success"}


def open_session(state: State, query: Mapping[str, str]) -> Response:
    """Return a device, a new one when the id is unknown, and a session."""
    state["made"] += 1
    did = query.get("did", "")
    if did not in state["devices"]:
        did = f"device{state['made']:04}"
        state["devices"][did] = []
    sessions = state["devices"][did]
    session = query.get("seance", "")
    if session not in sessions:
        session = f"session{state['made']:04}"
        sessions.append(session)
    return json_response(200, {"did": did, "seance": session, "currency": "USD"}, applied=True)


def record_event(state: State, event: str, body: Body) -> Response:
    """Apply an event to carts, wishlists and purchases, and record it."""
    if event == "category" and str(body["category_id"]) not in state["categories"]:
        return json_response(400, {"status": "error", "message": "unknown category"})
    state["events"].append(dict(body))
    act = _EFFECTS.get(event)
    if act is not None:
        act(state, body)
    # The API doesn't return any response to custom events.
    return json_response(204 if event == "custom" else 200, _response_body(event), applied=True)


def _response_body(event: str) -> Mapping[str, str] | None:
    return None if event == "custom" else _SUCCESS


def _purchase(state: State, body: Body) -> None:
    # Each purchase separately, so that one that was sent twice is visible.
    state["purchases"].setdefault(body.get("order_id", ""), []).append(dict(body))
    state["carts"].pop(body["did"], None)


def _cart_set(state: State, body: Body) -> None:
    rows = [{"id": one["id"], "quantity": one["quantity"]} for one in body.get("items", ())]
    _set(state["carts"], body["did"], rows)


def _cart_add(state: State, body: Body) -> None:
    [item] = body["items"]
    rows = state["carts"].setdefault(body["did"], [])
    there = next((row for row in rows if row["id"] == item["id"]), None)
    if there is None:
        rows.append({"id": item["id"], "quantity": item["amount"]})
    else:
        there["quantity"] += item["amount"]


def _cart_remove(state: State, body: Body) -> None:
    rows = state["carts"].get(body["did"], [])
    left = [row for row in rows if row["id"] != body["items"][0]["id"]]
    _set(state["carts"], body["did"], left)


def _wish_add(state: State, body: Body) -> None:
    ids = state["wishlists"].setdefault(body["did"], [])
    ids += [one["id"] for one in body["items"] if one["id"] not in ids]


def _wish_set(state: State, body: Body) -> None:
    _set(state["wishlists"], body["did"], [one["id"] for one in body.get("items", ())])


def _wish_remove(state: State, body: Body) -> None:
    ids = state["wishlists"].get(body["did"], [])
    left = [one for one in ids if one != body["items"][0]["id"]]
    _set(state["wishlists"], body["did"], left)


def _set(table: dict[str, Any], did: str, rows: list[Any]) -> None:
    if rows:
        table[did] = rows
    else:
        table.pop(did, None)


def record_message(state: State, act: str, body: Body) -> Response:
    """Record the outcome of a message."""
    state["messages"].append({"act": act, **body})
    return json_response(200, applied=True)


def save_products(state: State, rows: list[dict[str, Any]]) -> Response:
    """Write products, each replacing the stored one."""
    for row in rows:
        state["products"][row["id"]] = row
        state["categories"] += [one for one in row["categories"] if one not in state["categories"]]
    return json_response(204, applied=True)


def delete_products(state: State, ids: list[str]) -> Response:
    """Delete products; an unknown id is no error."""
    for one in ids:
        state["products"].pop(one, None)
    return json_response(204, applied=True)


def save_order_statuses(state: State, rows: list[dict[str, Any]]) -> Response:
    """Write the statuses of orders; 200 only means that they were received."""
    for row in rows:
        state["orders"][row["id"]] = row["status"]
    return json_response(200, _SUCCESS, applied=True)


_EFFECTS: Mapping[str, Callable[[State, Body], None]] = {
    "purchase": _purchase,
    "full_cart": _cart_set,
    "cart": _cart_add,
    "remove_from_cart": _cart_remove,
    "wish": _wish_add,
    "full_wish": _wish_set,
    "remove_wish": _wish_remove,
}

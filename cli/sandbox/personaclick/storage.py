"""What the platform does with what it was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cli.sandbox.exchange import Response, State, json_response

Body = Mapping[str, Any]
_TAKEN = {"status": "success"}


def open_session(state: State, asked: Mapping[str, str]) -> Response:
    """Give a device, a new one for whom it does not know, and a session."""
    state["made"] += 1
    did = asked.get("did", "")
    if did not in state["devices"]:
        did = f"device{state['made']:04}"
        state["devices"][did] = []
    sessions = state["devices"][did]
    session = asked.get("seance", "")
    if session not in sessions:
        session = f"session{state['made']:04}"
        sessions.append(session)
    return json_response(200, {"did": did, "seance": session, "currency": "USD"}, applied=True)


def record_event(state: State, event: str, body: Body) -> Response:
    """Do what an event means, and remember that it came."""
    if event == "category" and str(body["category_id"]) not in state["categories"]:
        return json_response(400, {"status": "error", "message": "unknown category"})
    state["events"].append(dict(body))
    act = _MEANS.get(event)
    if act is not None:
        act(state, body)
    # The API doesn't return any response of custom events.
    return json_response(204 if event == "custom" else 200, _answered(event), applied=True)


def _answered(event: str) -> Mapping[str, str] | None:
    return None if event == "custom" else _TAKEN


def _bought(state: State, body: Body) -> None:
    # Each by itself, so that one that was told twice can be seen.
    state["purchases"].setdefault(body.get("order_id", ""), []).append(dict(body))
    state["carts"].pop(body["did"], None)


def _cart(state: State, body: Body) -> None:
    rows = [{"id": one["id"], "quantity": one["quantity"]} for one in body.get("items", ())]
    _set(state["carts"], body["did"], rows)


def _added(state: State, body: Body) -> None:
    [item] = body["items"]
    rows = state["carts"].setdefault(body["did"], [])
    there = next((row for row in rows if row["id"] == item["id"]), None)
    if there is None:
        rows.append({"id": item["id"], "quantity": item["amount"]})
    else:
        there["quantity"] += item["amount"]


def _removed(state: State, body: Body) -> None:
    rows = state["carts"].get(body["did"], [])
    left = [row for row in rows if row["id"] != body["items"][0]["id"]]
    _set(state["carts"], body["did"], left)


def _wished(state: State, body: Body) -> None:
    ids = state["wishlists"].setdefault(body["did"], [])
    ids += [one["id"] for one in body["items"] if one["id"] not in ids]


def _wishes(state: State, body: Body) -> None:
    _set(state["wishlists"], body["did"], [one["id"] for one in body.get("items", ())])


def _unwished(state: State, body: Body) -> None:
    ids = state["wishlists"].get(body["did"], [])
    left = [one for one in ids if one != body["items"][0]["id"]]
    _set(state["wishlists"], body["did"], left)


def _set(shelf: dict[str, Any], did: str, rows: list[Any]) -> None:
    if rows:
        shelf[did] = rows
    else:
        shelf.pop(did, None)


def record_message(state: State, act: str, body: Body) -> Response:
    """Remember what became of a message."""
    state["messages"].append({"act": act, **body})
    return json_response(200, applied=True)


def save_products(state: State, rows: list[dict[str, Any]]) -> Response:
    """Write products, each over what was known of it."""
    for row in rows:
        state["products"][row["id"]] = row
        state["categories"] += [one for one in row["categories"] if one not in state["categories"]]
    return json_response(204, applied=True)


def delete_products(state: State, ids: list[str]) -> Response:
    """Forget products; what is not there is not there."""
    for one in ids:
        state["products"].pop(one, None)
    return json_response(204, applied=True)


def save_order_statuses(state: State, rows: list[dict[str, Any]]) -> Response:
    """Write the statuses of orders; 200 means no more than that they came."""
    for row in rows:
        state["orders"][row["id"]] = row["status"]
    return json_response(200, _TAKEN, applied=True)


_MEANS: Mapping[str, Callable[[State, Body], None]] = {
    "purchase": _bought,
    "full_cart": _cart,
    "cart": _added,
    "remove_from_cart": _removed,
    "wish": _wished,
    "full_wish": _wishes,
    "remove_wish": _unwished,
}

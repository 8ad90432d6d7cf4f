"""What a tracker knows: the feed's rows, who is who, each visitor's cart, and what was bought."""

from __future__ import annotations

from typing import Any

from cli.sandbox.exchange import State

_PERSON = ("externalCustomerId", "user_email", "user_phone", "user_name")


def save_products(state: State, rows: list[dict[str, Any]]) -> None:
    """Update rows of the feed: what is left out stays, but an old price ends with its sale."""
    for row in rows:
        known = state["products"].setdefault(row["product_id"], {})
        if "unit_price" in row:
            for name in ("tag_oldprice", "tag_discount"):
                known.pop(name, None)
        known.update(row)


def record_event(state: State, body: dict[str, Any]) -> str | None:
    """Keep an event."""
    state["events"].append(body)
    return None


def save_customer(state: State, body: dict[str, Any]) -> str | None:
    """Keep who somebody is, by the shop's id, else by e-mail address, else by telephone number."""
    info = body["GeneralInfo"]
    told = {name: info[name] for name in _PERSON if name in info}
    name = next((told[one] for one in _PERSON[:3] if one in told), None)
    if name is None:
        return "GeneralInfo: it says of nobody who they are"
    known = state["customers"].setdefault(name, {})
    known.update(told, sc=info["cookies"]["sc"])
    return None


def save_cart(state: State, body: dict[str, Any]) -> str | None:
    """Keep a visitor's cart. A GUID "displays the current composition": it never has two."""
    sc, now = body["GeneralInfo"]["cookies"]["sc"], body["StatusCart"]
    for told in state["events"]:
        before = told.get("StatusCart", {})
        if before.get("GUID") == now["GUID"] and before["Products"] != now["Products"]:
            return "StatusCart.GUID: that of another composition"
    state["carts"][sc] = {"GUID": now["GUID"], "Products": now["Products"]}
    return record_event(state, body)


def record_purchase(state: State, body: dict[str, Any]) -> str | None:
    """Keep a purchase; told twice, it is there twice."""
    number = body["PurchasedItems"]["OrderNumber"]
    state["purchases"].setdefault(number, []).append(body)
    return None

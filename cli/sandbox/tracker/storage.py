"""What a tracker stores: the feed's rows, customers, each visitor's cart, and purchases."""

from __future__ import annotations

from typing import Any

from cli.sandbox.exchange import State

_PERSON = ("externalCustomerId", "user_email", "user_phone", "user_name")


def save_products(state: State, rows: list[dict[str, Any]]) -> None:
    """Update rows of the feed: omitted fields stay, but a new price removes the sale's fields."""
    for row in rows:
        known = state["products"].setdefault(row["product_id"], {})
        if "unit_price" in row:
            for name in ("tag_oldprice", "tag_discount"):
                known.pop(name, None)
        known.update(row)


def record_event(state: State, body: dict[str, Any]) -> str | None:
    """Store an event."""
    state["events"].append(body)
    return None


def save_customer(state: State, body: dict[str, Any]) -> str | None:
    """Store a customer by the shop's id, else by e-mail address, else by telephone number."""
    info = body["GeneralInfo"]
    fields = {name: info[name] for name in _PERSON if name in info}
    name = next((fields[one] for one in _PERSON[:3] if one in fields), None)
    if name is None:
        return "GeneralInfo: no id, e-mail address or telephone number of the customer"
    known = state["customers"].setdefault(name, {})
    known.update(fields, sc=info["cookies"]["sc"])
    return None


def save_cart(state: State, body: dict[str, Any]) -> str | None:
    """Store a visitor's cart. A GUID "displays the current composition": it never has two."""
    sc, now = body["GeneralInfo"]["cookies"]["sc"], body["StatusCart"]
    for fields in state["events"]:
        before = fields.get("StatusCart", {})
        if before.get("GUID") == now["GUID"] and before["Products"] != now["Products"]:
            return "StatusCart.GUID: used for another composition"
    state["carts"][sc] = {"GUID": now["GUID"], "Products": now["Products"]}
    return record_event(state, body)


def record_purchase(state: State, body: dict[str, Any]) -> str | None:
    """Store a purchase; one that is sent twice is stored twice."""
    number = body["PurchasedItems"]["OrderNumber"]
    state["purchases"].setdefault(number, []).append(body)
    return None

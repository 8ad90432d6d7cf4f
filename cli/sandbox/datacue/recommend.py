"""The events host's response to a page view: as documented, filled from the state."""

from __future__ import annotations

from typing import Any

from cli.sandbox.exchange import State

_SHOWN = 4
_BANNER = ("banner_id", "name", "photo_url", "link")
_PRODUCT = ("product_id", "name", "price", "photo_url", "link", "category_1")
_RECENT = ("product_id", "variant_id", "name", "photo_url", "link", "extra")

Reply = dict[str, Any]


def home(state: State, body: dict[str, Any]) -> Reply:
    """Return banners and products for the home page."""
    return {
        "main_banners": _banners(state, "main"),
        "sub_banners": _banners(state, "sub"),
        "related_product_skus": _products(state),
        "recent_product_skus": _recent(state, body),
    }


def product(state: State, body: dict[str, Any]) -> Reply:
    """Return products related to a product; "related" is null in the guide's example."""
    return {
        "similar_product_skus": _products(state, but=body["event"]["product_id"]),
        "related_product_skus": None,
        "recent_product_skus": _recent(state, body),
    }


def search(state: State, body: dict[str, Any]) -> Reply:
    """Return the products that the visitor viewed."""
    return {"recent_product_skus": _recent(state, body)}


def _banners(state: State, kind: str) -> list[Reply]:
    found = [_pick(row, _BANNER) for row in state["banners"].values() if row["type"] == kind]
    return found[:_SHOWN]


def _products(state: State, but: str = "") -> list[Reply]:
    found = [
        _pick(next(iter(variants.values())), _PRODUCT)
        for name, variants in state["products"].items()
        if name != but
    ]
    return found[:_SHOWN]


def _recent(state: State, body: dict[str, Any]) -> list[Reply]:
    seen = [
        row
        for event in reversed(state["events"])
        if _visitor(event) == _visitor(body) and event["event"].get("subtype") == "product"
        for row in list(state["products"].get(event["event"]["product_id"], {}).values())[:1]
    ]
    # The guide writes this list's prices as text, with two decimals.
    return [_pick(row, _RECENT) | {"price": f"{row['price']:.2f}"} for row in seen[:_SHOWN]]


def _visitor(body: dict[str, Any]) -> str:
    user = body["user"]
    return str(user.get("user_id", user.get("anonymous_id")))


def _pick(row: dict[str, Any], names: tuple[str, ...]) -> Reply:
    return {name: row[name] for name in names if name in row}

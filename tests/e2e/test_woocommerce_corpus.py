"""Every captured webhook of a real store, in order, compared with the store's final data."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape

import pytest

from cli.sandbox.woocommerce.store_data import Json, StoreData, load
from tests.e2e.woo_shop import WooStack, running_woo_stack
from tests.sources.woo import CORPUS, REST


def _captures() -> list[Json]:
    return [json.loads(path.read_text()) for path in sorted(CORPUS.glob("*.json"))]


def _replay(shop: WooStack, capture: Json) -> int:
    """Send a captured webhook with its bytes and headers; a ping has no signature."""
    headers = {
        name: value
        for name, value in capture["headers"].items()
        if name not in ("Host", "Connection", "Content-Length")
    }
    raw = base64.b64decode(capture["body_b64"])
    if "X-WC-Webhook-Topic" in headers:
        return shop.sender.post(raw, headers).status_code
    url = f"{shop.harness.stack.gateway}/webhooks/woocommerce"
    return shop.sender.session.post(url, data=raw, headers=headers, timeout=30).status_code


# -- the expected state of DataCue for a store -----------------------------------------------------


def _rows(store: dict[int, Json], product: Json) -> dict[str, Json]:
    """Return the rows of a product of the store."""
    shown = (
        product["status"] == "publish"
        and product["catalog_visibility"] != "hidden"
        and not product.get("post_password")
    )
    parts = [one for one in store.values() if one["parent_id"] == product["id"]]
    sold = parts if product["type"] == "variable" else [product]
    return {
        "no-variants" if one is product else str(one["id"]): {
            "name": re.sub(r"<[^>]*>", "", unescape(product["name"])),
            "price": Decimal(one["price"]),
            "available": shown and bool(product["purchasable"] or product["type"] != "simple"),
            "stock": _stock(one),
        }
        for one in sold
        if one["price"] != "" and one["status"] in (product["status"], "publish")
    }


def _stock(one: Json) -> int:
    """Return the stock; a number is required, so that 9999 stands for uncounted stock."""
    if one["stock_status"] == "outofstock":
        return 0
    counted = one["manage_stock"] and one["stock_status"] == "instock"
    return int(one["stock_quantity"]) if counted else 9999


def _held(row: Json) -> Json:
    return {
        "name": row["name"],
        "price": Decimal(str(row["price"])),
        "available": row["available"],
        "stock": row["stock"],
    }


# The reasons why the platform may differ from the store, by product.
_SELECTION = "its last change is not among the captures, which are a selection"
EXCEPTIONS = {
    "79": _SELECTION,  # deleted for good
    "120": _SELECTION,  # in the trash
    "125": _SELECTION,  # in the trash; each capture makes us fetch its form of wc/v2 from the store
    "272": _SELECTION,  # an order took the last one
    "121": "published on a future date: its version is its receipt, here after its deletion",
}


def _newest(captures: list[Json]) -> list[Json]:
    """Return only the last state and the last hint of each object."""
    last: dict[tuple[str, str, bool], Json] = {}
    for one in captures:
        about = (one["body"] or {}).get("id") or (one["body"] or {}).get("arg")
        resource = one["headers"].get("X-WC-Webhook-Resource", "ping")
        key = (resource, str(about), len(one["body"] or ()) > 1)
        last.pop(key, None)
        last[key] = one
    return list(last.values())


def _named_products(captures: list[Json]) -> set[str]:
    """Return the ids of the products in the captures; for a variation that of its product."""
    bodies = [one["body"] for one in captures if one["body"] and "type" in one["body"]]
    return {str(one["parent_id"] or one["id"]) for one in bodies}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the captures are not beside this checkout")
@pytest.mark.parametrize(("profile", "chosen"), [("2018-09", list), ("2021-02", _newest)])
def test_every_capture_is_answered_200_and_the_platform_ends_with_the_stores_data(
    profile: str, chosen: Callable[[list[Json]], list[Json]]
) -> None:
    captures = chosen(_captures())
    with running_woo_stack(load(REST), profile=profile) as shop:
        responses = [_replay(shop, one) for one in captures]
        assert set(responses) == {200}
        assert shop.harness.settled(60)

        assert shop.harness.dead() == 0
        assert shop.harness.violations() == []
        state, held = shop.harness.state(), shop.held
    products = {
        str(number): _rows(held.products, one)
        for number, one in held.products.items()
        if not one["parent_id"] and one["status"] != "trash"
    }
    rows = {
        number: {name: _held(row) for name, row in there.items()}
        for number, there in state["products"].items()
        if there
    }
    wanted = {
        name: there
        for name, there in products.items()
        if there and name in _named_products(captures)
    }
    differ = {name for name in rows.keys() | wanted.keys() if rows.get(name) != wanted.get(name)}
    assert differ <= EXCEPTIONS.keys()
    assert {str(one["id"]): _ended(one) for one in held.orders.values()} == {
        number: one["order_status"] == "cancelled" for number, one in state["orders"].items()
    }
    customers = {str(one["id"]) for one in held.customers.values() if one["role"] == "customer"}
    assert {name for name in state["users"] if "@" not in name} == customers
    assert _guests(held) <= state["users"].keys()


def _ended(order: Json) -> bool:
    return order["status"] in ("cancelled", "failed", "refunded", "trash")


def _guests(held: StoreData) -> set[str]:
    return {one["billing"]["email"] for one in held.orders.values() if not one["customer_id"]}

"""The oracle: what each platform must hold in the end, derived from the store's data alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cli.sandbox.woocommerce.store_data import Json
from tests.model_based.woo_harness import WooCommerceSystem
from tests.model_based.woo_shop import Store

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Built:
    """A body that was sent, once for each time."""

    topic: str
    raw: bytes


def violations(system: WooCommerceSystem, built: Iterable[Built]) -> Iterator[str]:
    """Return every difference between what the platforms hold and what they must hold."""
    # Where the store is read for every change, no body leaves anything open.
    expected = _expected(system.store, [] if system.always else list(built))
    for name, platform in system.platforms.items():
        held = {entity: rows for entity, rows in platform.rows.items() if rows}
        for entity in sorted(held.keys() | expected.keys()):
            if name == "two" and entity.startswith("order:"):
                continue
            allowed = expected.get(entity, [{}])
            rows = held.get(entity, {})
            if rows not in allowed:
                yield f"{name}: {entity}: holds {rows}, and must hold {_either(allowed)}"
    yield from _purchases(system)


def _either(allowed: list[Rows]) -> str:
    return " or ".join(map(str, allowed))


def _expected(store: Store, built: list[Built]) -> dict[str, list[Rows]]:
    found: dict[str, list[Rows]] = {}
    for one in store.held.products.values():
        if not one["parent_id"]:
            found[f"product:{one['id']}"] = [_product(store, one), *_tied(store, one, built)]
    for one in store.held.customers.values():
        row = {"name": one["first_name"], "consent": None}
        found[f"person:{one['id']}"] = [{"it": row}, *_tied(store, one, built)]
    for one in store.held.orders.values():
        found[f"order:{one['id']}"] = [_order(one), *_tied(store, one, built)]
    ended = {one["id"] for one in store.placed} - store.held.orders.keys()
    for number in ended:
        # Deleted permanently from the trash, without a webhook: its last sent state, or none.
        states = [_order(one) for one in store.placed if one["id"] == number]
        found[f"order:{number}"] = [{}, *states]
    return found | _guests(store, ended)


def _product(store: Store, one: Json) -> Rows:
    if one["status"] == "trash":
        return {}
    if one["type"] == "variable":
        sold = [part for part in store.children(one["id"]) if part["status"] == "publish"]
        return {str(part["id"]): _row(one, part) for part in sold}
    return {f"{one['id']}:default": _row(one, one)} if one["price"] else {}


def _row(product: Json, sold: Json) -> dict[str, Any]:
    return {"name": product["name"], "stock": sold["stock_quantity"]}


def _order(one: Json) -> Rows:
    return {} if one["status"] == "checkout-draft" else {"it": {"name": one["number"]}}


def _tied(store: Store, there: Json, built: list[Built]) -> Iterator[Rows]:
    """
    Return the states of the same second whose bodies arrived out of order: built before another and
    received after it, or the same bytes twice. A clock of whole seconds leaves these open.
    """
    bodies = [one for one in built if f'"id":{there["id"]},'.encode() in one.raw[:20]]
    for place, one in enumerate(bodies):
        state = json.loads(one.raw)
        late = one.raw in {other.raw for other in bodies[:place]}
        if late and state.get("date_modified_gmt") == there["date_modified_gmt"]:
            yield from _states(store, state)


def _states(store: Store, state: Json) -> Iterator[Rows]:
    if "role" in state:
        yield {"it": {"name": state["first_name"], "consent": None}}
    elif "line_items" in state:
        yield _order(state)
    elif state["type"] == "simple":
        yield _product(store, state)


def _guests(store: Store, ended: set[int]) -> dict[str, list[Rows]]:
    found: dict[str, list[Rows]] = {}
    sent = [one for one in store.placed if _order(one) and not one["customer_id"]]
    for email in {one["billing"]["email"] for one in sent}:
        states = [one for one in sent if one["billing"]["email"] == email]
        last = max(
            (one["date_created_gmt"] for one in states if one["id"] not in ended), default=""
        )
        names = {
            one["billing"]["first_name"]
            for one in states
            if one["date_created_gmt"] >= last or not last
        }
        rows: list[Rows] = [{"it": {"name": name, "consent": None}} for name in sorted(names)]
        found[f"person:email:{email.encode().hex()}"] = rows if last else [{}, *rows]
    return found


def _purchases(system: WooCommerceSystem) -> Iterator[str]:
    two = system.platforms["two"]
    for entity in {f"order:{one['id']}" for one in system.store.placed}:
        times, doubts = two.events[f"purchase {entity}"], system.doubted[entity, "two"]
        if times > 1 + doubts:
            yield f"a purchase was sent {times} times, and {doubts} outcomes were unknown"
        there = system.store.held.orders.get(int(entity.partition(":")[2]))
        if there and _order(there) and not times:
            yield "a purchase was never sent"

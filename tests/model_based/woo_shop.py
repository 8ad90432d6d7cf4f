"""
A WooCommerce store for the machine: the actions of merchants and shoppers, the webhooks that these
cause, and their bodies as they are built when one is sent.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cli.sandbox.woocommerce.store_data import Json, StoreData
from tests.sources import woo

Facts = Mapping[str, Any]
# A webhook: its topic, and the id of what it is about.
Sent = tuple[str, int]
TABLES = {"product": "products", "order": "orders", "customer": "customers"}
# The response of WordPress for an unknown id (captures 0071 and 0996).
ERROR = msgspec.json.encode(
    {"code": "woocommerce_rest_product_invalid_id", "message": "No.", "data": {"status": 404}}
)


@dataclass(slots=True)
class Store:
    """
    The store. ``names`` has the id of each name that the machine uses. An id is never used twice;
    posts of all kinds share one sequence.
    """

    held: StoreData
    names: dict[tuple[str, str], int] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(101))
    # Everything that ever existed, as (kind, id).
    ever: set[tuple[str, int]] = field(default_factory=set)
    # Every state of every order: these hold the names of guests.
    placed: list[Json] = field(default_factory=list)

    def document(self, kind: str, name: str) -> Json | None:
        """Return the document with a name, also from the trash."""
        number = self.names.get((kind, name), 0)
        table: dict[int, Json] = getattr(self.held, TABLES[kind])
        return table.get(number)

    def new(self, kind: str, name: str) -> int:
        """Return the id of a new document."""
        number = self.names[kind, name] = next(self.ids)
        self.ever.add((kind, number))
        return number

    def children(self, number: int) -> list[Json]:
        """Return the variations of a product, also those in the trash."""
        return [one for one in self.held.products.values() if one["parent_id"] == number]

    def modified(self) -> str:
        """Return the time as the store writes it, in whole seconds."""
        held = StoreData(products={0: {}}, clock=self.held.clock)
        held.edit(0)
        return str(held.products[0]["date_modified_gmt"])

    def fresh(self, facts: Facts, before: str = "") -> str:
        """Return a name that was never used, or sometimes the same: saved without a change."""
        return f"N{next(self.ids)}" if facts["name"] == "A" or not before else before


def body(store: Store, topic: str, number: int) -> bytes:
    """Return the body of a webhook as of now: the newest state, a hint, or an error document."""
    resource, _, event = topic.partition(".")
    if resource == "action":
        return msgspec.json.encode({"action": event, "arg": number})
    if event == "deleted":
        return msgspec.json.encode({"id": number})
    found = getattr(store.held, TABLES[resource]).get(number)
    return ERROR if found is None else msgspec.json.encode(found)


def _stock(count: int) -> Json:
    status = "instock" if count else "outofstock"
    return {"manage_stock": True, "stock_quantity": count, "stock_status": status}


def _webhooks(events: str, number: int) -> list[Sent]:
    return [(f"product.{event}", number) for event in events.split()]


def saves_simple(store: Store, facts: Facts) -> list[Sent]:
    """Create a product, or save it again; a variable one is renamed."""
    there = store.document("product", facts["id"])
    if there is None:
        return _creates(store, facts, woo.product)
    price = "" if facts["bare"] and facts["stock"] == 0 else "20.00"
    fields = {} if there["type"] == "variable" else {**_stock(facts["stock"]), "price": price}
    store.held.edit(there["id"], name=store.fresh(facts, there["name"]), **fields)
    return _webhooks("updated", there["id"])


def _creates(store: Store, facts: Facts, write: Callable[..., Json]) -> list[Sent]:
    number = store.new("product", facts["id"])
    fields = {"id": number, "variations": [], "categories": [], "name": store.fresh(facts)}
    store.held.put(write(**fields, **_stock(facts["stock"])))
    store.held.edit(number)
    return _webhooks("published created", number)


def saves_variable(store: Store, facts: Facts) -> list[Sent]:
    """Create a variable product with one variation, or rename it."""
    if store.document("product", facts["id"]):
        return saves_simple(store, facts)
    sent = _creates(store, facts, woo.variable)
    return [*sent, *saves_variation(store, {**facts, "name": "A"})]


def saves_variation(store: Store, facts: Facts) -> list[Sent]:
    """Add a variation or change its stock; its product sends no webhook."""
    parent = store.document("product", facts["id"])
    if parent is None or parent["type"] != "variable":
        return []
    there = store.children(parent["id"])
    if there and facts["name"] == "B":
        number = there[facts["part"] % len(there)]["id"]
        store.held.edit(number, **_stock(facts["stock"]))
        return _webhooks("updated", number)
    number = next(store.ids)
    store.held.put(woo.variation(id=number, parent_id=parent["id"], **_stock(facts["stock"])))
    store.held.edit(number)
    return _webhooks("published created", number)


def _variation(store: Store, facts: Facts) -> Json | None:
    parent = store.document("product", facts["id"])
    there = store.children(parent["id"]) if parent else []
    return there[facts["part"] % len(there)] if there else None


def hides_variation(store: Store, facts: Facts) -> list[Sent]:
    """Disable a variation, or enable it again."""
    one = _variation(store, facts)
    if one is None or one["status"] == "trash":
        return []
    store.held.edit(one["id"], status="publish" if one["status"] == "private" else "private")
    return _webhooks("updated", one["id"])


def trashes_variation(store: Store, facts: Facts) -> list[Sent]:
    """Move a variation to the trash: its webhook looks like a product's, which is unchanged."""
    one = _variation(store, facts)
    return [] if one is None else _trashes(store, one)


def ends_variation(store: Store, facts: Facts) -> list[Sent]:
    """Delete a variation permanently; only the action webhook reports it."""
    one = _variation(store, facts)
    if one is None:
        return []
    store.held.delete(one["id"])
    return [("action.woocommerce_delete_product_variation", one["id"])]


def changes_type(store: Store, facts: Facts) -> list[Sent]:
    """Make a simple product variable, or a variable one simple without its variations."""
    there = store.document("product", facts["id"])
    if there is None:
        return []
    if there["type"] == "simple":
        store.held.edit(there["id"], type="variable")
        added = saves_variation(store, {**facts, "name": "A"})
        return [*_webhooks("updated", there["id"]), *added]
    ended = [one["id"] for one in store.children(there["id"])]
    for number in ended:
        store.held.delete(number)
    store.held.edit(there["id"], type="simple", price="20.00", **_stock(facts["stock"]))
    topic = "action.woocommerce_delete_product_variation"
    return [*((topic, number) for number in ended), *_webhooks("updated", there["id"])]


def changes_status(store: Store, facts: Facts) -> list[Sent]:
    """Publish a product, or make it a draft again."""
    there = store.document("product", facts["id"])
    if there is None or there["status"] == "trash":
        return []
    store.held.edit(there["id"], status="publish" if there["status"] == "draft" else "draft")
    return _webhooks("updated", there["id"])


def _trashes(store: Store, one: Json) -> list[Sent]:
    if one["status"] == "trash":
        return []
    store.held.edit(one["id"], was=one["status"], status="trash")
    return [("product.deleted", one["id"]), ("coupon.deleted", one["id"])]


def trashes(store: Store, facts: Facts) -> list[Sent]:
    """Move a product to the trash, its variations first."""
    there = store.document("product", facts["id"])
    if there is None:
        return []
    both = (*store.children(there["id"]), there)
    return [sent for one in both for sent in _trashes(store, one)]


def restores(store: Store, facts: Facts) -> list[Sent]:
    """Restore a product from the trash, with all its variations."""
    there = store.document("product", facts["id"])
    if there is None or there["status"] != "trash":
        return []
    both = [one for one in (*store.children(there["id"]), there) if one["status"] == "trash"]
    for one in both:
        store.held.edit(one["id"], status=one.pop("was"))
    return [sent for one in both for sent in _webhooks("restored", one["id"])]


def ends(store: Store, facts: Facts) -> list[Sent]:
    """Delete a product permanently, from the trash or directly."""
    there = store.document("product", facts["id"])
    if there is None:
        return []
    parts = [one["id"] for one in store.children(there["id"])]
    store.held.delete(there["id"])
    return [
        ("action.woocommerce_before_delete_product", there["id"]),
        *(("action.woocommerce_delete_product_variation", one) for one in parts),
    ]


def trashes_a_page(store: Store, _facts: Facts) -> list[Sent]:
    """Move a page to the trash and back: the webhooks name it a product."""
    number = next(store.ids)
    return [("product.deleted", number), ("product.restored", number)]

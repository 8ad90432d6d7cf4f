"""
A WooCommerce store for the machine: what merchants and shoppers do in it, which webhooks say so,
and the bodies of these as they are built when one is sent.
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
# A topic, and the id of what it is about.
Said = tuple[str, int]
TABLES = {"product": "products", "order": "orders", "customer": "customers"}
# What WordPress answers for an id that it does not have (captures 0071 and 0996).
ERROR = msgspec.json.encode(
    {"code": "woocommerce_rest_product_invalid_id", "message": "No.", "data": {"status": 404}}
)


@dataclass(slots=True)
class Store:
    """
    The store. ``names`` gives ids by the names that a play has for things; ids are never used
    twice, and posts of any kind share theirs.
    """

    held: StoreData
    names: dict[tuple[str, str], int] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(101))
    # Whatever there ever was, as (kind, id).
    ever: set[tuple[str, int]] = field(default_factory=set)
    # Every order that was ever placed, each state of it: what guests were called.
    placed: list[Json] = field(default_factory=list)

    def document(self, kind: str, name: str) -> Json | None:
        """Give what is there under a name, in the trash too."""
        number = self.names.get((kind, name), 0)
        table: dict[int, Json] = getattr(self.held, TABLES[kind])
        return table.get(number)

    def new(self, kind: str, name: str) -> int:
        """Give the id of something new."""
        number = self.names[kind, name] = next(self.ids)
        self.ever.add((kind, number))
        return number

    def children(self, number: int) -> list[Json]:
        """Give the variations of a product, those in the trash too."""
        return [one for one in self.held.products.values() if one["parent_id"] == number]

    def modified(self) -> str:
        """Tell the time as the store does, in whole seconds."""
        held = StoreData(products={0: {}}, clock=self.held.clock)
        held.edit(0)
        return str(held.products[0]["date_modified_gmt"])

    def fresh(self, facts: Facts, before: str = "") -> str:
        """Give a name that nothing had before; now and then something is saved unchanged."""
        return f"N{next(self.ids)}" if facts["name"] == "A" or not before else before


def body(store: Store, topic: str, number: int) -> bytes:
    """Write the body of a webhook as of now: the newest state, a hint, or an error document."""
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


def _says(events: str, number: int) -> list[Said]:
    return [(f"product.{event}", number) for event in events.split()]


def saves_simple(store: Store, facts: Facts) -> list[Said]:
    """A product is made, or saved again: a variable one is renamed."""
    there = store.document("product", facts["id"])
    if there is None:
        return _makes(store, facts, woo.product)
    price = "" if facts["bare"] and facts["stock"] == 0 else "20.00"
    fields = {} if there["type"] == "variable" else {**_stock(facts["stock"]), "price": price}
    store.held.edit(there["id"], name=store.fresh(facts, there["name"]), **fields)
    return _says("updated", there["id"])


def _makes(store: Store, facts: Facts, write: Callable[..., Json]) -> list[Said]:
    number = store.new("product", facts["id"])
    fields = {"id": number, "variations": [], "categories": [], "name": store.fresh(facts)}
    store.held.put(write(**fields, **_stock(facts["stock"])))
    store.held.edit(number)
    return _says("published created", number)


def saves_variable(store: Store, facts: Facts) -> list[Said]:
    """A variable product is made with one variation, or renamed."""
    if store.document("product", facts["id"]):
        return saves_simple(store, facts)
    said = _makes(store, facts, woo.variable)
    return [*said, *saves_variation(store, {**facts, "name": "A"})]


def saves_variation(store: Store, facts: Facts) -> list[Said]:
    """A variation is added or its stock changes; its product says nothing."""
    parent = store.document("product", facts["id"])
    if parent is None or parent["type"] != "variable":
        return []
    there = store.children(parent["id"])
    if there and facts["name"] == "B":
        number = there[facts["part"] % len(there)]["id"]
        store.held.edit(number, **_stock(facts["stock"]))
        return _says("updated", number)
    number = next(store.ids)
    store.held.put(woo.variation(id=number, parent_id=parent["id"], **_stock(facts["stock"])))
    store.held.edit(number)
    return _says("published created", number)


def _variation(store: Store, facts: Facts) -> Json | None:
    parent = store.document("product", facts["id"])
    there = store.children(parent["id"]) if parent else []
    return there[facts["part"] % len(there)] if there else None


def hides_variation(store: Store, facts: Facts) -> list[Said]:
    """A variation is switched off, or on again."""
    one = _variation(store, facts)
    if one is None or one["status"] == "trash":
        return []
    store.held.edit(one["id"], status="publish" if one["status"] == "private" else "private")
    return _says("updated", one["id"])


def trashes_variation(store: Store, facts: Facts) -> list[Said]:
    """A variation goes to the trash: its webhook looks like a product's, its product is as ever."""
    one = _variation(store, facts)
    return [] if one is None else _trashes(store, one)


def ends_variation(store: Store, facts: Facts) -> list[Said]:
    """A variation is deleted for good; only the extra webhook says so."""
    one = _variation(store, facts)
    if one is None:
        return []
    store.held.delete(one["id"])
    return [("action.woocommerce_delete_product_variation", one["id"])]


def changes_type(store: Store, facts: Facts) -> list[Said]:
    """A simple product becomes variable, or loses all its variations and becomes simple."""
    there = store.document("product", facts["id"])
    if there is None:
        return []
    if there["type"] == "simple":
        store.held.edit(there["id"], type="variable")
        added = saves_variation(store, {**facts, "name": "A"})
        return [*_says("updated", there["id"]), *added]
    ended = [one["id"] for one in store.children(there["id"])]
    for number in ended:
        store.held.delete(number)
    store.held.edit(there["id"], type="simple", price="20.00", **_stock(facts["stock"]))
    topic = "action.woocommerce_delete_product_variation"
    return [*((topic, number) for number in ended), *_says("updated", there["id"])]


def changes_status(store: Store, facts: Facts) -> list[Said]:
    """A product is published, or taken back to a draft."""
    there = store.document("product", facts["id"])
    if there is None or there["status"] == "trash":
        return []
    store.held.edit(there["id"], status="publish" if there["status"] == "draft" else "draft")
    return _says("updated", there["id"])


def _trashes(store: Store, one: Json) -> list[Said]:
    if one["status"] == "trash":
        return []
    store.held.edit(one["id"], was=one["status"], status="trash")
    return [("product.deleted", one["id"]), ("coupon.deleted", one["id"])]


def trashes(store: Store, facts: Facts) -> list[Said]:
    """A product goes to the trash, its variations before it."""
    there = store.document("product", facts["id"])
    if there is None:
        return []
    both = (*store.children(there["id"]), there)
    return [said for one in both for said in _trashes(store, one)]


def restores(store: Store, facts: Facts) -> list[Said]:
    """A product is taken out of the trash, with all its variations."""
    there = store.document("product", facts["id"])
    if there is None or there["status"] != "trash":
        return []
    both = [one for one in (*store.children(there["id"]), there) if one["status"] == "trash"]
    for one in both:
        store.held.edit(one["id"], status=one.pop("was"))
    return [said for one in both for said in _says("restored", one["id"])]


def ends(store: Store, facts: Facts) -> list[Said]:
    """A product is deleted for good, from the trash or at once."""
    there = store.document("product", facts["id"])
    if there is None:
        return []
    parts = [one["id"] for one in store.children(there["id"])]
    store.held.delete(there["id"])
    return [
        ("action.woocommerce_before_delete_product", there["id"]),
        *(("action.woocommerce_delete_product_variation", one) for one in parts),
    ]


def trashes_a_page(store: Store, _facts: Facts) -> list[Said]:
    """A page goes to the trash, and comes back: webhooks say that it was a product."""
    number = next(store.ids)
    return [("product.deleted", number), ("product.restored", number)]

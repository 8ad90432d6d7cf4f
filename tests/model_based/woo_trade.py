"""Orders and customers of the machine's WooCommerce store."""

from __future__ import annotations

from cli.sandbox.woocommerce.store_data import Json
from tests.model_based.woo_shop import Facts, Sent, Store
from tests.sources import woo


def _records(store: Store, one: Json) -> None:
    store.held.orders[one["id"]] = one
    store.placed.append(dict(one))


def saves_order(store: Store, facts: Facts) -> list[Sent]:
    """Place an order as a guest or a customer, or change it; its number identifies its state."""
    there = store.document("order", facts["id"])
    if there is not None and there["status"] == "trash":
        return []
    number = there["id"] if there else store.new("order", facts["id"])
    buyer = store.names.get(("customer", facts["who"]), 0)
    name = store.fresh(facts)
    status = ("processing", "completed", "cancelled", "checkout-draft")[facts["stock"]]
    fields = there or {
        "id": number,
        "customer_id": 0 if facts["guest"] else buyer,
        "billing": woo.address(email=f"guest{facts['who']}@shop.example", first_name=name),
    }
    if there and status == "checkout-draft":
        status = "on-hold"
    now = store.modified()
    own = {"number": name, "status": status, "date_modified_gmt": now}
    _records(store, woo.order(**{"date_created_gmt": now, **fields, **own}))
    return [("order.updated", number), *([] if there else [("order.created", number)])]


def trashes_order(store: Store, facts: Facts) -> list[Sent]:
    """Move an order to the trash, or restore it; not a draft."""
    there = store.document("order", facts["id"])
    if there is None or there["status"] == "checkout-draft":
        return []
    own: Json = {"date_modified_gmt": store.modified()}
    if there["status"] == "trash":
        _records(store, {**there, **own, "status": there["was"]})
        return [("order.restored", there["id"]), ("order.updated", there["id"])]
    _records(store, {**there, **own, "status": "trash", "was": there["status"]})
    return [("order.deleted", there["id"])]


def ends_order(store: Store, facts: Facts) -> list[Sent]:
    """Delete an order from the trash permanently; no webhook reports it."""
    there = store.document("order", facts["id"])
    if there is not None and there["status"] == "trash":
        del store.held.orders[there["id"]]
    return []


def saves_customer(store: Store, facts: Facts) -> list[Sent]:
    """Register a customer, or change their name."""
    there = store.document("customer", facts["who"])
    number = there["id"] if there else store.new("customer", facts["who"])
    own = {
        "id": number,
        "first_name": store.fresh(facts, there["first_name"] if there else ""),
        "date_modified_gmt": store.modified(),
    }
    store.held.customers[number] = woo.customer(**own)
    return [("customer.updated", number), *([] if there else [("customer.created", number)])]


def ends_customer(store: Store, facts: Facts) -> list[Sent]:
    """Delete a customer; users have no trash."""
    there = store.document("customer", facts["who"])
    if there is None:
        return []
    del store.held.customers[there["id"]]
    return [("customer.deleted", there["id"])]

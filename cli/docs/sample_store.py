"""
A WooCommerce store for the samples: it has the documents of ``events/woocommerce/store``, and in
place of one of them the body of the current webhook. So a changed field of a body also changes the
calls where the store is queried.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import msgspec

from cli.docs.field_probe import Still
from cli.sandbox.samples import DOCUMENTS
from cli.sandbox.woocommerce.store_data import Table, load
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.queue.envelope import Envelope
from shared.settings import Merchant, Secrets
from shared.sources.contract import Source, Translated
from shared.sources.parsing.documents import read
from shared.sources.parsing.html import plain
from shared.sources.woocommerce import source
from shared.sources.woocommerce.context import Category
from shared.sources.woocommerce.order_payloads import Customer, Order
from shared.sources.woocommerce.product_payloads import Product

Document = Product | Order | Customer
# A key that only one type of document has -> the table and the type. A delete has none of them.
_TYPES: Mapping[str, tuple[str, type[Document]]] = {
    "type": ("products", Product),
    "line_items": ("orders", Order),
    "role": ("customers", Customer),
}
_TRASH = "trash"
# The parent of a product.
_NO_PARENT = "0"
# A variation that was sent with its product, and was deleted for good since.
_SENT = {"woocommerce:variation:26": "24"}
# A coupon: WooCommerce sends its delete as the one of a product.
_COUPON = Entity(Kind.PRODUCT, "52")

T = TypeVar("T", Product, Order, Customer)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStore:
    """A `Store` of the source with its documents by id. It never fails."""

    products: Mapping[str, Product]
    orders: Mapping[str, Order]
    customers: Mapping[str, Customer]
    tree: Mapping[str, Category]
    money: str

    def product(self, product_id: str, deadline: float) -> Product | None:  # noqa: ARG002 - of the Store
        """Return a product or a variation."""
        return self.products.get(product_id)

    def variations(self, product_id: str, deadline: float) -> tuple[Product, ...]:  # noqa: ARG002
        """Return the variations of a product that are not in the trash."""
        return tuple(
            one
            for one in self.products.values()
            if one.parent_id == product_id != _NO_PARENT and one.status != _TRASH
        )

    def order(self, order_id: str, deadline: float) -> Order | None:  # noqa: ARG002
        """Return an order."""
        return self.orders.get(order_id)

    def customer(self, customer_id: str, deadline: float) -> Customer | None:  # noqa: ARG002
        """Return a customer."""
        return self.customers.get(customer_id)

    def categories(
        self,
        deadline: float,  # noqa: ARG002
        only: frozenset[str] = frozenset(),  # noqa: ARG002 - more is no harm
    ) -> Mapping[str, Category]:
        """Return all categories."""
        return self.tree

    def currency(self, deadline: float) -> str:  # noqa: ARG002
        """Return the currency."""
        return self.money


def build(merchant: Merchant, secrets: Secrets) -> Source:
    """Return WooCommerce as a source with the store of samples."""
    ports = Still(facts=_SENT, strange=frozenset({_COUPON}))

    def translate(envelope: Envelope, deadline: float) -> Translated:
        store = with_body(documents(), envelope.body)
        return source.build(merchant, secrets, ports, store).translate(envelope, deadline)

    return replace(source.build(merchant, secrets, ports, None), translate=translate)


@cache
def documents() -> SampleStore:
    """Return the store as its documents are."""
    held = load(DOCUMENTS)
    return SampleStore(
        products=_read(held.products, Product),
        orders=_read(held.orders, Order),
        customers=_read(held.customers, Customer),
        tree={
            str(number): Category(
                name=plain(one["name"]) or "", parent=str(one["parent"]) if one["parent"] else None
            )
            for number, one in held.categories.items()
        },
        money=str(held.currency["code"]),
    )


def with_body(store: SampleStore, body: bytes) -> SampleStore:
    """Return the store with the body of a webhook in its table; a delete changes nothing."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return store
    for key, (table, document_type) in _TYPES.items():
        if key in fields:
            one = read(body, document_type)
            changed: dict[str, Any] = {table: {**getattr(store, table), one.id: one}}
            return dataclasses.replace(store, **changed)
    return store


def _read(table: Table, type_: type[T]) -> Mapping[str, T]:
    return {str(number): read(msgspec.json.encode(one), type_) for number, one in table.items()}

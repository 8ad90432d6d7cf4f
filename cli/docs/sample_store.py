"""
A WooCommerce store for the samples: it holds the documents of ``events/woocommerce/store``, and of
what a webhook is about it says what the webhook says. So changing one field of a body changes what
is told also where the store is asked.
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
from shared.sources.parsing.html import plain
from shared.sources.parsing.scalars import read
from shared.sources.woocommerce import source
from shared.sources.woocommerce.context import Category
from shared.sources.woocommerce.order_payloads import Customer, Order
from shared.sources.woocommerce.product_payloads import Product

Document = Product | Order | Customer
# Where a body belongs, by a key that no other has; a hint has none of them.
_SHAPES: Mapping[str, tuple[str, type[Document]]] = {
    "type": ("products", Product),
    "line_items": ("orders", Order),
    "role": ("customers", Customer),
}
_TRASH = "trash"
# What a product has for a parent.
_NOBODY = "0"
# A variation that was told with its product, and was deleted for good since.
_TOLD = {"woocommerce:variation:26": "24"}
# A coupon: its delete comes as a product's.
_COUPON = Entity(Kind.PRODUCT, "52")

T = TypeVar("T", Product, Order, Customer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A `Store` of the source, by id; nothing is ever out of reach."""

    products: Mapping[str, Product]
    orders: Mapping[str, Order]
    customers: Mapping[str, Customer]
    tree: Mapping[str, Category]
    money: str

    def product(self, product_id: str, deadline: float) -> Product | None:  # noqa: ARG002 - a Store's
        """Give a product or a variation."""
        return self.products.get(product_id)

    def variations(self, product_id: str, deadline: float) -> tuple[Product, ...]:  # noqa: ARG002
        """Give the variations of a product that are not in the trash."""
        return tuple(
            one
            for one in self.products.values()
            if one.parent_id == product_id != _NOBODY and one.status != _TRASH
        )

    def order(self, order_id: str, deadline: float) -> Order | None:  # noqa: ARG002
        """Give an order."""
        return self.orders.get(order_id)

    def customer(self, customer_id: str, deadline: float) -> Customer | None:  # noqa: ARG002
        """Give a customer."""
        return self.customers.get(customer_id)

    def categories(self, deadline: float) -> Mapping[str, Category]:  # noqa: ARG002
        """Give all categories."""
        return self.tree

    def currency(self, deadline: float) -> str:  # noqa: ARG002
        """Give the currency."""
        return self.money


def build(merchant: Merchant, secrets: Secrets) -> Source:
    """Make WooCommerce as a source whose store is the shelf."""
    ports = Still(facts=_TOLD, strange=frozenset({_COUPON}))

    def translate(envelope: Envelope, deadline: float) -> Translated:
        shelf = holding(stocked(), envelope.body)
        return source.build(merchant, secrets, ports, shelf).translate(envelope, deadline)

    return replace(source.build(merchant, secrets, ports, None), translate=translate)


@cache
def stocked() -> Shelf:
    """Give the shelf with what the documents say."""
    held = load(DOCUMENTS)
    return Shelf(
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


def holding(shelf: Shelf, body: bytes) -> Shelf:
    """Put what a webhook is about on the shelf as its body says; a hint puts nothing there."""
    try:
        there = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return shelf
    for key, (table, shape) in _SHAPES.items():
        if key in there:
            one = read(body, shape)
            changed: dict[str, Any] = {table: {**getattr(shelf, table), one.id: one}}
            return dataclasses.replace(shelf, **changed)
    return shelf


def _read(table: Table, shape: type[T]) -> Mapping[str, T]:
    return {str(number): read(msgspec.json.encode(one), shape) for number, one in table.items()}

"""The parts of orders and customers that are read; see `goods` for the manner."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Raw

from shared.sources.parsing.scalars import NOTHING, Amount, Id, Moment
from shared.sources.parsing.visitors import NOT_THERE
from shared.sources.woocommerce.product_payloads import Body

# Not "$": it lets a line feed pass.
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]


class Address(Body, frozen=True):
    """A billing address; what is not known is ``""``."""

    first_name: str | None = None
    last_name: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None


class Postal(Address, frozen=True):
    """A postal address, of billing or shipping, that is told whole."""

    address_1: str | None = None
    address_2: str | None = None
    postcode: str | None = None


class OrderLine(Body, frozen=True):
    """
    A line of an order. ``subtotal`` is before discounts, ``total`` after, both for all units and
    net; their tax stands beside them. ``product_id`` is "0" when the product is gone for good.
    """

    quantity: Amount
    total: Amount = NOTHING
    product_id: Id = "0"
    variation_id: Id = "0"
    name: str | None = None
    sku: str | None = None
    total_tax: Amount = NOTHING
    subtotal: Amount = NOTHING
    subtotal_tax: Amount = NOTHING
    meta_data: Raw = NOT_THERE


class Coupon(Body, frozen=True):
    """A coupon that was used."""

    code: str | None = None


class Shipping(Body, frozen=True):
    """A chosen way of shipping."""

    method_title: str | None = None


class Order(Body, frozen=True):
    """
    An order. ``total`` is gross, ``customer_id`` "0" for a guest; ``prices_include_tax`` is the
    store's setting at the time of the order.
    """

    id: Id
    number: str | None = None
    status: str | None = None
    currency: Currency | None = None
    prices_include_tax: bool | None = None
    date_created_gmt: Moment | None = None
    date_modified_gmt: Moment | None = None
    discount_total: Amount = NOTHING
    discount_tax: Amount = NOTHING
    shipping_total: Amount = NOTHING
    shipping_tax: Amount = NOTHING
    total: Amount = NOTHING
    customer_id: Id = "0"
    billing: Postal | None = None
    shipping: Postal | None = None
    payment_method: str | None = None
    customer_ip_address: str | None = None
    customer_user_agent: str | None = None
    line_items: list[OrderLine] | None = None
    shipping_lines: list[Shipping] | None = None
    coupon_lines: list[Coupon] | None = None
    meta_data: Raw = NOT_THERE


class Customer(Body, frozen=True):
    """A user of the store, of whatever role."""

    id: Id
    role: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    billing: Address | None = None
    date_created_gmt: Moment | None = None
    date_modified_gmt: Moment | None = None

"""The parts of orders and customers that are read; see `product_payloads`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Raw

from shared.sources.parsing.decoders import Needed
from shared.sources.parsing.scalars import NO_AMOUNT, Amount, Id, Moment
from shared.sources.parsing.visitors import NULL
from shared.sources.woocommerce.product_payloads import Body

# Plugins add currencies of their own, such as IRHT; a destination that cannot state one rejects it.
# Not "$": that also matches before a final line feed.
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9]{1,15}\Z")]


class Address(Body, frozen=True):
    """A billing address; an unknown field is ``""``."""

    first_name: str | None = None
    last_name: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None


class Postal(Address, frozen=True):
    """A postal address, of billing or shipping, that is sent whole."""

    address_1: str | None = None
    address_2: str | None = None
    postcode: str | None = None


class OrderLine(Body, frozen=True):
    """
    A line of an order. ``subtotal`` is before discounts, ``total`` after, both for all units and
    net; the tax is in separate fields. ``product_id`` is "0" if the product no longer exists.
    """

    quantity: Amount
    total: Amount = NO_AMOUNT
    product_id: Id = "0"
    variation_id: Id = "0"
    name: str | None = None
    sku: str | None = None
    total_tax: Needed[Amount] = NO_AMOUNT
    subtotal: Amount = NO_AMOUNT
    subtotal_tax: Amount = NO_AMOUNT
    meta_data: Raw = NULL


class Coupon(Body, frozen=True):
    """A coupon that was used."""

    bare = "code"

    code: str | None = None


class Shipping(Body, frozen=True):
    """A chosen way of shipping."""

    bare = "method_title"

    method_title: str | None = None


class Fee(Body, frozen=True):
    """A fee. One below zero is a discount of the whole order."""

    total: Amount = NO_AMOUNT
    total_tax: Amount = NO_AMOUNT


class Refund(Body, frozen=True):
    """A refund; ``total`` is below zero. Which lines it is for is not in an order."""

    total: Amount = NO_AMOUNT


class Order(Body, frozen=True):
    """
    An order. ``total`` is gross, ``customer_id`` "0" for a guest; ``prices_include_tax`` is the
    store's setting at the time of the order. ``parent_id`` is another order, "0" for none.
    """

    id: Id
    parent_id: Id | None = None
    number: str | None = None
    status: str | None = None
    currency: Currency | None = None
    prices_include_tax: Needed[bool | None] = None
    date_created_gmt: Moment | None = None
    date_modified_gmt: Moment | None = None
    date_paid_gmt: Moment | None = None
    discount_total: Amount = NO_AMOUNT
    discount_tax: Amount = NO_AMOUNT
    shipping_total: Amount = NO_AMOUNT
    shipping_tax: Amount = NO_AMOUNT
    total: Amount = NO_AMOUNT
    customer_id: Id = "0"
    billing: Postal | None = None
    shipping: Postal | None = None
    payment_method: str | None = None
    customer_ip_address: str | None = None
    customer_user_agent: str | None = None
    line_items: list[OrderLine] | None = None
    shipping_lines: list[Shipping] | None = None
    coupon_lines: list[Coupon] | None = None
    fee_lines: list[Fee] | None = None
    refunds: list[Refund] | None = None
    meta_data: Raw = NULL


class Customer(Body, frozen=True):
    """A user of the store, with any role."""

    id: Id
    role: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    billing: Address | None = None
    date_created_gmt: Moment | None = None
    date_modified_gmt: Moment | None = None

"""The parts of orders that are read; see `payloads`."""

from __future__ import annotations

from msgspec import Raw

from shared.sources.parsing.decoders import Needed
from shared.sources.parsing.scalars import NO_AMOUNT, Amount, Id, Moment
from shared.sources.parsing.visitors import NULL
from shared.sources.shopify.payloads import Address, Body, Contact, Currency, Postal


class MoneyAmount(Body, frozen=True):
    """An amount with its currency."""

    amount: Amount = NO_AMOUNT
    currency_code: Currency | None = None


class UnreadMoneySet(Body, frozen=True):
    """
    One amount in both currencies that is not read: the plain amount beside it is sufficient.

    Such sets are a third of an order. They are read only where the merchant sends the shopper's
    currency, by the structs named ``...WithSets``.
    """


class MoneySet(UnreadMoneySet, frozen=True):
    """One amount in the shop's currency and in the shopper's."""

    shop_money: MoneyAmount | None = None
    presentment_money: MoneyAmount | None = None


class Allocation(Body, frozen=True):
    """The share of one discount in one line, whole, not per unit."""

    amount: Needed[Amount] = NO_AMOUNT
    amount_set: UnreadMoneySet | None = None


class AllocationWithSets(Allocation, frozen=True):
    """The same in both currencies."""

    amount_set: MoneySet | None = None


class OrderLine(Body, frozen=True):
    """A line of an order. ``price`` is per unit, before discounts."""

    quantity: int
    price: Amount
    product_id: Id | None = None
    variant_id: Id | None = None
    variant_title: str | None = None
    title: str | None = None
    sku: str | None = None
    gift_card: bool | None = None
    current_quantity: Needed[int | None] = None
    price_set: UnreadMoneySet | None = None
    discount_allocations: tuple[Allocation, ...] | None = None
    properties: Raw = NULL


class OrderLineWithSets(OrderLine, frozen=True):
    """The same in both currencies."""

    price_set: MoneySet | None = None
    discount_allocations: tuple[AllocationWithSets, ...] | None = None


class Code(Body, frozen=True):
    """A discount code."""

    bare = "code"

    code: str | None = None


class Shipping(Body, frozen=True):
    """A chosen way of shipping; ``is_removed`` by an edit of the order."""

    bare = "title"

    title: str | None = None
    is_removed: bool | None = None
    price: Amount = NO_AMOUNT
    price_set: UnreadMoneySet | None = None
    discounted_price: Amount = NO_AMOUNT
    discounted_price_set: UnreadMoneySet | None = None
    discount_allocations: tuple[Allocation, ...] | None = None


class ShippingWithSets(Shipping, frozen=True):
    """The same in both currencies."""

    price_set: MoneySet | None = None
    discounted_price_set: MoneySet | None = None
    discount_allocations: tuple[AllocationWithSets, ...] | None = None


class Client(Body, frozen=True):
    """The browser of the buyer."""

    browser_ip: str | None = None
    user_agent: str | None = None


class Order(Body, frozen=True):
    """An order. ``total_*`` is as placed, ``current_total_*`` after edits and refunds."""

    id: Id
    name: str | None = None
    test: bool | None = None
    email: str | None = None
    contact_email: str | None = None
    phone: str | None = None
    buyer_accepts_marketing: bool | None = None
    customer: Contact | None = None
    billing_address: Address | None = None
    shipping_address: Postal | None = None
    line_items: tuple[OrderLine, ...] | None = None
    created_at: Moment | None = None
    processed_at: Moment | None = None
    updated_at: Moment | None = None
    # Only whether there is one is read: an unreadable moment must not complete an order.
    cancelled_at: str | None = None
    financial_status: str | None = None
    currency: Needed[Currency | None] = None
    presentment_currency: Currency | None = None
    total_price: Amount = NO_AMOUNT
    total_price_set: UnreadMoneySet | None = None
    current_total_price: Amount = NO_AMOUNT
    current_total_price_set: UnreadMoneySet | None = None
    total_discounts: Amount = NO_AMOUNT
    total_discounts_set: UnreadMoneySet | None = None
    current_total_discounts: Amount = NO_AMOUNT
    current_total_discounts_set: UnreadMoneySet | None = None
    total_shipping_price_set: MoneySet | None = None
    discount_codes: list[Code] | None = None
    payment_gateway_names: list[str] | None = None
    shipping_lines: tuple[Shipping, ...] | None = None
    cart_token: str | None = None
    checkout_token: str | None = None
    landing_site: str | None = None
    note_attributes: Raw = NULL
    browser_ip: str | None = None
    client_details: Client | None = None


class OrderWithSets(Order, frozen=True):
    """The same in both currencies."""

    line_items: tuple[OrderLineWithSets, ...] | None = None
    shipping_lines: tuple[ShippingWithSets, ...] | None = None
    total_price_set: MoneySet | None = None
    current_total_price_set: MoneySet | None = None
    total_discounts_set: MoneySet | None = None
    current_total_discounts_set: MoneySet | None = None

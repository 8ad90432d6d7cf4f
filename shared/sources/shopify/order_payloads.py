"""The parts of orders, carts and checkouts that are read; see `payloads` for the manner."""

from __future__ import annotations

from msgspec import Raw

from shared.sources.parsing.scalars import NOTHING, Amount, Id, Moment
from shared.sources.parsing.visitors import NOT_THERE
from shared.sources.shopify.payloads import Address, Body, Contact, Currency, Postal


class Sum(Body, frozen=True):
    """An amount with its currency."""

    amount: Amount = NOTHING
    currency_code: Currency | None = None


class Unread(Body, frozen=True):
    """
    One amount in both currencies that nobody wants to know: it stands beside the shop's own.

    A third of an order are such sets; they are read where the merchant tells the shopper's
    currency, in the shapes that are named ``...Shown``.
    """


class Both(Unread, frozen=True):
    """One amount in the shop's currency and in the shopper's."""

    shop_money: Sum | None = None
    presentment_money: Sum | None = None


class Allocation(Body, frozen=True):
    """The share of one discount in one line, whole, not per unit."""

    amount: Amount = NOTHING
    amount_set: Unread | None = None


class AllocationShown(Allocation, frozen=True):
    """The same in both currencies."""

    amount_set: Both | None = None


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
    current_quantity: int | None = None
    price_set: Unread | None = None
    discount_allocations: tuple[Allocation, ...] | None = None
    properties: Raw = NOT_THERE


class OrderLineShown(OrderLine, frozen=True):
    """The same in both currencies."""

    price_set: Both | None = None
    discount_allocations: tuple[AllocationShown, ...] | None = None


class Code(Body, frozen=True):
    """A discount code."""

    code: str | None = None


class Shipping(Body, frozen=True):
    """A chosen way of shipping."""

    title: str | None = None


class Client(Body, frozen=True):
    """The browser that bought."""

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
    cancelled_at: Moment | None = None
    financial_status: str | None = None
    currency: Currency | None = None
    presentment_currency: Currency | None = None
    total_price: Amount = NOTHING
    total_price_set: Unread | None = None
    current_total_price: Amount = NOTHING
    current_total_price_set: Unread | None = None
    total_discounts: Amount = NOTHING
    total_discounts_set: Unread | None = None
    current_total_discounts: Amount = NOTHING
    current_total_discounts_set: Unread | None = None
    total_shipping_price_set: Both | None = None
    discount_codes: list[Code] | None = None
    payment_gateway_names: list[str] | None = None
    shipping_lines: list[Shipping] | None = None
    cart_token: str | None = None
    checkout_token: str | None = None
    landing_site: str | None = None
    note_attributes: Raw = NOT_THERE
    browser_ip: str | None = None
    client_details: Client | None = None


class OrderShown(Order, frozen=True):
    """The same in both currencies."""

    line_items: tuple[OrderLineShown, ...] | None = None
    total_price_set: Both | None = None
    current_total_price_set: Both | None = None
    total_discounts_set: Both | None = None
    current_total_discounts_set: Both | None = None


class CartLine(Body, frozen=True):
    """A line of a cart. ``line_price`` is for all its units, after discounts."""

    quantity: int
    product_id: Id | None = None
    variant_id: Id | None = None
    title: str | None = None
    sku: str | None = None
    gift_card: bool | None = None
    price: Amount = NOTHING
    price_set: Both | None = None
    discounted_price: Amount = NOTHING
    discounted_price_set: Both | None = None
    line_price: Amount = NOTHING
    line_price_set: Both | None = None
    properties: Raw = NOT_THERE


class Cart(Body, frozen=True):
    """A cart of the online store. It names no customer and no currency of its own."""

    token: str
    line_items: list[CartLine] | None = None
    updated_at: Moment | None = None


class CheckoutLine(Body, frozen=True):
    """A line of a checkout. ``price`` is per unit, before discounts."""

    quantity: int
    product_id: Id | None = None
    variant_id: Id | None = None
    variant_title: str | None = None
    title: str | None = None
    sku: str | None = None
    gift_card: bool | None = None
    price: Amount = NOTHING
    variant_price: Amount = NOTHING
    discount_allocations: list[Allocation] | None = None
    properties: Raw = NOT_THERE


class Checkout(Body, frozen=True):
    """A checkout; since 2026-04 it has no id but its token."""

    token: str
    cart_token: str | None = None
    email: str | None = None
    phone: str | None = None
    customer: Contact | None = None
    currency: Currency | None = None
    line_items: list[CheckoutLine] | None = None
    note_attributes: Raw = NOT_THERE
    created_at: Moment | None = None
    updated_at: Moment | None = None


def token(text: str | None) -> str | None:
    """
    Give the token of a cart or checkout without its key: "Z2NwLXVz?key=1f2e" is "Z2NwLXVz".

    The same cart is named with its key in one webhook and without it in another, and the key opens
    it. None for no token.
    """
    return (text or "").partition("?")[0].strip() or None

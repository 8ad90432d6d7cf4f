"""The parts of carts and checkouts that are read; see `payloads`."""

from __future__ import annotations

from msgspec import Raw

from shared.sources.parsing.decoders import Needed
from shared.sources.parsing.scalars import NO_AMOUNT, Amount, Id, Moment
from shared.sources.parsing.visitors import NULL
from shared.sources.shopify.order_payloads import Allocation, MoneySet
from shared.sources.shopify.payloads import Body, Contact, Currency


class CartLine(Body, frozen=True):
    """A line of a cart. ``line_price`` is for all its units, after discounts."""

    quantity: int
    product_id: Id | None = None
    variant_id: Id | None = None
    title: str | None = None
    sku: str | None = None
    gift_card: bool | None = None
    price: Amount = NO_AMOUNT
    price_set: MoneySet | None = None
    discounted_price: Amount = NO_AMOUNT
    discounted_price_set: MoneySet | None = None
    line_price: Amount = NO_AMOUNT
    line_price_set: MoneySet | None = None
    properties: Raw = NULL


class Cart(Body, frozen=True):
    """A cart of the online store. It has no customer and no currency of its own."""

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
    price: Amount = NO_AMOUNT
    variant_price: Amount = NO_AMOUNT
    discount_allocations: list[Allocation] | None = None
    properties: Raw = NULL


class Checkout(Body, frozen=True):
    """
    A checkout; since 2026-04 its only id is its token. ``currency`` is the shop's, and the prices
    are in ``presentment_currency``.
    """

    token: str
    cart_token: str | None = None
    email: str | None = None
    phone: str | None = None
    customer: Contact | None = None
    currency: Needed[Currency | None] = None
    presentment_currency: Needed[Currency | None] = None
    line_items: list[CheckoutLine] | None = None
    note_attributes: Raw = NULL
    created_at: Moment | None = None
    updated_at: Moment | None = None


def token(text: str | None) -> str | None:
    """
    Return the token of a cart or checkout without its key: "Z2NwLXVz?key=1f2e" is "Z2NwLXVz".

    Webhooks have the token of one cart with and without its key, and the key gives access to the
    cart. None for an empty token.
    """
    return (text or "").partition("?")[0].strip() or None

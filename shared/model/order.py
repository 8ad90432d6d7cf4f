"""Orders, carts and checkouts: lines that somebody bought or may buy."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from shared.model.money import Money
from shared.model.person import Buyer
from shared.model.visitor import NOBODY, Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One line item. ``price`` is the unit price paid, after every discount.

    ``default`` tells whether the variant stands for the product itself; None when the payload
    does not say and the ledger must.
    """

    product_id: str
    variant_id: str
    default: bool | None
    quantity: int
    price: Money
    list_price: Money | None = None
    name: str | None = None
    sku: str | None = None


class Status(StrEnum):
    """What became of an order; everything that is not cancelled counts as placed."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Where a shopper came from, for platforms that want it of server-sent events."""

    ip: str | None = field(default=None, repr=False)
    user_agent: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """
    An order. ``number`` is what the shopper sees. Lines without a product of the shop (tips, custom
    items, deleted products, gift cards) are left out; ``total`` still counts them. ``placed_at`` is
    an `instant`. ``visitor`` is what the storefront wrote into the order.
    """

    id: str
    number: str | None
    buyer: Buyer
    lines: tuple[Line, ...]
    status: Status
    placed_at: str
    currency: str
    total: Money | None = None
    discount: Money | None = None
    shipping: Money | None = None
    promo_code: str | None = field(default=None, repr=False)
    payment: str | None = None
    delivery: str | None = None
    address: str | None = field(default=None, repr=False)
    cart_token: str | None = field(default=None, repr=False)
    checkout_token: str | None = field(default=None, repr=False)
    visitor: Visitor = NOBODY
    visit: Visit = Visit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """A cart as it stands; no lines means it was emptied. The token opens it: it is not shown."""

    id: str = field(repr=False)
    buyer: Buyer
    lines: tuple[Line, ...]
    at: str
    visitor: Visitor = NOBODY
    visit: Visit = Visit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A checkout that somebody started. The token opens it: it is not shown."""

    id: str = field(repr=False)
    buyer: Buyer
    lines: tuple[Line, ...]
    at: str
    cart_token: str | None = field(default=None, repr=False)
    visitor: Visitor = NOBODY
    visit: Visit = Visit()

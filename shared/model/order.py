"""Orders, carts and checkouts: line items that somebody bought or may buy."""

from __future__ import annotations

from enum import StrEnum

from shared.model.money import Money
from shared.model.person import Buyer
from shared.model.value import Hidden, Value
from shared.model.visitor import NOBODY, Visitor


class Line(Value):
    """
    One line item. ``price`` is the unit price paid, after every discount. ``variant_id`` is None if
    the payload names the product alone.

    ``default``: the variant represents the product itself. None if the payload does not contain
    this; then the ledger decides, and ``known`` is False if it has no such product.
    """

    product_id: str
    variant_id: str | None
    default: bool | None
    quantity: int
    price: Money
    known: bool = True
    list_price: Money | None = None
    name: str | None = None
    sku: str | None = None


class Status(StrEnum):
    """The status of an order: ``PENDING`` is placed and not paid, ``COMPLETED`` counts as paid."""

    COMPLETED = "completed"
    PENDING = "pending"
    CANCELLED = "cancelled"


class Visit(Value):
    """The shopper's client, for platforms that require it in server-side events."""

    ip: Hidden[str | None] = None
    user_agent: Hidden[str | None] = None


class Order(Value):
    """
    An order. ``number`` is what the shopper sees. Lines without a product of the shop (tips, custom
    items, deleted products, gift cards) are omitted; ``total`` still includes them. ``placed_at``
    and ``paid_at`` are `instants`. ``complete`` is False if a line cannot be named any more because
    its product or variant was deleted since: it was bought all the same. ``visitor`` is what the
    storefront wrote into the order.

    Raise ValueError if an amount is in another currency than the order.
    """

    id: str
    number: str | None
    buyer: Buyer
    lines: tuple[Line, ...]
    status: Status
    placed_at: str
    currency: str
    paid_at: str | None = None
    complete: bool = True
    total: Money | None = None
    discount: Money | None = None
    shipping: Money | None = None
    promo_code: Hidden[str | None] = None
    payment: str | None = None
    delivery: str | None = None
    address: Hidden[str | None] = None
    cart_token: Hidden[str | None] = None
    checkout_token: Hidden[str | None] = None
    visitor: Visitor = NOBODY
    visit: Visit = Visit()

    def __post_init__(self) -> None:
        found = {one.price.currency for one in self.lines}
        totals = (self.total, self.discount, self.shipping)
        found |= {one.currency for one in totals if one is not None}
        if not found <= {self.currency}:
            raise ValueError("an order in several currencies")


class Cart(Value):
    """The current cart; without lines it was emptied. Its token gives access: it is hidden."""

    id: Hidden[str]
    buyer: Buyer
    lines: tuple[Line, ...]
    at: str
    visitor: Visitor = NOBODY
    visit: Visit = Visit()


class Checkout(Value):
    """A started checkout. Its token gives access: it is hidden."""

    id: Hidden[str]
    buyer: Buyer
    lines: tuple[Line, ...]
    at: str
    cart_token: Hidden[str | None] = None
    visitor: Visitor = NOBODY
    visit: Visit = Visit()

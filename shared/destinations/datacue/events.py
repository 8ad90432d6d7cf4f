"""
Cart and checkout events, sent to the events' host on the shopper's behalf. They are sent only for
visitors whom DataCue can identify: all other events would be attributed to one user.
"""

from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_address
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from shared.destinations.building.fields import Body, Currency, Quantity, Text, encode_body
from shared.destinations.building.values import amount, text
from shared.destinations.contract import NO_BRIEF, Brief, Event, Plan, Rule
from shared.destinations.datacue import rows
from shared.destinations.datacue.api import EVENTS, Api
from shared.destinations.datacue.fields import Second
from shared.destinations.datacue.order_payloads import OrderLine
from shared.destinations.datacue.payloads import ProductId
from shared.http.call import Call, Effect
from shared.model.change import CartSaved, CheckoutStarted
from shared.model.order import Cart, Checkout, Line, Visit
from shared.model.person import Buyer
from shared.settings import Merchant

CART = Event(name="cart", rule=Rule.PER_VERSION, again=False)
CHECKOUT = Event(name="checkout", rule=Rule.ONCE, again=False)
UNKNOWN_PRODUCT = "cart_line_of_unknown_product"


class User(Body, kw_only=True, frozen=True):
    """The user of an event, by one of the two ids. DataCue uses the first if it gets both."""

    user_id: Text | UnsetType = UNSET
    anonymous_id: Text | UnsetType = UNSET
    # "You can specify any other fields you wish."
    profile: dict[Text, Text] | UnsetType = UNSET


class Context(Body, kw_only=True, frozen=True):
    """The client of an event; a server must send it (`user_agent`, as in the tables)."""

    ip: Text | UnsetType = UNSET
    user_agent: Text | UnsetType = UNSET


class CheckoutLine(Body, kw_only=True, frozen=True):
    """A line of a checkout in 2018-09; in 2021-02 it is an order's line."""

    product_id: Text
    variant_id: Text
    quantity: Quantity
    price: Decimal
    currency: Currency


class CartUpdate(Body, kw_only=True, frozen=True):
    """The current cart; 2018-09 accepts only ids."""

    type: Literal["cart"] = "cart"
    subtype: Literal["update"] = "update"
    cart: tuple[ProductId, ...]


class CartUpdate2021(Body, kw_only=True, frozen=True):
    """The current cart, with a link back to it."""

    type: Literal["cart"] = "cart"
    subtype: Literal["update"] = "update"
    cart: tuple[OrderLine, ...]
    cart_link: Text


class CheckoutStart(Body, kw_only=True, frozen=True):
    """The start of a checkout."""

    type: Literal["checkout"] = "checkout"
    subtype: Literal["started"] = "started"
    cart: tuple[CheckoutLine, ...]


class CheckoutStart2021(Body, kw_only=True, frozen=True):
    """The start of a checkout, with lines and a link as in a cart."""

    type: Literal["checkout"] = "checkout"
    subtype: Literal["started"] = "started"
    cart: tuple[OrderLine, ...]
    cart_link: Text


class EventBody(Body, kw_only=True, frozen=True):
    """An event; its inner body is validated before it is placed here."""

    user: User
    event: msgspec.Raw
    timestamp: Second
    context: Context | UnsetType = UNSET


def brief(shop: Merchant, change: CartSaved | CheckoutStarted) -> Brief:
    """Return the brief of a change: its event, if DataCue can identify the visitor."""
    match change:
        case CartSaved(cart=Cart(buyer=buyer)) if _user(shop, buyer):
            return Brief(event=CART)
        case CheckoutStarted(checkout=Checkout(buyer=buyer)) if _user(shop, buyer):
            return Brief(event=CHECKOUT)
        case _:
            return NO_BRIEF


def cart_updated(api: Api, shop: Merchant, change: CartSaved) -> Plan:
    """Return the plan of a cart event; a cart without lines was emptied."""
    cart = change.cart
    user = _user(shop, cart.buyer)
    if user is None:
        return Plan(counts=("cart_of_unknown_visitor",))
    wanted = [line for line in cart.lines if line.quantity > 0]
    # Whether a variant has an id of its own there is known from its product alone.
    lines = [line for line in wanted if line.known]
    counts = (UNKNOWN_PRODUCT,) if len(lines) < len(wanted) else ()
    if wanted and not lines:
        # Without lines it would look emptied.
        return Plan(counts=counts)
    body: Body = CartUpdate(cart=tuple(_ids(line) for line in lines))
    if api.newer:
        order_lines = tuple(rows.order_line(line) for line in lines)
        body = CartUpdate2021(cart=order_lines, cart_link=_cart_link(shop))
    event = event_body(user, body, cart.at, cart.visit)
    return Plan(calls=(call(api, "cart", event),), counts=counts)


def checkout_started(api: Api, shop: Merchant, change: CheckoutStarted) -> Plan:
    """Return the plan of a checkout event."""
    checkout = change.checkout
    user = _user(shop, checkout.buyer)
    if user is None:
        return Plan(counts=("checkout_of_unknown_visitor",))
    lines = [line for line in checkout.lines if line.quantity > 0]
    body: Body = CheckoutStart(cart=tuple(_checkout_line(line) for line in lines))
    if api.newer:
        order_lines = tuple(rows.order_line(line) for line in lines)
        body = CheckoutStart2021(cart=order_lines, cart_link=_cart_link(shop))
    event = event_body(user, body, checkout.at, checkout.visit)
    return Plan(calls=(call(api, "checkout", event),))


def _cart_link(shop: Merchant) -> str:
    # Both shop platforms have the cart at this path.
    return f"{shop.storefront.rstrip('/')}/cart"


def _user(shop: Merchant, buyer: Buyer) -> User | None:
    user_id = rows.user_id(buyer.id, buyer.email)
    if user_id:
        return User(user_id=user_id)
    anonymous = text(buyer.anonymous)
    if anonymous and shop.datacue.carts == "cart-token":
        return User(anonymous_id=anonymous)
    return None


def event_body(user: User, body: Body, at: str, visit: Visit) -> EventBody:
    """Return an event with its user, time and client. Raises NotExpressible."""
    ip, agent = _address(visit.ip), text(visit.user_agent)
    return EventBody(
        user=user,
        event=msgspec.Raw(encode_body(body)),
        timestamp=rows.second(at),
        context=Context(ip=ip, user_agent=agent) if ip or agent else UNSET,
    )


def _address(ip: str | None) -> str | UnsetType:
    try:
        return str(ip_address((ip or "").strip()))
    except ValueError:
        return UNSET


def _ids(line: Line) -> ProductId:
    return ProductId(
        product_id=line.product_id,
        variant_id=rows.variant_id(line.variant_id, default=line.default),
    )


def _checkout_line(line: Line) -> CheckoutLine:
    return CheckoutLine(
        product_id=line.product_id,
        variant_id=rows.variant_id(line.variant_id, default=line.default),
        quantity=line.quantity,
        price=amount(line.price),
        currency=line.price.currency.upper(),
    )


def call(api: Api, name: str, event: EventBody) -> Call:
    """Return the call that sends one event."""
    return Call(
        method="POST",
        url=api.events,
        body=encode_body(event),
        label=f"POST events {name}",
        effect=Effect.EVENT,
        surface=EVENTS,
    )

"""Plans of carts (`StatusCart`, once per state) and checkouts (a custom event if configured)."""

from __future__ import annotations

from msgspec import UNSET

from shared.destinations.building.feed import line_id
from shared.destinations.building.values import amount
from shared.destinations.contract import NO_BRIEF, Brief, Event, KnownState, Plan, Rule
from shared.destinations.tracker import calls, product_rows, visitor
from shared.destinations.tracker.browsing_payloads import CustomEvent, Own
from shared.destinations.tracker.info import custom_info, info, of_buyer
from shared.destinations.tracker.payloads import Cart, CartProduct, StatusCart
from shared.destinations.tracker.site import Site
from shared.http.call import Effect
from shared.model.change import CartSaved, CheckoutStarted
from shared.model.money import Money
from shared.model.order import Line

CART = Event(name="cart", rule=Rule.PER_VERSION, again=False)
CHECKOUT = Event(name="checkout", rule=Rule.ONCE, again=False)
# A cart without any product in the feed is not sent: it would look empty.
UNKNOWN = "cart_of_unknown_products"


def cart_brief(site: Site, change: CartSaved) -> Brief:
    """Return the brief of a cart: whether its state is sent."""
    if _known(site, change.cart.lines) or not _wanted(change.cart.lines):
        return Brief(event=CART, visitor=True)
    return Brief(omitted=UNKNOWN)


def cart_saved(site: Site, change: CartSaved, known_state: KnownState, brief: Brief) -> Plan:
    """Return the plan of a cart's state; without products it was emptied."""
    if brief.omitted:
        return Plan(counts=(brief.omitted,))
    cart = change.cart
    sc, counts = visitor.cookie(site, change, known_state)
    body = StatusCart(
        info=info(site, "StatusCart", cart.at, of_buyer(cart.buyer, sc)),
        event=Cart(
            guid=visitor.guid(site, change.entity, str(change.version)),
            products=tuple(_product(site, line) for line in _known(site, cart.lines)),
        ),
    )
    return Plan(
        calls=(calls.call(site.url, body, Effect.EVENT),),
        counts=(*counts, *product_rows.omitted_lines(site, cart.lines)),
    )


def checkout_brief(site: Site) -> Brief:
    """Return the brief of a checkout: whether it is sent."""
    return Brief(event=CHECKOUT, visitor=True) if site.checkout_event else NO_BRIEF


def checkout_started(site: Site, change: CheckoutStarted, known_state: KnownState) -> Plan:
    """Return the plan of a checkout's custom event, with the products' ids as tags."""
    if not site.checkout_event:
        return Plan()
    checkout = change.checkout
    sc, counts = visitor.cookie(site, change, known_state)
    ids = [line_id(site.feed_id, line) or "" for line in _known(site, checkout.lines)]
    body = CustomEvent(
        info=custom_info(site, checkout.at, of_buyer(checkout.buyer, sc)),
        event=Own(event_name=site.checkout_event, tags=calls.tags({"product_id": ids})),
    )
    return Plan(calls=(calls.call(site.url, body, Effect.EVENT),), counts=counts)


def _wanted(lines: tuple[Line, ...]) -> list[Line]:
    return [line for line in lines if line.quantity > 0]


def _known(site: Site, lines: tuple[Line, ...]) -> list[Line]:
    return [line for line in _wanted(lines) if line_id(site.feed_id, line)]


def _product(site: Site, line: Line) -> CartProduct:
    """
    Return a line of a cart. "Price per item" is before the "discount per item", as in Yespo's own
    app for Shopify: what was paid is their difference, and no discount counts twice.
    """
    full = _full_price(line)
    less = amount(full) - amount(line.price)
    return CartProduct(
        product_key=line_id(site.feed_id, line) or "",
        price=f"{amount(full):f}",
        discount=f"{less:f}" if less > 0 else UNSET,
        quantity=line.quantity,
        price_currency_code=line.price.currency.upper(),
    )


def _full_price(line: Line) -> Money:
    full = line.list_price and line.list_price.within(line.price.currency)
    return full if full and full.amount > line.price.amount else line.price

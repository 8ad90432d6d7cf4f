"""Plans of orders: `PurchasedItems`, sent once. A cancellation has no call."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from shared.destinations.building.feed import line_id
from shared.destinations.building.orders import (
    FOREIGN,
    NOT_PAID,
    foreign_plan,
    is_foreign,
    too_old,
)
from shared.destinations.building.values import amount_in
from shared.destinations.contract import Brief, Event, KnownState, Plan, Rule
from shared.destinations.tracker import calls, people, product_rows, visitor
from shared.destinations.tracker.info import info, of_buyer
from shared.destinations.tracker.payloads import BoughtProduct, Purchase, PurchasedItems
from shared.destinations.tracker.site import Site
from shared.http.call import Effect
from shared.model.change import OrderSaved
from shared.model.entity import Entity, Kind
from shared.model.order import Line, Order, Status

PURCHASE = Event(name="purchase", rule=Rule.ONCE, again=True)
CANCELLED, GONE = b"cancelled", b"gone"
CANCELLATION = "order_cancellation_not_expressible"
TOO_OLD = "purchase_too_old"
EMPTY = "purchase_without_products"


def brief(site: Site, change: OrderSaved) -> Brief:
    """Return the brief of an order: its event, and the cart whose state it refers to."""
    omitted = _omitted(site, change)
    if omitted:
        return Brief(omitted=omitted)
    token = change.order.cart_token if site.purchase_guid else None
    cart = Entity.of_token(Kind.CART, token) if token else None
    return Brief(event=PURCHASE, visitor=True, cart=cart)


def saved(site: Site, change: OrderSaved, known_state: KnownState, brief: Brief) -> Plan:
    """
    Return the plan of an order.

    The data of a customer is sent before the purchase. The data of a guest is a change of its own,
    which is sent before the order.
    """
    order = change.order
    if order.status is Status.CANCELLED:
        return Plan(state=CANCELLED, counts=(CANCELLATION,))
    if brief.omitted == FOREIGN:
        return foreign_plan(site.foreign_currency, "$.PurchasedItems.Products[0].unit_price")
    if brief.omitted:
        return Plan(state=brief.omitted.encode(), counts=(brief.omitted,))
    sc, counts = visitor.cookie(site, change, known_state)
    who = of_buyer(order.buyer, sc)
    purchase = Purchase(
        guid=_guid(site, order, known_state),
        products=tuple(_product(site, line) for line in _lines(site, order)),
        # The id, as the platforms' own apps send it: a number may be changed by a plugin.
        order_number=order.id,
    )
    body = PurchasedItems(info=info(site, "PurchasedItems", order.placed_at, who), event=purchase)
    customer = (people.customer_event(site, order.placed_at, who),) if order.buyer.id else ()
    return Plan(
        calls=(*customer, calls.call(site.url, body, Effect.EVENT)),
        counts=(*counts, *product_rows.omitted_lines(site, order.lines)),
    )


def removed() -> Plan:
    """Return the plan of an order's removal, which has no call."""
    return Plan(state=GONE, counts=(CANCELLATION,))


def _omitted(site: Site, change: OrderSaved) -> str:
    """Return the reason why an order is not sent as a purchase; empty if it is sent."""
    if change.order.status is Status.CANCELLED:
        return CANCELLATION
    if change.order.status is Status.PENDING:
        return NOT_PAID
    if too_old(change, site.max_purchase_age_days):
        return TOO_OLD
    if not _lines(site, change.order):
        return EMPTY
    return FOREIGN if is_foreign(change.order, site.currency) else ""


def _lines(site: Site, order: Order) -> list[Line]:
    return [line for line in order.lines if line.quantity > 0 and line_id(site.feed_id, line)]


def _product(site: Site, line: Line) -> BoughtProduct:
    return BoughtProduct(
        product_id=line_id(site.feed_id, line) or "",
        unit_price=f"{amount_in(site.currency, line.price):f}",
        quantity=line.quantity,
    )


def _guid(site: Site, order: Order, known_state: KnownState) -> str | UnsetType:
    if not site.purchase_guid or not order.cart_token or known_state.cart_sent is None:
        return UNSET
    return visitor.guid(site, Entity.of_token(Kind.CART, order.cart_token), known_state.cart_sent)

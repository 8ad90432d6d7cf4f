"""Orders become `PurchasedItems`, told once; nothing tells that an order came to nothing."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from shared.destinations.building.feed import line_id
from shared.destinations.building.orders import number, too_old
from shared.destinations.building.values import amount
from shared.destinations.contract import Event, KnownState, Plan, Rule
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


def event(site: Site, change: OrderSaved) -> Event | None:
    """Tell whether an order is a purchase that is told."""
    return None if _silence(site, change) else PURCHASE


def saved(site: Site, change: OrderSaved, memory: KnownState) -> Plan:
    """
    Plan an order. A customer is told before what they bought; a guest is a change of their own,
    which goes before the order.
    """
    order = change.order
    if order.status is Status.CANCELLED:
        return Plan(state=CANCELLED, counts=(CANCELLATION,))
    silence = _silence(site, change)
    if silence:
        return Plan(state=silence.encode(), counts=(silence,))
    sc, counts = visitor.cookie(site, change, memory)
    who = of_buyer(order.buyer, sc)
    bought = Purchase(
        guid=_guid(site, order, memory),
        products=tuple(_product(site, line) for line in _lines(site, order)),
        order_number=number(order),
    )
    body = PurchasedItems(info=info(site, "PurchasedItems", order.placed_at, who), event=bought)
    first = (people.told(site, order.placed_at, who),) if order.buyer.id else ()
    return Plan(
        calls=(*first, calls.call(site.url, body, Effect.EVENT)),
        counts=(*counts, *product_rows.left_out(site, order.lines)),
    )


def removed() -> Plan:
    """Plan the end of an order."""
    return Plan(state=GONE, counts=(CANCELLATION,))


def cart(site: Site, change: OrderSaved) -> Entity | None:
    """Name the cart whose last told state the purchase must name."""
    token = change.order.cart_token
    if not site.purchase_guid or not token or event(site, change) is None:
        return None
    return Entity.of_token(Kind.CART, token)


def _silence(site: Site, change: OrderSaved) -> str:
    """Name the reason why an order is no purchase that is told, or give nothing."""
    if change.order.status is Status.CANCELLED:
        return CANCELLATION
    if too_old(change, site.max_purchase_age_days):
        return TOO_OLD
    return "" if _lines(site, change.order) else EMPTY


def _lines(site: Site, order: Order) -> list[Line]:
    return [line for line in order.lines if line.quantity > 0 and line_id(site.feed_id, line)]


def _product(site: Site, line: Line) -> BoughtProduct:
    return BoughtProduct(
        product_id=line_id(site.feed_id, line) or "",
        unit_price=f"{amount(line.price):f}",
        quantity=line.quantity,
    )


def _guid(site: Site, order: Order, memory: KnownState) -> str | UnsetType:
    if not site.purchase_guid or not order.cart_token or memory.cart_sent is None:
        return UNSET
    return visitor.guid(site, Entity.of_token(Kind.CART, order.cart_token), memory.cart_sent)

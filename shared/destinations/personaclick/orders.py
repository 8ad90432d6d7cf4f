"""
Plans of purchases, each sent once, and of their status if the merchant enables `order_status`.

`/sync/orders` is from another page than the document ("Import/Sync Orders (REST API)"). It
identifies an order by the id in its purchase, requires the store's secret, and responds before it
has validated the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec import UNSET, UnsetType

from shared.destinations.building import orders
from shared.destinations.building.fields import Body, Text
from shared.destinations.building.values import amount, amount_in, text
from shared.destinations.contract import NO_BRIEF, Brief, Event, KnownState, Plan, Rule
from shared.destinations.personaclick import calls, visitors
from shared.destinations.personaclick.line_items import Sold, any_sold, counts, sold
from shared.destinations.personaclick.payloads import BoughtItem, Id, Purchase, ShopId
from shared.http.call import Call
from shared.model.change import Change, OrderRemoved, OrderSaved
from shared.model.money import Money
from shared.model.order import Status
from shared.settings import Merchant, PersonaClick

PURCHASE = Event(name="purchase", rule=Rule.ONCE, again=True)
TOO_OLD = "purchase_too_old"
NO_PRODUCTS = "purchase_without_products"
CANCELLATION = "order_cancellation_not_expressible"
CANCELLED, COMPLETED, GONE, NOTHING = b"cancelled", b"completed", b"gone", b"nothing"


class OrderStatus(Body, kw_only=True, frozen=True):
    """An order's status, a text whose meaning is set in the account."""

    id: Id
    status: Text


class Statuses(Body, kw_only=True, frozen=True):
    """Orders with their statuses; the secret is added when the call is signed."""

    shop_id: ShopId
    shop_secret: Text | UnsetType = UNSET
    orders: tuple[OrderStatus, ...]


def brief(own: PersonaClick, shop: Merchant, change: OrderSaved) -> Brief:
    """Return the brief of an order: whether it is sent as a purchase."""
    if change.order.status is Status.CANCELLED:
        return NO_BRIEF
    omitted = _omitted(own, shop, change)
    return Brief(omitted=omitted) if omitted else Brief(event=PURCHASE, visitor=True)


def saved(
    own: PersonaClick, shop: Merchant, change: OrderSaved, known_state: KnownState, brief: Brief
) -> Plan:
    """Return the plan of a purchase or its cancellation."""
    if change.order.status is Status.CANCELLED:
        return _cancelled(own, change.order.id)
    if brief.omitted == orders.FOREIGN:
        return orders.foreign_plan(own.foreign_currency, "$.items[0].price")
    if brief.omitted:
        return Plan(state=NOTHING, counts=(brief.omitted,))
    rows = sold(own.feed_id, change.order.lines)
    body = _purchase(own, shop, change, rows, known_state)
    # What the platform may have of an order that was never bought is its cancellation.
    reopened = own.order_status and known_state.touched
    purchase = calls.event_call(own, "push", "purchase", body)
    return Plan(
        calls=(_status_call(own, change.order.id, change.order.status), purchase)
        if reopened
        else (purchase,),
        state=COMPLETED if own.order_status else b"",
        counts=counts(own.feed_id, change.order.lines, rows),
    )


def after_purchase(own: PersonaClick, change: Change) -> Plan | None:
    """Return the plan of the status of an order whose purchase was sent."""
    if not own.order_status or not isinstance(change, OrderSaved):
        return None
    return Plan(calls=(_status_call(own, change.order.id, change.order.status),), state=COMPLETED)


def removed(own: PersonaClick, change: OrderRemoved) -> Plan:
    """
    Return the plan of an order's removal: a cancellation, where the merchant enables it. A
    redaction is none: the order was delivered, and is erased by hand.
    """
    if change.redacted or not own.order_status:
        return Plan(state=GONE, counts=(CANCELLATION,))
    return _cancelled(own, change.entity.id)


def _omitted(own: PersonaClick, shop: Merchant, change: OrderSaved) -> str:
    """Return the reason why an order is not sent as a purchase; empty if it is sent."""
    if change.order.status is Status.PENDING:
        return orders.NOT_PAID
    if orders.too_old(change, own.max_purchase_age_days):
        return TOO_OLD
    if not any_sold(own.feed_id, change.order.lines):
        return NO_PRODUCTS
    return orders.FOREIGN if orders.is_foreign(change.order, shop.currency) else ""


def _purchase(
    own: PersonaClick,
    shop: Merchant,
    change: OrderSaved,
    rows: Mapping[str, Sold],
    known_state: KnownState,
) -> Purchase:
    order, currency = change.order, shop.currency
    return Purchase(
        **visitors.basics(own, known_state.visitor, visitors.happened(change)),
        items=tuple(_item(currency, one, row) for one, row in rows.items()),
        order_id=order.id,
        order_price=_amount(currency, order.total),
        order_delivery=_amount(currency, order.shipping),
        order_discount=_amount(currency, order.discount),
        promocode=text(order.promo_code),
        delivery_address=text(order.address) if own.delivery_address else UNSET,
        delivery_type=text(order.delivery),
        payment_type=text(order.payment),
    )


def _item(currency: str, own: str, row: Sold) -> BoughtItem:
    return BoughtItem(id=own, amount=row.amount, price=amount_in(currency, row.price))


def _amount(currency: str, money: Money | None) -> Decimal | UnsetType:
    stated = money and money.within(currency)
    return amount(stated) if stated else UNSET


def _cancelled(own: PersonaClick, order_id: str) -> Plan:
    if not own.order_status:
        return Plan(state=CANCELLED, counts=(CANCELLATION,))
    return Plan(calls=(_status_call(own, order_id, Status.CANCELLED),), state=CANCELLED)


def _status_call(own: PersonaClick, order_id: str, status: Status) -> Call:
    row = OrderStatus(id=order_id, status=status.value)
    body = Statuses(shop_id=own.shop_id, orders=(row,))
    return calls.state_call(own, "POST", "sync/orders", body, 1)

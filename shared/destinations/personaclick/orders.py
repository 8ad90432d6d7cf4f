"""
Plans of purchases, each sent once, and of their status if the merchant enables `order_status`.

`/sync/orders` is from another page than the document ("Import/Sync Orders (REST API)"). It
identifies an order by the id in its purchase, requires the store's secret, and its response comes
before the data is validated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from msgspec import UNSET, UnsetType

from shared.destinations.building import orders
from shared.destinations.building.fields import Body, Text
from shared.destinations.building.values import amount, text
from shared.destinations.contract import NO_BRIEF, Brief, Event, KnownState, Plan, Rule
from shared.destinations.personaclick import calls, visitors
from shared.destinations.personaclick.line_items import Sold, any_sold, counts, sold
from shared.destinations.personaclick.payloads import BoughtItem, Id, Purchase, ShopId
from shared.http.call import Call
from shared.model.change import Change, OrderSaved
from shared.model.money import Money
from shared.model.order import Order, Status
from shared.settings import PersonaClick

PURCHASE = Event(name="purchase", rule=Rule.ONCE, again=True)
TOO_OLD = "purchase_too_old"
NO_PRODUCTS = "purchase_without_products"
CANCELLATION = "order_cancellation_not_expressible"
CANCELLED, COMPLETED, GONE, NOTHING = b"cancelled", b"completed", b"gone", b"nothing"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class OrderStatus(Body, kw_only=True, frozen=True):
    """An order's status, a text whose meaning is set in the account."""

    id: Id
    status: Text


class Statuses(Body, kw_only=True, frozen=True):
    """Orders with their statuses; the secret is added when the call is signed."""

    shop_id: ShopId
    shop_secret: Text | UnsetType = UNSET
    orders: tuple[OrderStatus, ...]


def brief(own: PersonaClick, change: OrderSaved) -> Brief:
    """Return the brief of an order: whether it is sent as a purchase."""
    if change.order.status is Status.CANCELLED:
        return NO_BRIEF
    omitted = _omitted(own, change)
    return Brief(omitted=omitted) if omitted else Brief(event=PURCHASE, visitor=True)


def saved(own: PersonaClick, change: OrderSaved, known_state: KnownState, brief: Brief) -> Plan:
    """Return the plan of a purchase or its cancellation."""
    if change.order.status is Status.CANCELLED:
        return _cancelled(own, change.order)
    if brief.omitted:
        return Plan(state=NOTHING, counts=(brief.omitted,))
    rows = sold(own.feed_id, change.order.lines)
    body = _purchase(own, change, rows, known_state)
    # What the platform may have of an order that was never bought is its cancellation.
    reopened = own.order_status and known_state.touched
    purchase = calls.event_call(own, "push", "purchase", body)
    return Plan(
        calls=(_status_call(own, change.order), purchase) if reopened else (purchase,),
        state=COMPLETED if own.order_status else b"",
        counts=counts(own.feed_id, change.order.lines, rows),
    )


def after_purchase(own: PersonaClick, change: Change) -> Plan | None:
    """Return the plan of the status of an order whose purchase was sent."""
    if not own.order_status or not isinstance(change, OrderSaved):
        return None
    return Plan(calls=(_status_call(own, change.order),), state=COMPLETED)


def removed() -> Plan:
    """
    Return the plan of an order's removal, which has no call.

    The platform identifies an order by its number, but a removal has only the shop's id.
    """
    return Plan(state=GONE, counts=(CANCELLATION,))


def number(order: Order) -> str:
    """Return the number that people see; the platform does not show ids that are UUIDs (C9)."""
    visible = orders.number(order)
    return f"order-{visible}" if _UUID.fullmatch(visible) else visible


def _omitted(own: PersonaClick, change: OrderSaved) -> str:
    """Return the reason why an order is not sent as a purchase; empty if it is sent."""
    if orders.too_old(change, own.max_purchase_age_days):
        return TOO_OLD
    return "" if any_sold(own.feed_id, change.order.lines) else NO_PRODUCTS


def _purchase(
    own: PersonaClick, change: OrderSaved, rows: Mapping[str, Sold], known_state: KnownState
) -> Purchase:
    order = change.order
    return Purchase(
        **visitors.basics(own, known_state.visitor, visitors.happened(change)),
        items=tuple(_item(one, row) for one, row in rows.items()),
        order_id=number(order),
        order_price=_amount(order.total),
        order_delivery=_amount(order.shipping),
        order_discount=_amount(order.discount),
        promocode=text(order.promo_code),
        delivery_address=text(order.address) if own.delivery_address else UNSET,
        delivery_type=text(order.delivery),
        payment_type=text(order.payment),
    )


def _item(own: str, row: Sold) -> BoughtItem:
    # "A positive number"; the platform silently drops any other price.
    return BoughtItem(id=own, amount=row.amount, price=amount(row.price) or UNSET)


def _amount(money: Money | None) -> Decimal | UnsetType:
    return UNSET if money is None else amount(money)


def _cancelled(own: PersonaClick, order: Order) -> Plan:
    if not own.order_status:
        return Plan(state=CANCELLED, counts=(CANCELLATION,))
    return Plan(calls=(_status_call(own, order),), state=CANCELLED)


def _status_call(own: PersonaClick, order: Order) -> Call:
    row = OrderStatus(id=number(order), status=order.status.value)
    body = Statuses(shop_id=own.shop_id, orders=(row,))
    return calls.state_call(own, "POST", "sync/orders", body, 1)

"""Plans of orders. An order is a state here: DataCue has no purchase event."""

from __future__ import annotations

from shared.destinations.building.fields import encode
from shared.destinations.building.values import text
from shared.destinations.contract import KnownState, Plan
from shared.destinations.datacue import rows
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.calls import (
    Act,
    CallContext,
    Collection,
    delete,
    set_field,
    write,
)
from shared.destinations.datacue.order_payloads import Order as OrderRow
from shared.destinations.datacue.order_payloads import UserUpdate
from shared.http.call import Call
from shared.model.change import OrderRemoved, OrderSaved
from shared.model.order import Order, Status
from shared.settings import Merchant

GONE = b"gone"
# 2018-09: "orders cannot be updated only created or cancelled"; 2021-02 replaces the whole order.
EDITED = "order_edit_not_expressible"
LINES_KEPT = "lines kept"
CART_OF_UNKNOWN_USER = "cart_of_unknown_user"


def saved(api: Api, shop: Merchant, change: OrderSaved, known_state: KnownState) -> Plan:
    """
    Return the plan of an order.

    It is created once with its status; later changes send its status, or in 2021-02 all of it.
    """
    row = rows.order(change.order)
    if known_state.known and not change.order.complete:
        return _status_alone(api, row)
    create = CallContext(collection=Collection.ORDERS, act=Act.CREATE, rows=(row,))
    state = encode(row)
    if not known_state.known:
        calls = (*write(api, create), *_joined_cart(api, shop, change.order))
        return Plan(calls=calls, state=state)
    status = CallContext(collection=Collection.ORDERS, act=Act.UPDATE, rows=(row,))
    if not api.newer:
        # A cancellation is no edit; any other change may be an edit, and is counted.
        edited = change.order.status is not Status.CANCELLED
        return Plan(calls=write(api, status), state=state, counts=(EDITED,) if edited else ())
    calls = write(api, create)
    if change.order.status is Status.CANCELLED:
        calls += write(api, status)
    return Plan(calls=calls, state=state)


def _joined_cart(api: Api, shop: Merchant, order: Order) -> tuple[Call, ...]:
    """Return the call that gives the buyer the carts that were sent with the cart's token."""
    user_id = rows.user_id(order.buyer.id, order.buyer.email)
    token = text(order.cart_token)
    if shop.datacue.carts != "cart-token" or not user_id or not token:
        return ()
    update = UserUpdate(anonymous_id=token)
    return (set_field(api, Collection.USERS, (user_id,), update, CART_OF_UNKNOWN_USER),)


def _status_alone(api: Api, row: OrderRow) -> Plan:
    """Return the plan of an order whose lines cannot be named any more: they stay as they are."""
    status = CallContext(collection=Collection.ORDERS, act=Act.UPDATE, rows=(row,))
    return Plan(calls=write(api, status), state=encode([row.order_status, LINES_KEPT]))


def removed(api: Api, change: OrderRemoved) -> Plan:
    """Return the plan of a removal; never in a batch, where 2018-09 cancels the order instead."""
    return Plan(calls=(delete(api, Collection.ORDERS, change.entity.id),), state=GONE)

"""Plans of orders. An order is a state here: DataCue has no purchase event."""

from __future__ import annotations

from shared.destinations.building.fields import encode
from shared.destinations.contract import KnownState, Plan
from shared.destinations.datacue import rows
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.calls import Act, CallContext, Collection, delete, write
from shared.destinations.datacue.order_payloads import Order
from shared.model.change import OrderRemoved, OrderSaved
from shared.model.order import Status

GONE = b"gone"
# 2018-09: "orders cannot be updated only created or cancelled"; 2021-02 replaces the whole order.
EDITED = "order_edit_not_expressible"
LINES_KEPT = "lines kept"


def saved(api: Api, change: OrderSaved, known_state: KnownState) -> Plan:
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
        return Plan(calls=write(api, create), state=state)
    status = CallContext(collection=Collection.ORDERS, act=Act.UPDATE, rows=(row,))
    if not api.newer:
        # A cancellation is no edit; any other change may be an edit, and is counted.
        edited = change.order.status is not Status.CANCELLED
        return Plan(calls=write(api, status), state=state, counts=(EDITED,) if edited else ())
    calls = write(api, create)
    if change.order.status is Status.CANCELLED:
        calls += write(api, status)
    return Plan(calls=calls, state=state)


def _status_alone(api: Api, row: Order) -> Plan:
    """Return the plan of an order whose lines cannot be named any more: they stay as they are."""
    status = CallContext(collection=Collection.ORDERS, act=Act.UPDATE, rows=(row,))
    return Plan(calls=write(api, status), state=encode([row.order_status, LINES_KEPT]))


def removed(api: Api, change: OrderRemoved) -> Plan:
    """Return the plan of a removal; never in a batch, where 2018-09 cancels the order instead."""
    return Plan(calls=(delete(api, Collection.ORDERS, change.entity.id),), state=GONE)

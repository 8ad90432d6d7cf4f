"""Plans of carts: the whole cart is sent once for each of its states."""

from __future__ import annotations

from msgspec import UNSET

from shared.destinations.contract import Brief, Event, KnownState, Plan, Rule
from shared.destinations.personaclick import calls, visitors
from shared.destinations.personaclick.line_items import NO_ID, any_sold, counts, sold
from shared.destinations.personaclick.orders import NOTHING
from shared.destinations.personaclick.payloads import CartItem, CartWhole
from shared.model.change import CartSaved
from shared.settings import PersonaClick

CART = Event(name="cart", rule=Rule.PER_VERSION, again=False)


def brief(own: PersonaClick, change: CartSaved) -> Brief:
    """Return the brief of a cart. Without an id in the feed it is not sent: it would look empty."""
    if any_sold(own.feed_id, change.cart.lines) or _emptied(change):
        return Brief(event=CART, visitor=True)
    return Brief(omitted=NO_ID)


def saved(own: PersonaClick, change: CartSaved, known_state: KnownState, brief: Brief) -> Plan:
    """Return the plan of a cart; without lines it was emptied."""
    if brief.omitted:
        return Plan(state=NOTHING, counts=(brief.omitted,))
    rows = sold(own.feed_id, change.cart.lines)
    items = tuple(CartItem(id=one, quantity=row.amount) for one, row in rows.items())
    body = CartWhole(
        **visitors.basics(own, known_state.visitor, visitors.happened(change)),
        items=items if items or own.clear == "empty" else UNSET,
    )
    return Plan(
        calls=(calls.event_call(own, "push", "cart", body),),
        counts=counts(own.feed_id, change.cart.lines, rows),
    )


def _emptied(change: CartSaved) -> bool:
    return not any(line.quantity > 0 for line in change.cart.lines)

"""The cart as it stands, told once for each of its states."""

from __future__ import annotations

from msgspec import UNSET

from shared.destinations.contract import Event, KnownState, Plan, Rule
from shared.destinations.personaclick import calls, visitors
from shared.destinations.personaclick.line_items import NO_ID, any_sold, counts, sold
from shared.destinations.personaclick.orders import NOTHING
from shared.destinations.personaclick.payloads import CartItem, CartWhole
from shared.model.change import CartSaved
from shared.settings import PersonaClick

CART = Event(name="cart", rule=Rule.PER_VERSION, again=False)


def event(own: PersonaClick, change: CartSaved) -> Event | None:
    """Tell whether a cart is told: one of which nothing has an id would look emptied."""
    return CART if any_sold(own.feed_id, change.cart.lines) or _emptied(change) else None


def saved(own: PersonaClick, change: CartSaved, memory: KnownState) -> Plan:
    """Plan a cart; no lines tell that it was emptied (C2)."""
    if event(own, change) is None:
        return Plan(state=NOTHING, counts=(NO_ID,))
    rows = sold(own.feed_id, change.cart.lines)
    items = tuple(CartItem(id=one, quantity=row.amount) for one, row in rows.items())
    body = CartWhole(
        **visitors.basics(own, memory.visitor, visitors.happened(change)),
        items=items if items or own.clear == "empty" else UNSET,
    )
    return Plan(
        calls=(calls.tell(own, "push", "cart", body),),
        counts=counts(own.feed_id, change.cart.lines, rows),
    )


def _emptied(change: CartSaved) -> bool:
    return not any(line.quantity > 0 for line in change.cart.lines)

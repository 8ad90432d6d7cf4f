"""
The visitor's cookie `sc`, and the GUID of a cart's state.

Yespo's document lets us make cookies ("each cookie must be unique for each user. You can create
your own"); eSputnik's needs the cookie of its script, so that a generated one there must be enabled
and is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType

from shared.destinations.building.values import email
from shared.destinations.contract import KnownState
from shared.destinations.tracker.site import Site
from shared.errors import NotExpressible
from shared.model.browsing import BrowsingEvent
from shared.model.change import (
    Browsed,
    CartSaved,
    Change,
    CheckoutStarted,
    OrderSaved,
    PersonSaved,
    visitor_names,
)
from shared.model.entity import Entity, Kind
from shared.model.order import Cart, Checkout, Order

# What we make ids in: `uuid5(NAMESPACE_URL, "https://shoprelay.example/tracker")`, for good.
_OURS = UUID("cadd2622-f69f-5301-9551-abd512043bfe")


def cookie(site: Site, change: Change, memory: KnownState) -> tuple[str, tuple[str, ...]]:
    """
    Return the cookie of a change's visitor, and the metrics to count.

    Raise NotExpressible when it is unknown and none may be generated.
    """
    if memory.visitor.tracker_cookie:
        return memory.visitor.tracker_cookie, ()
    name = next(_names(change), None) if site.invents else None
    if name is None:
        raise NotExpressible("no visitor", "$.GeneralInfo.cookies.sc")
    counts = (site.invented,) if site.invented else ()
    return _made(f"{site.shop}/{name}"), counts


def guid(site: Site, cart: Entity, version: str) -> str:
    """Return the GUID of one state of a cart: the same each time that this state is sent."""
    return _made(f"{site.site_id}/{cart}/{version}")


def _made(name: str) -> str:
    return str(uuid5(_OURS, name)).upper()


def _names(change: Change) -> Iterator[str]:
    """Yield names for the visitor, the surest first: person, browser, cart, order, checkout."""
    id_, address = _person(change)
    if id_:
        yield f"customer/{id_}"
    if address:
        yield f"email/{address}"
    # Of a cart or an order it is the cart's token, which the cart's own name stands for.
    if isinstance(change, Browsed) and change.event.buyer.anonymous:
        yield f"browser/{change.event.buyer.anonymous}"
    for kind in (Kind.CART, Kind.ORDER, Kind.CHECKOUT):
        yield from (str(one) for one in visitor_names(change) if one.kind is kind)


def _person(change: Change) -> tuple[str | None, str | UnsetType]:
    match change:
        case PersonSaved(person=whom):
            return whom.id, email(whom.email)
        case OrderSaved(order=Order(buyer=buyer)) | CartSaved(cart=Cart(buyer=buyer)):
            return buyer.id, email(buyer.email)
        case CheckoutStarted(checkout=Checkout(buyer=buyer)):
            return buyer.id, email(buyer.email)
        case Browsed(event=BrowsingEvent(buyer=buyer)):
            return buyer.id, email(buyer.email)
        case _:
            return None, UNSET

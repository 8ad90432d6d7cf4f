"""
The visitor of an event, identified by the cookie `sc`, and the GUID of a cart's state.

Yespo's document allows generated cookies ("each cookie must be unique for each user. You can create
your own"). eSputnik's document has the cookie of its script: a generated one is counted there, and
can be disabled.
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

# The namespace of all generated ids: `uuid5(NAMESPACE_URL, "https://shoprelay.example/tracker")`.
# It must never change.
_NAMESPACE = UUID("cadd2622-f69f-5301-9551-abd512043bfe")


def cookie(site: Site, change: Change, known_state: KnownState) -> tuple[str, tuple[str, ...]]:
    """
    Return the cookie of the visitor of a change, and the metrics to count.

    Raises NotExpressible if the cookie is not known and may not be generated.
    """
    if known_state.visitor.tracker_cookie:
        return known_state.visitor.tracker_cookie, ()
    name = next(_names(change), None) if site.invents else None
    if name is None:
        raise NotExpressible("no visitor", "$.GeneralInfo.cookies.sc")
    counts = (site.invented,) if site.invented else ()
    return _generate(f"{site.shop}/{name}"), counts


def guid(site: Site, cart: Entity, version: str) -> str:
    """Return the id of a cart's state: equal for the same state, different for the next."""
    return _generate(f"{site.site_id}/{cart}/{version}")


def _generate(name: str) -> str:
    return str(uuid5(_NAMESPACE, name)).upper()


def _names(change: Change) -> Iterator[str]:
    """Yield names of the visitor, the most reliable first: a person, a browser, then a cart."""
    id_, address = _person(change)
    if id_:
        yield f"customer/{id_}"
    if address:
        yield f"email/{address}"
    # In a cart or an order this id is the cart's token, which the cart's name already covers.
    if isinstance(change, Browsed) and change.event.buyer.anonymous:
        yield f"browser/{change.event.buyer.anonymous}"
    for kind in (Kind.CART, Kind.ORDER, Kind.CHECKOUT):
        yield from (str(one) for one in visitor_names(change) if one.kind is kind)


def _person(change: Change) -> tuple[str | None, str | UnsetType]:
    match change:
        case PersonSaved(person=person):
            return person.id, email(person.email)
        case OrderSaved(order=Order(buyer=buyer)) | CartSaved(cart=Cart(buyer=buyer)):
            return buyer.id, email(buyer.email)
        case CheckoutStarted(checkout=Checkout(buyer=buyer)):
            return buyer.id, email(buyer.email)
        case Browsed(event=BrowsingEvent(buyer=buyer)):
            return buyer.id, email(buyer.email)
        case _:
            return None, UNSET

"""
The changes in a shop. A webhook is translated into a tuple of changes, in the order in which a
platform should receive them (a guest before the guest's order).

A change that *saves* or *removes* has a version. A *partial* change (`StockChanged`,
`ConsentChanged`) sets one field with its own timestamp: it neither checks nor advances the version,
and its value is merged into every later full state.
"""

from __future__ import annotations

from shared.model.browsing import BrowsingEvent
from shared.model.entity import Entity, Kind
from shared.model.order import Cart, Checkout, Order
from shared.model.person import Person
from shared.model.product import Product
from shared.model.value import Hidden, Value
from shared.model.version import Version
from shared.model.visitor import NOBODY, Visitor


class ProductSaved(Value):
    """The current product. ``complete`` is False if some of its variants are missing."""

    entity: Entity
    version: Version
    product: Product
    complete: bool = True


class ProductRemoved(Value):
    """A product was deleted, with all its variants; ``phantom`` as in `Removed`."""

    entity: Entity
    version: Version
    phantom: bool = False


class StockChanged(Value):
    """The availability of one variant. ``stock`` as in `Variant`: None is sellable, not counted."""

    entity: Entity
    at: str
    variant_id: str
    default: bool
    stock: int | None


class PersonSaved(Value):
    """
    The current customer or guest. ``modified`` is when the shop last changed it, where the version
    is the time at which the shop was queried.
    """

    entity: Entity
    version: Version
    person: Person
    modified: str | None = None


class ConsentChanged(Value):
    """A person gave or withdrew the consent to marketing e-mail."""

    entity: Entity
    at: str
    person_id: Hidden[str]
    subscribed: bool


class PersonRemoved(Value):
    """
    A person was deleted; ``redacted`` if by a legal request. ``user_id`` is their id at platforms:
    the shop's id, or a guest's e-mail address. ``phantom`` as in `Removed`.
    """

    entity: Entity
    version: Version
    user_id: Hidden[str]
    redacted: bool = False
    phantom: bool = False


class OrderSaved(Value):
    """The current order, with its status and lines; ``modified`` as in `PersonSaved`."""

    entity: Entity
    version: Version
    order: Order
    modified: str | None = None


class OrderRemoved(Value):
    """An order was deleted; ``redacted`` if by a legal request, ``phantom`` as in `Removed`."""

    entity: Entity
    version: Version
    redacted: bool = False
    phantom: bool = False


class CartSaved(Value):
    """The current cart."""

    entity: Entity
    version: Version
    cart: Cart


class CheckoutStarted(Value):
    """Somebody started a checkout; sent once per checkout."""

    entity: Entity
    version: Version
    checkout: Checkout


class Browsed(Value):
    """A browsing event; sent once."""

    entity: Entity
    version: Version
    event: BrowsingEvent


# A delete. The shop also sends deletes of other things: a ``phantom`` may never have been an entity
# of that kind, and is sent only to platforms that received the entity.
Removed = ProductRemoved | PersonRemoved | OrderRemoved
Partial = StockChanged | ConsentChanged
Saved = ProductSaved | PersonSaved | OrderSaved | CartSaved | CheckoutStarted | Browsed
Full = Saved | Removed
Change = Full | Partial


def mentions(change: Change) -> Entity | None:
    """Return the person in a change beside its own entity: the buyer of an order or cart ..."""
    match change:
        case OrderSaved(order=Order(buyer=buyer)):
            return buyer.entity
        case CartSaved(cart=Cart(buyer=buyer)):
            return buyer.entity
        case CheckoutStarted(checkout=Checkout(buyer=buyer)):
            return buyer.entity
        case Browsed(event=BrowsingEvent(buyer=buyer)):
            return buyer.entity
        case _:
            return None


def written_visitor(change: Change) -> Visitor:
    """Return the visitor that the storefront itself wrote into the change."""
    match change:
        case OrderSaved(order=Order(visitor=visitor)):
            return visitor
        case CartSaved(cart=Cart(visitor=visitor)):
            return visitor
        case CheckoutStarted(checkout=Checkout(visitor=visitor)):
            return visitor
        case Browsed(event=BrowsingEvent(visitor=visitor)):
            return visitor
        case _:
            return NOBODY


def visitor_names(change: Change) -> tuple[Entity, ...]:
    """
    Return the entities under which the visitor of a change may be stored, the most reliable first:
    those of one browser (cart, checkout, order), then the buyer, who may use several.
    """
    person = mentions(change)
    known = (person,) if person else ()
    match change:
        case OrderSaved(entity=entity, order=Order(cart_token=cart, checkout_token=checkout)):
            return (*_tokens(cart, checkout), entity, *known)
        case CheckoutStarted(entity=entity, checkout=Checkout(cart_token=cart)):
            return (*_tokens(cart, None), entity, *known)
        case CartSaved(entity=entity):
            return (entity, *known)
        case PersonSaved(entity=entity):
            return (entity,)
        case _:
            return known


def _tokens(cart: str | None, checkout: str | None) -> tuple[Entity, ...]:
    named = ((Kind.CART, cart), (Kind.CHECKOUT, checkout))
    return tuple(Entity.of_token(kind, token) for kind, token in named if token)

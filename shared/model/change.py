"""
What happened in the shop, in our words. A webhook becomes a tuple of changes, in the order in
which a platform should learn them (a guest before the order that names the guest).

A change that *saves* or *removes* carries a version. A *partial* change (`StockChanged`,
`ConsentChanged`) sets one field with a clock of its own: it neither consults nor advances the
version, and its value is merged into every later full row.
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
    """A product as it is now. ``complete`` is False when some variants are missing from it."""

    entity: Entity
    version: Version
    product: Product
    complete: bool = True


class ProductRemoved(Value):
    """A product is gone, with all its variants; ``phantom`` as in `Removed`."""

    entity: Entity
    version: Version
    phantom: bool = False


class StockChanged(Value):
    """The availability of one variant. ``stock`` as in `Variant`: None is sellable, uncounted."""

    entity: Entity
    at: str
    variant_id: str
    default: bool
    stock: int | None


class PersonSaved(Value):
    """A customer or guest as they are now."""

    entity: Entity
    version: Version
    person: Person


class ConsentChanged(Value):
    """A person agreed to marketing e-mail, or took it back."""

    entity: Entity
    at: str
    person_id: Hidden[str]
    subscribed: bool


class PersonRemoved(Value):
    """
    A person is gone; ``redacted`` when the law asks for it. ``user_id`` is the name under which
    platforms know them: the shop's id, or a guest's e-mail address. ``phantom`` as in `Removed`.
    """

    entity: Entity
    version: Version
    user_id: Hidden[str]
    redacted: bool = False
    phantom: bool = False


class OrderSaved(Value):
    """An order as it is now: it exists, has a status and lines."""

    entity: Entity
    version: Version
    order: Order


class OrderRemoved(Value):
    """An order is gone; ``redacted`` when the law asks for it, ``phantom`` as in `Removed`."""

    entity: Entity
    version: Version
    redacted: bool = False
    phantom: bool = False


class CartSaved(Value):
    """A cart as it is now."""

    entity: Entity
    version: Version
    cart: Cart


class CheckoutStarted(Value):
    """Somebody went to the checkout; told once per checkout."""

    entity: Entity
    version: Version
    checkout: Checkout


class Browsed(Value):
    """A shopper did something in the storefront's pages; told once."""

    entity: Entity
    version: Version
    event: BrowsingEvent


# Something is gone. A ``phantom`` may never have been of that kind at all, for the shop tells the
# deletes of other things too: no platform is told that never heard of it.
Removed = ProductRemoved | PersonRemoved | OrderRemoved
Partial = StockChanged | ConsentChanged
Saved = ProductSaved | PersonSaved | OrderSaved | CartSaved | CheckoutStarted | Browsed
Full = Saved | Removed
Change = Full | Partial


def mentions(change: Change) -> Entity | None:
    """Whom a change names beside its own entity: the buyer of an order, cart or checkout."""
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
    """Give what the storefront itself wrote down of the visitor, in the change."""
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
    Give the names under which the visitor behind a change may be known, the surest first: what
    belongs to one browser (cart, checkout, order), then who bought, who may have several.
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

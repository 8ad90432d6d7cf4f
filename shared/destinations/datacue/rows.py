"""
Conversion of people and orders to DataCue's rows, and of the values that all rows share. A required
field that a shop may leave empty gets a fallback, never an empty string.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from shared.destinations.building.values import amount, email, text
from shared.destinations.datacue import order_payloads
from shared.errors import NotExpressible
from shared.model.order import Line, Order, Status
from shared.model.person import Person

# The document's own example of a constant for products without variants.
NO_VARIANTS = "no-variants"
# The id that DataCue's own plugins use for an unknown buyer.
NO_USER = "no-user"


def second(when: str) -> str:
    """Return an `instant` to the second; the type of the field rejects any other text."""
    return f"{when[:19]}Z"


def variant_id(own: str | None, *, default: bool | None) -> str:
    """Return DataCue's id of a variant; the default variant, or a product alone, has a fixed id."""
    return NO_VARIANTS if default or own is None else own


def user_id(own: str | None, address: str | None) -> str | UnsetType:
    """Return DataCue's id of a person: the shop's id, or a guest's e-mail address."""
    return text(own) or text((address or "").lower())


def user(person: Person, subscribed: bool | None) -> order_payloads.User:  # noqa: FBT001 - a consent
    """Return a user's row in 2018-09. ``subscribed`` is the newest consent, None if unknown."""
    identifier = user_id(person.id, person.email)
    if identifier is UNSET:
        raise NotExpressible("a person without an id and without an e-mail address", "$.user_id")
    location, address = text(person.location), email(person.email)
    return order_payloads.User(
        user_id=identifier,
        email=address,
        first_name=_first_name(person, identifier),
        last_name=text(person.last_name),
        profile=order_payloads.Profile(location=location) if location else UNSET,
        # No subscription without an address: the document forbids it, and it has no effect.
        email_subscriber=UNSET if subscribed is None else subscribed and bool(address),
        timestamp=second(person.registered) if person.registered else UNSET,
    )


def user_2021(person: Person, subscribed: bool | None) -> order_payloads.User2021:  # noqa: FBT001 - as above
    """Return a user's row in 2021-02, with a flag for guests."""
    row = user(person, subscribed)
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    return order_payloads.User2021(**fields, guest_account=True if person.guest else UNSET)


def _first_name(person: Person, identifier: str) -> str:
    """Return the first name or a fallback: it is required, and no order may fail without it."""
    local = (person.email or "").partition("@")[0]
    return text(person.first_name) or text(person.last_name) or text(local) or identifier


def order(whole: Order) -> order_payloads.Order:
    """
    Return an order's row, the same in both profiles; without lines its cart is empty.

    "completed as soon as the checkout is": whether it is paid does not matter.
    """
    return order_payloads.Order(
        order_id=whole.id,
        user_id=user_id(whole.buyer.id, whole.buyer.email) or NO_USER,
        order_status="cancelled" if whole.status is Status.CANCELLED else "completed",
        cart=tuple(order_line(line) for line in whole.lines if line.quantity > 0),
        timestamp=second(whole.placed_at),
    )


def order_line(line: Line) -> order_payloads.OrderLine:
    """Return a line of an order; in 2021-02 carts and checkouts have the same lines."""
    return order_payloads.OrderLine(
        product_id=line.product_id,
        variant_id=variant_id(line.variant_id, default=line.default),
        quantity=line.quantity,
        unit_price=amount(line.price),
        currency=line.price.currency.upper(),
    )

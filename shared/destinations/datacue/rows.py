"""
People and orders become DataCue's rows, field by field, and with them the values that all rows are
made of. What the document requires and a shop may leave empty gets a fallback, never an empty
string.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from shared.destinations.building.values import amount, email, text
from shared.destinations.datacue import order_payloads
from shared.errors import NotExpressible
from shared.model.order import Line, Order
from shared.model.person import Person

# The document's own example of a constant for products without variants.
NO_VARIANTS = "no-variants"
# The name that DataCue's own plugins use for an unknown buyer.
NO_USER = "no-user"


def second(when: str) -> str:
    """Write an `instant` to the second; what is none is found by the type of the field."""
    return f"{when[:19]}Z"


def variant_id(own: str, *, default: bool | None) -> str:
    """Name a variant: one that stands for the product itself has a fixed name."""
    return NO_VARIANTS if default else own


def user_id(own: str | None, address: str | None) -> str | UnsetType:
    """Name a person: the shop's id, or a guest's e-mail address."""
    return text(own) or text((address or "").lower())


def user(person: Person, subscribed: bool | None) -> order_payloads.User:  # noqa: FBT001 - a consent
    """Return a user's row, 2018-09. ``subscribed`` is the newest consent, None for none."""
    named = user_id(person.id, person.email)
    if named is UNSET:
        raise NotExpressible("a person without an id and without an e-mail address", "$.user_id")
    location, address = text(person.location), email(person.email)
    return order_payloads.User(
        user_id=named,
        email=address,
        first_name=_first_name(person, named),
        last_name=text(person.last_name),
        profile=order_payloads.Profile(location=location) if location else UNSET,
        # Without an address there is no subscription: the document forbids it.
        email_subscriber=UNSET if subscribed is None else subscribed and bool(address),
        timestamp=second(person.registered) if person.registered else UNSET,
    )


def user_2021(person: Person, subscribed: bool | None) -> order_payloads.User2021:  # noqa: FBT001 - as above
    """Write a user's row, 2021-02: guests are marked."""
    row = user(person, subscribed)
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    return order_payloads.User2021(**fields, guest_account=True if person.guest else UNSET)


def _first_name(person: Person, named: str) -> str:
    """Return the first name; it is required, and no order is lost for the lack of it."""
    local = (person.email or "").partition("@")[0]
    return text(person.first_name) or text(person.last_name) or text(local) or named


def order(whole: Order) -> order_payloads.Order:
    """Write an order's row; both profiles have the same. No lines are an empty cart."""
    return order_payloads.Order(
        order_id=whole.id,
        user_id=user_id(whole.buyer.id, whole.buyer.email) or NO_USER,
        order_status=whole.status.value,
        cart=tuple(order_line(line) for line in whole.lines if line.quantity > 0),
        timestamp=second(whole.placed_at),
    )


def order_line(line: Line) -> order_payloads.OrderLine:
    """Write a line of an order; in 2021-02 carts and checkouts have the same."""
    return order_payloads.OrderLine(
        product_id=line.product_id,
        variant_id=variant_id(line.variant_id, default=line.default),
        quantity=line.quantity,
        unit_price=amount(line.price),
        currency=line.price.currency.upper(),
    )

"""People: customers with an account, and guests with only an e-mail address."""

from __future__ import annotations

from shared.model.entity import Entity
from shared.model.value import Hidden, Value


class Person(Value):
    """
    A customer, or a guest if ``id`` is None.

    ``email`` is lower-cased and trimmed. ``location`` is one place, the narrowest known of city,
    region, country. ``subscribed`` is the consent to marketing e-mail, None if unknown, and
    ``subscribed_at`` the `instant` since which it is so, None if it is as of the whole state.
    ``registered`` is an `instant`, None if unknown. A repr hides all personal data.
    """

    id: Hidden[str | None]
    email: Hidden[str | None]
    first_name: Hidden[str | None] = None
    last_name: Hidden[str | None] = None
    phone: Hidden[str | None] = None
    location: Hidden[str | None] = None
    subscribed: bool | None = None
    subscribed_at: str | None = None
    registered: str | None = None

    @property
    def guest(self) -> bool:
        """Whether the shop knows only the e-mail address of this person."""
        return self.id is None


class Buyer(Value):
    """
    The buyer of an order, cart or checkout.

    ``entity`` is the person's, None if unknown; ``anonymous`` is an opaque token of an unidentified
    visitor. ``name`` and ``phone`` are those in the order or checkout.
    """

    id: Hidden[str | None] = None
    email: Hidden[str | None] = None
    entity: Entity | None = None
    anonymous: Hidden[str | None] = None
    name: Hidden[str | None] = None
    phone: Hidden[str | None] = None

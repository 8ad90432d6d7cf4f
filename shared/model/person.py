"""People: customers with an account, and guests who only left an e-mail address."""

from __future__ import annotations

from shared.model.entity import Entity
from shared.model.value import Hidden, Value


class Person(Value):
    """
    A customer, or a guest when ``id`` is None.

    ``email`` is lower-cased and trimmed. ``location`` is one place, the narrowest known of city,
    region, country. ``subscribed`` is the consent to marketing e-mail, None when not told.
    ``registered`` is an `instant`, None when not told. Nothing of a person shows in a repr.
    """

    id: Hidden[str | None]
    email: Hidden[str | None]
    first_name: Hidden[str | None] = None
    last_name: Hidden[str | None] = None
    phone: Hidden[str | None] = None
    location: Hidden[str | None] = None
    subscribed: bool | None = None
    registered: str | None = None

    @property
    def guest(self) -> bool:
        """Whether the shop knows this person by e-mail address alone."""
        return self.id is None


class Buyer(Value):
    """
    Who an order, cart or checkout belongs to.

    ``entity`` is the person's, None when nobody is known; ``anonymous`` is an opaque token of a
    visitor who is not known by name. ``name`` and ``phone`` are as the order or checkout tells
    them.
    """

    id: Hidden[str | None] = None
    email: Hidden[str | None] = None
    entity: Entity | None = None
    anonymous: Hidden[str | None] = None
    name: Hidden[str | None] = None
    phone: Hidden[str | None] = None

"""People: customers with an account, and guests who only left an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.model.entity import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    A customer, or a guest when ``id`` is None.

    ``email`` is lower-cased and trimmed. ``location`` is one place, the narrowest known of city,
    region, country. ``subscribed`` is the consent to marketing e-mail, None when not told.
    ``registered`` is an `instant`, None when not told. Nothing of a person shows in a repr.
    """

    id: str | None = field(repr=False)
    email: str | None = field(repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    location: str | None = field(default=None, repr=False)
    subscribed: bool | None = None
    registered: str | None = None

    @property
    def guest(self) -> bool:
        """Whether the shop knows this person by e-mail address alone."""
        return self.id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """
    Who an order, cart or checkout belongs to.

    ``entity`` is the person's, None when nobody is known; ``anonymous`` is an opaque token of a
    visitor who is not known by name. ``name`` and ``phone`` are as the order or checkout tells
    them.
    """

    id: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    entity: Entity | None = None
    anonymous: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)

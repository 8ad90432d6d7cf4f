"""Entities: the things of a shop that have a state."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from shared.model.value import Value


class Kind(StrEnum):
    """The kinds of entity that have a row in the ledger."""

    PRODUCT = "product"
    ORDER = "order"
    PERSON = "person"
    CART = "cart"
    CHECKOUT = "checkout"
    BROWSING = "browsing"


class Entity(Value, kw_only=False, order=True):
    """
    One product, order, person, cart, checkout or browsing event of the merchant's shop.

    ``id`` is the shop's id as text. A guest has none: their id is ``email:`` and a keyed hash of
    the lower-cased e-mail address, so that no key, log or attribute contains the address.
    """

    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Entity:
        """Return the entity that a text stands for."""
        kind, _, name = text.partition(":")
        return cls(Kind(kind), name)

    @classmethod
    def of_token(cls, kind: Kind, token: str) -> Entity:
        """
        Return the entity of a cart or checkout, with a hash of its token: an entity is in keys,
        queues and logs, and the token gives access to the cart. The token is random, so the hash
        needs no key.
        """
        return cls(kind, hashlib.sha256(token.encode()).hexdigest()[:32])

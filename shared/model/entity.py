"""What a state belongs to."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from shared.model.value import Value


class Kind(StrEnum):
    """The kinds of entity that the ledger keeps a row for."""

    PRODUCT = "product"
    ORDER = "order"
    PERSON = "person"
    CART = "cart"
    CHECKOUT = "checkout"
    BROWSING = "browsing"


class Entity(Value, kw_only=False, order=True):
    """
    One product, order, person, cart, checkout or browsing event of the merchant's shop.

    ``id`` is the shop's id as text. A guest has none: theirs is ``email:`` and a keyed hash of the
    lower-cased e-mail address, so that no key, log or attribute holds the address.
    """

    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Entity:
        """Read what ``str(entity)`` wrote."""
        kind, _, name = text.partition(":")
        return cls(Kind(kind), name)

    @classmethod
    def of_token(cls, kind: Kind, token: str) -> Entity:
        """
        Name a cart or checkout by its token: an entity is in keys, queues and logs, and who has the
        token has the cart. It is random, so that the hash needs no key.
        """
        return cls(kind, hashlib.sha256(token.encode()).hexdigest()[:32])

"""What a state belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of entity that the ledger keeps a row for."""

    PRODUCT = "product"
    ORDER = "order"
    PERSON = "person"
    CART = "cart"
    CHECKOUT = "checkout"


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """
    One product, order, person, cart or checkout of the merchant's shop.

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

"""What one translation works on, and what it may ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from shared.model.money import Money
from shared.model.value import Hidden, Value
from shared.model.version import Version
from shared.settings import Shopify
from shared.sources.contract import Translated
from shared.sources.parsing.context import TranslationContext
from shared.sources.parsing.scalars import Amount
from shared.sources.parsing.timestamps import believed
from shared.sources.shopify import payloads


class Fetched(Value):
    """A product as the store has it ``at`` an `instant`, whole; ``tracked`` by inventory item."""

    product: payloads.Product
    tracked: Mapping[str, bool]
    at: str


class Store(Protocol):
    """
    The shop's own API. Both give None where the shop has no such thing, and raise StoreUnavailable
    at the deadline (epoch seconds) at the latest.
    """

    def product(self, product_id: str, deadline: float) -> Fetched | None:
        """Read a product with all its variants."""
        ...

    def product_of_item(self, item_id: str, deadline: float) -> Fetched | None:
        """Read the product that has the variant of an inventory item."""
        ...


class Context(TranslationContext):
    """What is given, the shop's section of the merchant's file, and its API."""

    shop: Shopify
    store: Hidden[Store | None] = None

    def version(self, modified: str | None) -> Version:
        """Give the version of a full state: its own modified time, then the trigger's."""
        triggered = self.envelope.triggered_at
        return Version(self.heard(modified) or triggered, triggered)

    def heard(self, when: str | None) -> str | None:
        """Give a moment that a body tells, as far as it can be; see `moments.believed`."""
        return when and believed(when, self.envelope.received_at)

    def deletion(self) -> Version:
        """Give the version of a delete: a body like ``{"id": 1}`` tells no time of its own."""
        return Version.at(self.envelope.triggered_at)

    def price(self, amount: Amount) -> Money | None:
        """Give an amount in the shop's currency, which product payloads leave out."""
        return None if amount.value is None else Money(amount.value, self.merchant.currency)


Translation = Callable[[Context], Translated]

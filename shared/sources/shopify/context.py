"""The input of one translation, and the store that it may query."""

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
from shared.sources.parsing.timestamps import plausible_time, plausible_trigger
from shared.sources.shopify import payloads


class Fetched(Value):
    """A whole product, read from the store ``at`` an `instant`; ``tracked`` by inventory item."""

    product: payloads.Product
    tracked: Mapping[str, bool]
    at: str


class Store(Protocol):
    """
    The shop's own API. Both methods return None where the shop has no such product, and raise
    StoreUnavailable at the deadline (epoch seconds) at the latest, and NotUnderstood, with the path
    in the response, where a document lacks what is needed: no retry changes that.
    """

    def product(self, product_id: str, deadline: float) -> Fetched | None:
        """Read a product with all its variants."""
        ...

    def product_of_item(self, item_id: str, deadline: float) -> Fetched | None:
        """Read the product of an inventory item's variant."""
        ...


class Context(TranslationContext):
    """A `TranslationContext` with the shop's section of the merchant file, and its API."""

    shop: Shopify
    store: Hidden[Store | None] = None

    def version(self, modified: str | None) -> Version:
        """Return the version of a full state: its own modified time, then the trigger time."""
        triggered = self.triggered(modified)
        return Version(self.plausible_time(modified) or triggered, triggered)

    def triggered(self, modified: str | None) -> str:
        """Return the trigger time, as far as the signed modified time of the body confirms it."""
        return plausible_trigger(self.envelope.triggered_at, self.plausible_time(modified))

    def plausible_time(self, when: str | None) -> str | None:
        """Return a moment of the body, if it is plausible; see `timestamps.plausible_time`."""
        return when and plausible_time(when, self.envelope.received_at)

    def deletion_version(self) -> Version:
        """Return the version of a delete: a body like ``{"id": 1}`` has no time of its own."""
        return Version.at(self.envelope.triggered_at)

    def price(self, amount: Amount) -> Money | None:
        """Return an amount in the shop's currency, which product payloads omit."""
        return None if amount.value is None else Money(amount.value, self.merchant.currency)


Translation = Callable[[Context], Translated]

"""The input of one translation, and the store that it may query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from shared.errors import StoreUnavailable
from shared.model.entity import Entity
from shared.model.value import Hidden, Value, replace
from shared.settings import WooCommerce
from shared.sources.contract import Translated
from shared.sources.parsing.context import TranslationContext
from shared.sources.woocommerce.order_payloads import Customer, Order
from shared.sources.woocommerce.product_payloads import Product


class Category(Value):
    """A category of the store; ``parent`` is None at the top. ``name`` is plain text."""

    name: str
    parent: str | None


class Store(Protocol):
    """
    The store's REST API. A document is None where the store has none with that id. All methods
    raise StoreUnavailable at the deadline (epoch seconds) at the latest, and NotUnderstood, with
    the path in the response, where a document lacks what is needed: no retry changes that.
    """

    def product(self, product_id: str, deadline: float) -> Product | None:
        """Read a product or a variation; one in the trash has that status."""
        ...

    def variations(self, product_id: str, deadline: float) -> tuple[Product, ...]:
        """Read all variations of a product."""
        ...

    def order(self, order_id: str, deadline: float) -> Order | None:
        """Read an order."""
        ...

    def customer(self, customer_id: str, deadline: float) -> Customer | None:
        """Read a customer."""
        ...

    def categories(
        self, deadline: float, only: frozenset[str] = frozenset()
    ) -> Mapping[str, Category]:
        """Read all categories by id, or ``only`` those with these ids."""
        ...

    def currency(self, deadline: float) -> str:
        """Read the currency of product prices."""
        ...


class Context(TranslationContext):
    """A `TranslationContext` with the store's section of the merchant file, and its API."""

    shop: WooCommerce
    store: Hidden[Store | None] = None

    @property
    def always_queried(self) -> Store | None:
        """
        Return the store if it is read for every change, so that a body only names what changed.

        A body may be older than the store: WooCommerce renders several deliveries in one process,
        from its object cache, and the change that came in between sends nothing more (10.7).
        """
        return self.store if self.shop.read_store == "always" else None


Translation = Callable[[Context], Translated]


def read_once(context: Context, entity: Entity, translate: Callable[[], Translated]) -> Translated:
    """
    Return a translation that reads an entity from the store, unless another delivery does.

    A copy for one destination, or a replay, always reads: its changes are its own. Raise
    StoreReadLater and StoreReadSince.
    """
    envelope, ports = context.envelope, context.ports
    if envelope.destination is not None or envelope.replays:
        return translate()
    if context.deadline <= ports.now():
        raise StoreUnavailable("no time is left to query the store")
    read = ports.begin_read(entity, envelope.received_at)
    try:
        return replace(translate(), read=read)
    except Exception:
        ports.end_read(read, settled=False)
        raise

"""What differs between the two documents, as records: the events and the status of success."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.sandbox.exchange import State
from cli.sandbox.fields import Shape
from cli.sandbox.tracker import storage, tables


def _fine(_: Any) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """
    An event: the key of its body (None for none), its field table, and how it is stored. ``info``
    is the field table of its `GeneralInfo`.
    """

    key: str | None
    shape: Shape
    store: Callable[[State, dict[str, Any]], str | None]
    extra_check: Callable[[Any], None] = _fine
    info: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One document: its events, the rows of its product updates, the status of success."""

    events: Mapping[str, Event]
    row: Shape
    success: int


def _event(key: str, shape: Shape, **more: Any) -> Event:
    defaults: dict[str, Any] = {"store": storage.record_event, "info": tables.INFO}
    return Event(key=key, shape=shape, **defaults | more)


_SHARED: Mapping[str, Event] = {
    "ProductPage": _event("ProductPage", tables.SEEN),
    "StatusCart": _event("StatusCart", tables.CART, store=storage.save_cart),
    "AddToWishlist": _event("AddToWishlist", tables.SEEN),
    # The event's name has one letter more than the body's key, in the samples of both documents.
    "ProductImpressions": _event("ProductImpression", tables.SHOWN, extra_check=tables.shown),
    "CategoryPage": _event("CategoryPage", tables.CATEGORY),
    "CustomerData": Event(key=None, shape={}, store=storage.save_customer, info=tables.INFO),
}
_BOUGHT = {"store": storage.record_purchase, "extra_check": tables.purchase}
YESPO = Edition(
    events={
        **_SHARED,
        "PurchasedItems": _event("PurchasedItems", tables.PURCHASE_YESPO, **_BOUGHT),
        "SearchRequest": _event("SearchRequest", tables.SEARCH_YESPO),
    },
    row=tables.ROW_YESPO,
    success=200,
)
ESPUTNIK = Edition(
    events={
        **_SHARED,
        "PurchasedItems": _event("PurchasedItems", tables.PURCHASE_ESPUTNIK, **_BOUGHT),
        # In this document it is a call of the page's script; the body is as in the other document.
        "SearchRequest": _event("SearchRequest", tables.SEARCH_ESPUTNIK),
        "CustomEvent": _event("CustomEvent", tables.OWN, info=tables.CUSTOM_INFO),
    },
    row=tables.ROW_ESPUTNIK,
    success=204,
)

"""A site at a tracker as a destination: one record of functions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from shared.destinations.building.fields import encode
from shared.destinations.contract import Destination, Event, KnownState, Need, Plan
from shared.destinations.tracker import browsing, carts, orders, people, products
from shared.destinations.tracker.site import Site
from shared.http.call import Call
from shared.http.verdict import Delivered, Response, Retry, Verdict, judge_status
from shared.model.change import (
    Browsed,
    CartSaved,
    Change,
    CheckoutStarted,
    ConsentChanged,
    OrderRemoved,
    OrderSaved,
    PersonRemoved,
    PersonSaved,
    ProductRemoved,
    ProductSaved,
    StockChanged,
)
from shared.settings import Merchant, TrackerSecrets


def destination(site: Site, merchant: Merchant, secrets: TrackerSecrets) -> Destination:
    """Make the destination of a site."""

    def plan(change: Change, memory: KnownState) -> Plan:
        return _plan(site, change, memory)

    def event(change: Change) -> Event | None:
        return _event(site, change)

    def sign(_call: Call) -> Mapping[str, str]:
        return _headers(secrets.api_key)

    def need(change: Change) -> Need:
        cart = orders.cart(site, change) if isinstance(change, OrderSaved) else None
        told = isinstance(change, PersonSaved) or _event(site, change) is not None
        return Need(visitor=told, cart=cart)

    return Destination(
        name=site.name,
        fingerprint=_fingerprint(site, merchant, secrets.api_key),
        plan=plan,
        event=event,
        sign=sign,
        judge=_judge,
        need=need,
        forgets=False,
    )


def _event(site: Site, change: Change) -> Event | None:
    match change:
        case OrderSaved():
            return orders.event(site, change)
        case CartSaved():
            return carts.cart_event(site, change)
        case CheckoutStarted():
            return carts.checkout_event(site)
        case Browsed():
            return browsing.event(site, change)
        case _:
            return None


def _plan(site: Site, change: Change, memory: KnownState) -> Plan:
    """Plan a change. Raises NotExpressible with the path of what breaks the document."""
    match change:
        case ProductSaved() | ProductRemoved() | StockChanged():
            return _plan_product(site, change, memory)
        case PersonSaved():
            return people.saved(site, change, memory)
        case PersonRemoved():
            return people.removed(change)
        case ConsentChanged():
            return Plan(counts=(people.CONSENT,))
        case OrderSaved():
            return orders.saved(site, change, memory)
        case OrderRemoved():
            return orders.removed()
        case CartSaved() | CheckoutStarted() | Browsed():
            return _plan_visit(site, change, memory)


def _plan_product(
    site: Site, change: ProductSaved | ProductRemoved | StockChanged, memory: KnownState
) -> Plan:
    match change:
        case ProductSaved():
            return products.saved(site, change, memory)
        case ProductRemoved():
            return products.removed(site, change, memory)
        case StockChanged():
            return products.stock_changed(site, change, memory)


def _plan_visit(
    site: Site, change: CartSaved | CheckoutStarted | Browsed, memory: KnownState
) -> Plan:
    match change:
        case CartSaved():
            return carts.cart_saved(site, change, memory)
        case CheckoutStarted():
            return carts.checkout_started(site, change, memory)
        case Browsed():
            return browsing.browsed(site, change, memory)


def _judge(_call: Call, answer: Response, now: float) -> Verdict:
    """Judge by the status: one document answers 200, the other 204, and neither with a body."""
    verdict = judge_status(answer, now)
    if isinstance(verdict, Delivered) and answer.body.lstrip()[:1] == b"<":
        # A proxy or a parked domain speaks: nobody was told.
        return Retry(reason="a page instead of an answer", status=answer.status)
    return verdict


def _headers(key: str | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if key:
        # "No authorization is required"; the platform's own module for WooCommerce sends this.
        token = base64.b64encode(f":{key}".encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    return headers


def _fingerprint(site: Site, shop: Merchant, key: str | None) -> str:
    """
    Tell two accounts, dialects, or ids of the feed apart.

    The key goes in as a hash, for a fingerprint may be logged.
    """
    parts = (
        site.name,
        site.url,
        site.site_id,
        site.feed_id,
        shop.storefront,
        shop.currency,
        hashlib.sha256((key or "").encode()).hexdigest(),
    )
    return hashlib.sha256(encode(parts)).hexdigest()

"""DataCue as a destination: one record of functions for one merchant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from shared.destinations.building.fields import encode
from shared.destinations.contract import Destination, Event, KnownState, Plan
from shared.destinations.datacue import browsing, events, orders, people, products, signing
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.judge import judge as judge_response
from shared.errors import NotConfigured
from shared.http.call import Call
from shared.http.verdict import Response, Verdict
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
from shared.settings import Merchant, Secrets

NAME = "datacue"


def build(merchant: Merchant, secrets: Secrets) -> Destination:
    """Make the destination. Raises NotConfigured without usable credentials."""
    own = secrets.datacue
    if own is None:
        raise NotConfigured("the secret: the section is missing", f"$.{NAME}")
    if ":" in own.api_key:
        # HTTP Basic (RFC 7617) ends the user's name at the first colon.
        raise NotConfigured("the secret: a colon cannot be sent", f"$.{NAME}.api_key")
    api = Api(
        url=merchant.datacue.api_url,
        events_url=merchant.datacue.events_url,
        profile=merchant.datacue.profile,
    )

    def plan(change: Change, memory: KnownState) -> Plan:
        return _plan(api, merchant, change, memory)

    def event(change: Change) -> Event | None:
        return events.event(merchant, change) or browsing.event(change)

    def sign(call: Call) -> Mapping[str, str]:
        return signing.headers(call, own.api_key, own.api_secret)

    def judge(call: Call, answer: Response, now: float) -> Verdict:
        return judge_response(api, call, answer, now)

    return Destination(
        name=NAME,
        fingerprint=_fingerprint(merchant, own.api_key),
        plan=plan,
        event=event,
        sign=sign,
        judge=judge,
    )


def _plan(api: Api, shop: Merchant, change: Change, memory: KnownState) -> Plan:
    """Plan a change. Raises NotExpressible with the path of what breaks the document."""
    match change:
        case ProductSaved() | ProductRemoved() | StockChanged():
            return _plan_product(api, shop, change, memory)
        case PersonSaved() | PersonRemoved() | ConsentChanged():
            return _plan_person(api, change, memory)
        case OrderSaved():
            return orders.saved(api, change, memory)
        case OrderRemoved():
            return orders.removed(api, change)
        case CartSaved():
            return events.cart_updated(api, shop, change)
        case CheckoutStarted():
            return events.checkout_started(api, shop, change)
        case Browsed():
            return browsing.browsed(api, change)


def _plan_product(
    api: Api,
    shop: Merchant,
    change: ProductSaved | ProductRemoved | StockChanged,
    memory: KnownState,
) -> Plan:
    match change:
        case ProductSaved():
            return products.saved(api, shop, change, memory)
        case ProductRemoved():
            return products.removed(api, change)
        case StockChanged():
            return products.stock_changed(api, shop, change, memory)


def _plan_person(
    api: Api, change: PersonSaved | PersonRemoved | ConsentChanged, memory: KnownState
) -> Plan:
    match change:
        case PersonSaved():
            return people.saved(api, change, memory)
        case PersonRemoved():
            return people.removed(api, change)
        case ConsentChanged():
            return people.consent_changed(api, change, memory)


def _fingerprint(shop: Merchant, key: str) -> str:
    """
    Tell two accounts, versions of the API, or sets of fallbacks apart.

    The key goes in as a hash, for a fingerprint may be logged.
    """
    parts = (
        shop.datacue.api_url,
        shop.datacue.events_url,
        hashlib.sha256(key.encode()).hexdigest(),
        shop.datacue.profile,
        shop.storefront,
        shop.currency,
        shop.catalog.default_category,
        shop.catalog.placeholder_photo,
        shop.catalog.untracked_stock,
    )
    return hashlib.sha256(encode(parts)).hexdigest()

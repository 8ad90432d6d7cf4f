"""DataCue as a destination: one record of functions for one merchant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from shared.destinations.building.fields import encode
from shared.destinations.contract import NO_BRIEF, Brief, Destination, Planner
from shared.destinations.datacue import browsing, events, orders, people, products, signing
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.judge import judge as judge_response
from shared.errors import NotConfigured
from shared.http.call import Call, Request
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
    """Return the destination. Raise NotConfigured without usable credentials."""
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

    def brief(change: Change) -> Brief:
        match change:
            case CartSaved() | CheckoutStarted():
                return events.brief(merchant, change)
            case Browsed():
                return browsing.brief(change)
            case _:
                return NO_BRIEF

    def sign(call: Call) -> Request:
        headers = signing.headers(call, own.api_key, own.api_secret)
        return Request(call=call, headers=headers)

    def judge(call: Call, answer: Response, now: float) -> Verdict:
        return judge_response(api, call, answer, now)

    return Destination(
        name=NAME,
        fingerprint=_fingerprint(merchant, own.api_key),
        plans=_plans(api, merchant),
        brief=brief,
        sign=sign,
        judge=judge,
    )


def _plans(api: Api, shop: Merchant) -> Mapping[type[Change], Planner]:
    return {
        ProductSaved: lambda change, known, _: products.saved(api, shop, change, known),
        ProductRemoved: lambda change, _known, _: products.removed(api, change),
        StockChanged: lambda change, known, _: products.stock_changed(api, shop, change, known),
        PersonSaved: lambda change, known, _: people.saved(api, change, known),
        PersonRemoved: lambda change, _known, _: people.removed(api, change),
        ConsentChanged: lambda change, known, _: people.consent_changed(api, change, known),
        OrderSaved: lambda change, known, _: orders.saved(api, shop, change, known),
        OrderRemoved: lambda change, _known, _: orders.removed(api, change),
        CartSaved: lambda change, _known, _: events.cart_updated(api, shop, change),
        CheckoutStarted: lambda change, _known, _: events.checkout_started(api, shop, change),
        Browsed: lambda change, _known, _: browsing.browsed(api, change),
    }


def _fingerprint(shop: Merchant, key: str) -> str:
    """
    Return a hash that differs between accounts, versions of the API, or sets of fallbacks.

    The key is hashed first, because a fingerprint may be logged.
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

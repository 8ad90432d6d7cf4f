"""PersonaClick as a destination: one record of functions for one merchant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from shared.destinations.building.fields import encode
from shared.destinations.contract import NO_BRIEF, Brief, Destination, Plan, Planner
from shared.destinations.personaclick import (
    browsing,
    calls,
    carts,
    catalog,
    judge,
    orders,
    visitors,
)
from shared.errors import NotConfigured
from shared.http.call import Call, Request
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
from shared.model.visitor import Visitor
from shared.settings import Merchant, PersonaClick, Secrets

NAME = "personaclick"
REMOVAL = "person_removal_not_expressible"
# The document identifies devices, not people.
UNSUPPORTED: Mapping[type[Change], str] = {
    PersonSaved: "the document has no call for people",
    ConsentChanged: "the document has no call for consent",
    CheckoutStarted: "the document has no event for a checkout",
}


def build(merchant: Merchant, secrets: Secrets) -> Destination:
    """Return the destination. Raise NotConfigured without its section, or a secret it needs."""
    own = merchant.personaclick
    if own is None:
        raise NotConfigured("the merchant file: the section is missing", f"$.{NAME}")
    secret = secrets.personaclick.shop_secret
    if secret is None and (own.catalog or own.order_status):
        msg = "the secret: catalog and order_status need the store's"
        raise NotConfigured(msg, f"$.{NAME}.shop_secret")
    settings = own

    def identify(change: Change, visitor: Visitor) -> Call | Visitor:
        if isinstance(change, OrderSaved | CartSaved | Browsed):
            return visitors.identify(settings, change, visitor)
        return visitor

    def sign(call: Call) -> Request:
        return Request(call=calls.seal(call, secret), headers=_headers(call))

    return Destination(
        name=NAME,
        fingerprint=_fingerprint(merchant, own, secret),
        plans=_plans(own, merchant),
        unsupported=UNSUPPORTED,
        brief=lambda change: _brief(own, merchant, change),
        identify=identify,
        sign=sign,
        judge=judge.judge,
        forgets=False,
        after_event=lambda change: orders.after_purchase(settings, change),
    )


def _brief(own: PersonaClick, shop: Merchant, change: Change) -> Brief:
    match change:
        case OrderSaved():
            return orders.brief(own, shop, change)
        case CartSaved():
            return carts.brief(own, change)
        case Browsed():
            return browsing.brief(change)
        case _:
            return NO_BRIEF


def _plans(own: PersonaClick, shop: Merchant) -> Mapping[type[Change], Planner]:
    return {
        ProductSaved: lambda change, known, _: catalog.saved(own, shop, change, known),
        ProductRemoved: lambda change, known, _: catalog.removed(own, change, known),
        StockChanged: lambda _change, _known, _: catalog.stock_changed(own),
        PersonRemoved: lambda change, _known, _: _person_removed(change),
        OrderSaved: lambda change, known, brief: orders.saved(own, shop, change, known, brief),
        OrderRemoved: lambda change, _known, _: orders.removed(own, change),
        CartSaved: lambda change, known, brief: carts.saved(own, change, known, brief),
        Browsed: lambda change, known, _: browsing.browsed(own, change, known),
    }


def _person_removed(change: PersonRemoved) -> Plan:
    alarms = ("EraseByHand",) if change.redacted else ()
    return Plan(state=orders.GONE, counts=(REMOVAL,), alarms=alarms)


def _headers(call: Call) -> Mapping[str, str]:
    # The store's key is in the address or in the body: there is nothing to sign.
    typed = {"Content-Type": "application/json"} if call.body else {}
    return {"User-Agent": "Shoprelay", **typed}


def _fingerprint(shop: Merchant, own: PersonaClick, secret: str | None) -> str:
    """
    Return a hash that differs between accounts or sets of fallbacks.

    The secret is hashed first, because a fingerprint may be logged.
    """
    parts = (
        own.url,
        own.shop_id,
        own.feed_id,
        own.catalog,
        own.order_status,
        hashlib.sha256((secret or "").encode()).hexdigest(),
        shop.storefront,
        shop.catalog.default_category,
        shop.catalog.placeholder_photo,
    )
    return hashlib.sha256(encode(parts)).hexdigest()

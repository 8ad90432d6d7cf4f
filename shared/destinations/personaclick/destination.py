"""PersonaClick as a destination: one record of functions for one merchant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from shared.destinations.building.fields import encode
from shared.destinations.contract import Destination, Event, KnownState, Need, Plan
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
from shared.http.call import Call
from shared.model.browsing import Pushed
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


def build(merchant: Merchant, secrets: Secrets) -> Destination:
    """Make the destination. Raises NotConfigured without its section, or a secret it needs."""
    own = merchant.personaclick
    if own is None:
        raise NotConfigured("the merchant file: the section is missing", f"$.{NAME}")
    secret = secrets.personaclick.shop_secret
    if secret is None and (own.catalog or own.order_status):
        msg = "the secret: catalog and order_status need the store's"
        raise NotConfigured(msg, f"$.{NAME}.shop_secret")
    settings = own

    def plan(change: Change, memory: KnownState) -> Plan:
        return _plan(settings, merchant, change, memory)

    def event(change: Change) -> Event | None:
        return _event(settings, change)

    def need(change: Change) -> Need:
        return Need(visitor=_of_somebody(settings, change))

    def meet(change: Change, visitor: Visitor) -> Call | Visitor:
        if isinstance(change, OrderSaved | CartSaved | Browsed):
            return visitors.identify(settings, change, visitor)
        return visitor

    return Destination(
        name=NAME,
        fingerprint=_fingerprint(merchant, own, secret),
        plan=plan,
        event=event,
        sign=_sign,
        judge=judge.judge,
        need=need,
        meet=meet,
        seal=lambda call: calls.seal(call, secret),
        forgets=False,
    )


def _plan(own: PersonaClick, shop: Merchant, change: Change, memory: KnownState) -> Plan:
    """Plan a change. Raises NotExpressible with the path of what breaks the document."""
    match change:
        case OrderSaved():
            return orders.saved(own, change, memory)
        case OrderRemoved():
            return orders.removed()
        case CartSaved():
            return carts.saved(own, change, memory)
        case Browsed():
            return browsing.browsed(own, change, memory)
        case ProductSaved() | ProductRemoved() | StockChanged():
            return _plan_product(own, shop, change, memory)
        case _:
            return _plan_person(change)


def _plan_product(
    own: PersonaClick,
    shop: Merchant,
    change: ProductSaved | ProductRemoved | StockChanged,
    memory: KnownState,
) -> Plan:
    match change:
        case ProductSaved():
            return catalog.saved(own, shop, change, memory)
        case ProductRemoved():
            return catalog.removed(own, change, memory)
        case StockChanged():
            return catalog.stock_changed(own)


def _plan_person(
    change: PersonSaved | PersonRemoved | ConsentChanged | CheckoutStarted,
) -> Plan:
    """Plan what the document has no call for: it knows devices, and nobody's name."""
    if not isinstance(change, PersonRemoved):
        return Plan()
    alarms = ("EraseByHand",) if change.redacted else ()
    return Plan(state=orders.GONE, counts=(REMOVAL,), alarms=alarms)


def _event(own: PersonaClick, change: Change) -> Event | None:
    match change:
        case OrderSaved():
            return orders.event(own, change)
        case CartSaved():
            return carts.event(own, change)
        case Browsed():
            return browsing.event(change)
        case _:
            return None


def _of_somebody(own: PersonaClick, change: Change) -> bool:
    """Tell whether a change is told of a visitor; what becomes of a message is told of nobody."""
    if isinstance(change, Browsed) and isinstance(change.event.action, Pushed):
        return False
    return _event(own, change) is not None


def _sign(call: Call) -> Mapping[str, str]:
    # The store's key is in the address or in the body: there is nothing to sign.
    typed = {"Content-Type": "application/json"} if call.body else {}
    return {"User-Agent": "Shoprelay", **typed}


def _fingerprint(shop: Merchant, own: PersonaClick, secret: str | None) -> str:
    """
    Tell two accounts or sets of fallbacks apart.

    The secret goes in as a hash, for a fingerprint may be logged.
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

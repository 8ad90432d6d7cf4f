"""A merchant with PersonaClick, a known visitor and their changes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from shared.destinations.contract import Destination, KnownState, Plan
from shared.destinations.personaclick.destination import build
from shared.http.call import Call
from shared.model.browsing import BrowsingAction, BrowsingEvent, Goods
from shared.model.change import Browsed, CartSaved, Change, OrderSaved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Line, Order, Status
from shared.model.person import Buyer
from shared.model.version import Version
from shared.model.visitor import Visitor
from shared.settings import Merchant, PersonaClick, PersonaClickSecrets, Secrets

SHOP = "0d42fd8b713d0752776ca589cc0056"
SECRET = "secret-of-tests"
URL = "https://api.personaclick.com/"
AT = "2026-11-21T09:00:00.000000000Z"
VERSION = Version.at(AT)
VISITOR = Visitor(device_id="7rjVGhMykT", session_id="R5eQXkrKCf", seen_at=AT)
KNOWN = KnownState(visitor=VISITOR)
# The fields of every event of that visitor.
BASICS = {"shop_id": SHOP, "did": "7rjVGhMykT", "seance": "R5eQXkrKCf", "stream": "web"}


def merchant(**settings: Any) -> Merchant:
    return Merchant(
        name="acme",
        storefront="https://acme.example",
        currency="USD",
        sources=("shopify",),
        destinations=("personaclick",),
        personaclick=PersonaClick(shop_id=SHOP, **settings),
    )


def personaclick(secret: str | None = SECRET, **settings: Any) -> Destination:
    secrets = Secrets(personaclick=PersonaClickSecrets(shop_secret=secret))
    return build(merchant(**settings), secrets)


def planned(change: Change, known_state: KnownState = KNOWN, **settings: Any) -> Plan:
    return personaclick(**settings).plan(change, known_state)


def sent_body(change: Change, known_state: KnownState = KNOWN, **settings: Any) -> dict[str, Any]:
    """Return the body of the only call."""
    [call] = planned(change, known_state, **settings).calls
    return body_of(call)


def body_of(call: Call) -> dict[str, Any]:
    """Parse a body, with fractions as Decimal so that none is rounded."""
    body: dict[str, Any] = json.loads(call.body, parse_float=Decimal)
    return body


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def line(**more: Any) -> Line:
    facts: dict[str, Any] = {"product_id": "1", "variant_id": "100500", "default": False}
    return Line(**facts | {"quantity": 2, "price": usd("24.5")} | more)


def order(*lines: Line, version: Version = VERSION, **more: Any) -> OrderSaved:
    facts: dict[str, Any] = {
        "id": "900",
        "number": "#1001",
        "buyer": Buyer(id="7", entity=Entity(Kind.PERSON, "7")),
        "lines": lines or (line(),),
        "status": Status.COMPLETED,
        "placed_at": AT,
        "currency": "USD",
        "total": usd("49"),
    }
    whole = Order(**facts | more)
    return OrderSaved(entity=Entity(Kind.ORDER, whole.id), version=version, order=whole)


def cart(*lines: Line, **more: Any) -> CartSaved:
    facts: dict[str, Any] = {"id": "t", "buyer": Buyer(), "lines": lines, "at": AT}
    whole = Cart(**facts | more)
    return CartSaved(entity=Entity.of_token(Kind.CART, whole.id), version=VERSION, cart=whole)


def browsed(action: BrowsingAction, **more: Any) -> Browsed:
    facts: dict[str, Any] = {"id": "e1", "at": AT, "action": action}
    event = BrowsingEvent(**facts | more)
    entity = Entity(Kind.BROWSING, event.id)
    return Browsed(entity=entity, version=VERSION, event=event)


def goods(own: str = "100500", **more: Any) -> Goods:
    facts: dict[str, Any] = {"product_id": "1", "variant_id": own, "sku": "MOSS"}
    return Goods(**facts | more)

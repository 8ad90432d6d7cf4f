"""A site at each tracker, and the bodies that are sent for changes of `sample_shop`."""

from __future__ import annotations

import json
from typing import Any

from shared.destinations.contract import Destination, KnownState, Plan
from shared.destinations.esputnik.destination import build as build_esputnik
from shared.destinations.yespo.destination import build as build_yespo
from shared.model.change import CartSaved, Change, CheckoutStarted
from shared.model.entity import Entity, Kind
from shared.model.order import Cart, Checkout, Line
from shared.model.person import Buyer
from shared.model.version import Version
from shared.model.visitor import Visitor
from shared.settings import ESputnik, Merchant, Secrets, TrackerSecrets, Yespo
from tests.destinations.sample_shop import AT, VERSION

SITE = "8A412DC"
SC = "CDA68358-94FB-4D83-9655-3FEB3C4114A3"
# `AT` in milliseconds.
MS = 1795251600123
SEEN = KnownState(visitor=Visitor(tracker_cookie=SC))
ADA = Buyer(
    id="7",
    email="ada@shop.example",
    entity=Entity(Kind.PERSON, "7"),
    name="Ada Moss",
    phone="+1 541-754-3010",
)
UNKNOWN_BUYER = Buyer()
CART = Entity.of_token(Kind.CART, "token-1")


def merchant(**sections: Any) -> Merchant:
    return Merchant(
        name="acme",
        storefront="https://acme.example",
        currency="USD",
        sources=("shopify",),
        destinations=("yespo", "esputnik"),
        **sections,
    )


def yespo(key: str | None = None, **settings: Any) -> Destination:
    secrets = Secrets(yespo=TrackerSecrets(api_key=key))
    return build_yespo(merchant(yespo=Yespo(**{"site_id": SITE} | settings)), secrets)


def esputnik(key: str | None = None, **settings: Any) -> Destination:
    secrets = Secrets(esputnik=TrackerSecrets(api_key=key))
    return build_esputnik(merchant(esputnik=ESputnik(**{"site_id": SITE} | settings)), secrets)


BOTH = (yespo, esputnik)


def bodies(plan: Plan) -> list[Any]:
    """Return the bodies of a plan's calls."""
    return [json.loads(call.body) for call in plan.calls]


def sent_bodies(
    change: Change, known_state: KnownState = SEEN, to: Destination | None = None
) -> list[Any]:
    """Return the bodies that are sent for a change, by default to Yespo."""
    return bodies((to or yespo()).plan(change, known_state))


def rows(
    change: Change, known_state: KnownState = SEEN, to: Destination | None = None
) -> list[Any]:
    """Return the rows of the feed that are sent for a change."""
    return [row for body in sent_bodies(change, known_state, to) for row in body["ProductUpdate"]]


def cart_saved(
    *lines: Line, buyer: Buyer = UNKNOWN_BUYER, entity: Entity = CART, version: Version = VERSION
) -> CartSaved:
    cart = Cart(id="token-1", buyer=buyer, lines=lines, at=AT)
    return CartSaved(entity=entity, version=version, cart=cart)


def checkout_started(*lines: Line, buyer: Buyer = UNKNOWN_BUYER) -> CheckoutStarted:
    checkout = Checkout(id="token-2", buyer=buyer, lines=lines, at=AT, cart_token="token-1")
    entity = Entity.of_token(Kind.CHECKOUT, "token-2")
    return CheckoutStarted(entity=entity, version=VERSION, checkout=checkout)


def info(event: str, **more: Any) -> dict[str, Any]:
    """Return the general information of an event at `AT` with the cookie `SC`."""
    return {"eventName": event, "siteId": SITE, "datetime": MS, "cookies": {"sc": SC}} | more


ADA_INFO = {
    "externalCustomerId": "7",
    "user_email": "ada@shop.example",
    "user_name": "Ada Moss",
    "user_phone": "15417543010",
}

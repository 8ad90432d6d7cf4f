"""A shop with invented products, people and orders, and DataCue in both profiles."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Literal

from shared.destinations.contract import Destination, KnownState, Plan
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.destination import build
from shared.http.call import Call
from shared.model.change import Change, OrderSaved, PersonSaved, ProductSaved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Line, Order, Status
from shared.model.person import Buyer, Person
from shared.model.product import Product, Variant
from shared.model.value import replace
from shared.model.version import Version
from shared.settings import Catalog, DataCue, DataCueSecrets, Merchant, Secrets

Profile = Literal["2018-09", "2021-02"]
OLD: Profile = "2018-09"
NEW: Profile = "2021-02"
KEY, SECRET = "key-of-tests", "secret-of-tests"
AT = "2026-11-21T09:00:00.123456789Z"
VERSION = Version.at(AT)
NOTHING = KnownState()


def merchant(profile: Profile = OLD, **datacue: Any) -> Merchant:
    return Merchant(
        name="acme",
        storefront="https://acme.example",
        currency="USD",
        sources=("shopify",),
        destinations=("datacue",),
        datacue=DataCue(profile=profile, **datacue),
        catalog=Catalog(placeholder_photo="https://acme.example/placeholder.png"),
    )


def secrets(key: str = KEY, secret: str = SECRET) -> Secrets:
    return Secrets(datacue=DataCueSecrets(api_key=key, api_secret=secret))


def datacue(profile: Profile = OLD, **settings: Any) -> Destination:
    return build(merchant(profile, **settings), secrets())


def api(profile: Profile = OLD) -> Api:
    own = DataCue()
    return Api(url=own.api_url, events_url=own.events_url, profile=profile)


def planned(change: Change, known_state: KnownState = NOTHING, profile: Profile = OLD) -> Plan:
    return datacue(profile).plan(change, known_state)


def sent(plan: Plan) -> list[tuple[str, str, Any]]:
    """Return method, path and body of each call of a plan."""
    return [call_parts(call) for call in plan.calls]


def call_parts(call: Call) -> tuple[str, str, Any]:
    path = call.url.removeprefix("https://api.datacue.co")
    return call.method, path, json.loads(call.body) if call.body else None


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def variant(own: str = "11", **more: Any) -> Variant:
    facts: dict[str, Any] = {"id": own, "default": False, "price": usd("24.5"), "stock": 5}
    return Variant(**facts | more)


def product(*variants: Variant, **more: Any) -> Product:
    facts: dict[str, Any] = {"id": "1", "name": "Moss Shirt", "available": True}
    return Product(**facts | {"variants": variants} | more)


def product_saved(*variants: Variant, complete: bool = True, **more: Any) -> ProductSaved:
    whole = product(*variants, **more)
    entity = Entity(Kind.PRODUCT, whole.id)
    return ProductSaved(entity=entity, version=VERSION, product=whole, complete=complete)


def known(*keys: str, **more: Any) -> KnownState:
    return KnownState(known=True, variants=frozenset(keys), **more)


def customer(**more: Any) -> Person:
    facts: dict[str, Any] = {"id": "7", "email": "ada@shop.example", "first_name": "Ada"}
    return Person(**facts | more)


def person_saved(person: Person) -> PersonSaved:
    entity = Entity(Kind.PERSON, person.id or "email:0123")
    return PersonSaved(entity=entity, version=VERSION, person=person)


def line(**more: Any) -> Line:
    facts: dict[str, Any] = {"product_id": "1", "variant_id": "11", "default": False}
    return Line(**facts | {"quantity": 2, "price": usd("24.5")} | more)


ORDER = Order(
    id="900",
    number="#1001",
    buyer=Buyer(id="7", email="ada@shop.example", entity=Entity(Kind.PERSON, "7")),
    lines=(line(),),
    status=Status.COMPLETED,
    placed_at=AT,
    currency="USD",
)


def order_saved(**more: Any) -> OrderSaved:
    order = replace(ORDER, **more)
    return OrderSaved(entity=Entity(Kind.ORDER, order.id), version=VERSION, order=order)

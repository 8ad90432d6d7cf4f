"""
The system with the four real destinations and the sandbox's rules as their platforms. What a call
means for the oracle is read from its body.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from cli.local.merchant import sandboxed
from cli.sandbox.exchange import Platform as Played
from cli.sandbox.exchange import Request, State
from cli.sandbox.platforms import open_platforms
from shared.delivery.deliver import Pipeline
from shared.delivery.visitors import VisitorLookup
from shared.destinations.registry import DESTINATIONS
from shared.errors import LedgerUnavailable
from shared.http.call import Call
from shared.http.verdict import NoResponse, Response
from shared.model.change import CartSaved, Change, OrderSaved, PersonSaved
from shared.model.entity import Entity
from shared.model.money import Money
from shared.model.order import Line
from shared.model.value import replace
from shared.model.visitor import Visitor
from shared.queue.envelope import Envelope
from shared.settings import read_merchant, read_secrets
from shared.sources.contract import Translated
from tests.model_based.fibers import Process
from tests.model_based.harness import ModelSystem
from tests.model_based.platforms import Platform
from tests.model_based.shop import PRICE, read, source

SANDBOX = "http://sandbox"
SITE, SHOP = "8A412DC", "0d42fd8b713d0752776ca589cc0056"
MERCHANT = f"""
name = "four"
storefront = "https://shop.example"
currency = "USD"
sources = ["shopify"]
destinations = ["datacue", "yespo", "esputnik", "personaclick"]
[shopify]
shop = "four.myshopify.com"
[yespo]
site_id = "{SITE}"
url = "https://tracker.yespo.io/api/v2"
[esputnik]
site_id = "{SITE}"
url = "https://tracker.esputnik.com/api/v2"
degraded_sc = true
[personaclick]
shop_id = "{SHOP}"
url = "https://api.personaclick.com"
[catalog]
placeholder_photo = "https://shop.example/none.png"
"""
SECRETS = {
    "shopify": {"webhook_secrets": ["s3cret-s3cret"]},
    "datacue": {"api_key": "key", "api_secret": "s3cret"},
}
PLAYED: dict[str, dict[str, str]] = {
    "datacue": {"api_key": "key", "api_secret": "s3cret"},
    "yespo": {"site_id": SITE},
    "esputnik": {"site_id": SITE},
    "personaclick": {"shop_id": SHOP, "shop_secret": ""},
}

T = TypeVar("T")


class _SentRequest(msgspec.Struct):
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True, kw_only=True)
class Sandboxed(Platform):
    """A platform of the sandbox; ``broken`` are the rules of its document that a call violated."""

    played: Played
    state: State = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = self.played.blank()

    def answer(self, body: bytes, behaviour: str, now: float) -> Response | NoResponse:
        if behaviour == "healthy":
            return self.respond(body)
        return Platform.answer(self, body, behaviour, now)

    def apply(self, body: bytes) -> None:
        self.respond(body)

    def respond(self, body: bytes) -> Response:
        """Apply a call by the platform's own rules; return its response."""
        sent = msgspec.msgpack.decode(body, type=_SentRequest)
        plan = self.played.plan(Request(**msgspec.structs.asdict(sent)))
        if plan.violation is not None:
            self.broken.append(plan.violation)
        given = plan.act(self.state)
        if given.applied and sent.body:
            self.events.update(_events(msgspec.json.decode(sent.body)))
        headers = {name.lower(): value for name, value in given.headers}
        return Response(status=given.status, headers=headers, body=given.body)

    def held(self) -> tuple[dict[str, dict[str, Any]], Counter[str]]:
        kept = {name: self.state[name] for name in ("products", "users", "orders", "customers")
                if name in self.state}  # fmt: skip
        copy: dict[str, dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(kept))
        return copy, self.events.copy()


def _events(body: Any) -> Iterable[str]:
    """Return the oracle's names of the events in a call; a cart's line holds the cart's version."""
    match body:
        case {"PurchasedItems": {"OrderNumber": number}} | {
            "event": "purchase",
            "order_id": number,
        }:
            yield f"purchase order:{number}"
        case {"StatusCart": {"Products": [{"productKey": state}, *_]}}:
            yield state
        case {"event": "cart", "items": [{"id": state}, *_]}:
            yield state
        case _:
            return


class FourPlatformSystem(ModelSystem):
    """The whole system, with a store of visitors that can be unavailable too."""

    def __init__(self) -> None:
        super().__init__()
        document = sandboxed(MERCHANT, read_merchant(MERCHANT), SANDBOX)
        merchant = read_merchant(document)
        secrets = read_secrets(msgspec.json.encode(SECRETS), merchant)
        self.destinations = {
            name: DESTINATIONS[name](merchant, secrets) for name in merchant.destinations
        }
        opened = open_platforms(PLAYED, {"datacue": "2018-09"})
        self.platforms = {name: Sandboxed(played=one) for name, one in opened.items()}

    def send(self, call: Call, headers: Mapping[str, str], within: float) -> Response | NoResponse:
        url = urlsplit(call.url)
        name, _, path = url.path.lstrip("/").partition("/")
        sent = _SentRequest(
            method=call.method,
            path=f"/{path}",
            query=url.query,
            headers={key.lower(): value for key, value in headers.items()},
            body=call.body,
        )
        whole = replace(call, body=msgspec.msgpack.encode(sent))
        return super().send(whole, {"to": name}, within)

    def pipeline(self, process: Process) -> Pipeline:
        base = super().pipeline(process)
        parts = msgspec.structs.asdict(base)
        visits = VisitorLookup(store=FailingVisitors(self), row=self.ledger.row)
        shop = replace(source(), translate=translate)
        return Pipeline(**{**parts, "sources": {"shop": shop}, "visitors": visits})


@dataclass(frozen=True, slots=True)
class FailingVisitors:
    """The store of visitors, behind a port that can fail."""

    system: FourPlatformSystem

    def find(self, names: Iterable[Entity]) -> Mapping[Entity, Visitor]:
        wanted = list(names)
        return self._ask(lambda: self.system.visitors.find(wanted))

    def keep(self, names: Iterable[Entity], visitor: Visitor) -> None:
        wanted = list(names)
        if wanted:
            self._ask(lambda: self.system.visitors.keep(wanted, visitor))

    def register(self, name: Entity, visitor: Visitor, instead: str | None = None) -> Visitor:
        return self._ask(lambda: self.system.visitors.register(name, visitor, instead))

    def forget(self, names: Iterable[Entity]) -> int:
        wanted = list(names)
        return self._ask(lambda: self.system.visitors.forget(wanted))

    def purge(self, deadline: float) -> int:
        return self._ask(lambda: self.system.visitors.purge(deadline))

    def _ask(self, do: Callable[[], T]) -> T:
        return self.system.port("visitors", LedgerUnavailable("visitors"), do)


def translate(envelope: Envelope, deadline: float) -> Translated:
    """Translate a webhook of the test shop; complete it with what the real platforms require."""
    found = read(envelope, deadline)
    return replace(found, changes=tuple(_completed(one) for one in found.changes))


def _completed(change: Change) -> Change:
    match change:
        case OrderSaved(order=order):
            line = Line(product_id="1", variant_id="a", default=False, quantity=1, price=PRICE)
            total = Money(PRICE.amount, PRICE.currency)
            named = replace(order, number=change.entity.id, lines=(line,), total=total)
            return replace(change, order=named)
        case PersonSaved(person=person):
            # DataCue's document forbids consent to mail without an address.
            known = replace(person, email=f"{change.entity.id}@shop.example")
            return replace(change, person=known)
        case CartSaved(cart=cart):
            state = f"{change.entity} {change.version}"
            line = Line(product_id="1", variant_id=state, default=False, quantity=1, price=PRICE)
            return replace(change, cart=replace(cart, lines=(line,)))
        case _:
            return change

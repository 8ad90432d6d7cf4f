"""
The real pipeline between stand-ins: a shop whose webhooks are written as JSON, platforms that store
what they receive, a queue that delivers when a message is due, and a clock that only tests advance.
Any port call can be the last one of a process.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from shared.delivery.claims import Claims
from shared.delivery.deliver import Deadline, Pipeline
from shared.delivery.settlement import RetryPolicy, Settlement, Status
from shared.delivery.visitors import VisitorLookup
from shared.destinations.contract import Destination, Event, KnownState, Plan, Rule
from shared.errors import NotUnderstood, QueueUnavailable
from shared.http.call import Call, Effect, Request
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.verdict import NoResponse, Response, Verdict, judge_status
from shared.model.change import (
    CartSaved,
    Change,
    CheckoutStarted,
    ProductRemoved,
    ProductSaved,
    StockChanged,
)
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Checkout
from shared.model.person import Buyer
from shared.model.product import Product, Variant
from shared.model.value import replace
from shared.model.version import Version, instant, moment
from shared.observability import Observer
from shared.queue.envelope import Envelope, decode, encode
from shared.queue.sqs import DeadLetterReason
from shared.sources.contract import Source, Translated
from tests.fakes.clock import Clock
from tests.fakes.journal import MemoryJournal
from tests.fakes.ledger import MemoryLedger
from tests.fakes.platform import briefed, planned
from tests.fakes.visitors import MemoryVisitors

PRICE = Money(amount=Decimal(1), currency="USD")


# A platform applies a call that it did not answer within this time or never: we assume 30 s.
LATEST = 29.0


class Killed(BaseException):
    """The process is gone: nothing catches this."""


def at(second: int) -> str:
    return instant(datetime.fromtimestamp(1_795_000_000 + second, UTC))


def webhook(kind: str, number: int, second: int, **facts: Any) -> Envelope:
    """A webhook about a thing, modified and triggered at a second."""
    body = {"kind": kind, "id": str(number), "second": second, **facts}
    return Envelope(
        id=f"{kind}-{number}-{second}",
        source="shop",
        topic=kind,
        triggered_at=at(second),
        received_at=at(second),
        headers={},
        body=json.dumps(body).encode(),
    )


def translate(envelope: Envelope, _deadline: float) -> Translated:
    body = json.loads(envelope.body)
    if "mangled" in body:
        raise NotUnderstood("a test mangled it", "$.mangled")
    if "bug" in body:
        raise KeyError("jo@shop.example")
    version = Version.at(at(body["second"]))
    return Translated(changes=(_change(body, version),) * body.get("times", 1))


def _change(body: Mapping[str, Any], version: Version) -> Change:
    kind, number = body["kind"], body["id"]
    entity = Entity(Kind.PRODUCT, number)
    if kind == "gone":
        return ProductRemoved(entity=entity, version=version)
    if kind == "stock":
        return StockChanged(
            entity=entity,
            at=version.tie,
            variant_id=body["variant"],
            default=False,
            stock=body["n"],
        )
    if kind == "cart":
        cart = Cart(id=number, buyer=Buyer(anonymous=number), lines=(), at=version.tie)
        return CartSaved(entity=Entity(Kind.CART, number), version=version, cart=cart)
    if kind == "checkout":
        started = Checkout(id=number, buyer=Buyer(anonymous=number), lines=(), at=version.tie)
        return CheckoutStarted(
            entity=Entity(Kind.CHECKOUT, number), version=version, checkout=started
        )
    return ProductSaved(entity=entity, version=version, product=_product(body))


def _product(body: Mapping[str, Any]) -> Product:
    names = body.get("variants", ["a"])
    variants = tuple(Variant(id=one, default=False, price=PRICE, stock=5) for one in names)
    name = body.get("name", f"v{body['second']}")
    return Product(id=body["id"], name=name, variants=variants, available=True)


def plan(change: Change, memory: KnownState) -> Plan:
    """Plan one call per change, with the whole row as its state."""
    sent: dict[str, Any] = {"id": change.entity.id}
    match change:
        case ProductSaved(product=product):
            rows = {
                one.id: {"name": product.name, "stock": memory.stock.get(one.id, one.stock)}
                for one in product.variants
            }
            dropped = sorted(memory.variants - rows.keys())
            sent |= {"rows": rows, "dropped": dropped}
            state = json.dumps(rows).encode()
        case ProductRemoved():
            sent |= {"gone": True}
            state = b"gone"
        case StockChanged(variant_id=variant):
            if variant not in memory.variants:
                return Plan(counts=("stock_of_unknown_variant",))
            sent |= {"stock": {variant: memory.stock[variant]}}
            state = b""
        case _:
            sent |= {"event": str(change.version)}  # type: ignore[union-attr]
            call = Call(
                method="POST", url="e", body=json.dumps(sent).encode(), label="event",
                effect=Effect.EVENT,
            )  # fmt: skip
            return Plan(calls=(call,))
    call = Call(method="PUT", url="p", body=json.dumps(sent).encode(), label="put")
    return Plan(calls=(call,), state=state)


def event(change: Change) -> Event | None:
    if isinstance(change, CartSaved):
        return Event(name="cart", rule=Rule.PER_VERSION)
    if isinstance(change, CheckoutStarted):
        return Event(name="checkout", rule=Rule.ONCE)
    return None


@dataclass
class Platform:
    """Holds rows per product and a list of events. ``mood`` decides its response."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    asked: int = 0
    mood: Callable[[int], str] = lambda _: "well"
    late: list[tuple[float, bytes]] = field(default_factory=list)

    def answer(self, body: bytes, now: float) -> Response | NoResponse:
        self.asked += 1
        self.catch_up(now - LATEST)
        mood = self.mood(self.asked)
        if mood in {"well", "silent after"}:
            self.apply(body)
        if mood == "late":
            self.late.append((now, body))
        if mood in {"silent after", "late"}:
            return NoResponse(sent=True, reason="no answer in time")
        answers: dict[str, Response | NoResponse] = {
            "well": Response(status=200),
            "down": Response(status=503),
            "asks for time": Response(status=429, headers={"retry-after": "7200"}),
            "refuses": Response(status=422),
            "locked": Response(status=401),
            "unreachable": NoResponse(sent=False, reason="no connection"),
        }
        return answers[mood]

    def apply(self, body: bytes) -> None:
        sent = json.loads(body)
        product = self.rows.setdefault(sent["id"], {})
        if sent.get("gone"):
            product.clear()
        for variant, row in sent.get("rows", {}).items():
            product[variant] = dict(row)
        for variant in sent.get("dropped", []):
            product.pop(variant, None)
        for variant, stock in sent.get("stock", {}).items():
            if variant in product:
                product[variant]["stock"] = stock
        if "event" in sent:
            self.events.append(sent["event"])

    def catch_up(self, before: float = math.inf) -> None:
        """Apply what was sent before a moment and never answered."""
        for sent, body in [one for one in self.late if one[0] < before]:
            self.late.remove((sent, body))
            self.apply(body)

    def names(self, product: int) -> dict[str, str]:
        return {one: row["name"] for one, row in self.rows.get(str(product), {}).items()}


class World:
    """Everything at once. ``kill_at`` counts port calls down to the one that never returns."""

    def __init__(self, *names: str) -> None:
        self.clock = Clock()
        self.ledger = MemoryLedger()
        self.visitors = MemoryVisitors()
        self.journal = MemoryJournal()
        self.platforms = {name: Platform() for name in names or ("one",)}
        self.parked: list[tuple[float, bytes]] = []
        self.dead: list[tuple[Envelope, DeadLetterReason]] = []
        self.queue_down = False
        self.kill_at: int | None = None
        self.steps = 0
        self.paused: set[str] = set()
        self.tokens = 0
        self.breaker = CircuitBreaker()

    # -- ports -------------------------------------------------------------------------------

    def step(self) -> None:
        self.steps += 1
        if self.kill_at is not None and self.steps == self.kill_at:
            raise Killed

    def park(self, envelope: Envelope, delay: float) -> None:
        self.step()
        if self.queue_down:
            raise QueueUnavailable("down")
        self.parked.append((self.clock() + delay, encode(envelope)))
        self.step()

    def dead_letter(self, envelope: Envelope, death: DeadLetterReason) -> None:
        self.step()
        if self.queue_down:
            raise QueueUnavailable("down")
        self.dead.append((envelope, death))
        self.step()

    def claim(self, claim: Any) -> Any:
        self.step()
        answer = self.ledger.claim(claim)
        self.step()
        return answer

    def commit(self, row: Any, token: str, note: Any = None) -> bool:
        self.step()
        done = self.ledger.commit(row, token, note)
        self.step()
        return done

    def redacted(self, people: Any) -> Any:
        return self.ledger.redacted(people)

    def known_variants(self, products: Any) -> Any:
        return self.ledger.known_variants(products)

    def send(self, call: Call, headers: Mapping[str, str], _within: float) -> Response | NoResponse:
        self.step()
        answer = self.platforms[headers["to"]].answer(call.body, self.clock())
        self.step()
        return answer

    def token(self) -> str:
        self.tokens += 1
        return str(self.tokens)

    # -- what happens ------------------------------------------------------------------------

    def pipeline(self) -> Pipeline:
        destinations = {name: self._destination(name) for name in self.platforms}
        observer = Observer("test")
        return Pipeline(
            sources={"shop": _source()},
            destinations=destinations,
            claims=Claims(
                ledger=self,  # type: ignore[arg-type]  # only what the pipeline asks
                destinations=destinations,
                clock=self.clock,
                token=self.token,
                unsure=30.0,
            ),
            journal=self.journal,
            visitors=VisitorLookup(store=self.visitors, row=self.ledger.row),
            settlement=Settlement(
                parking=self,
                observer=observer,
                clock=self.clock,
                random=random.Random(1).random,
                retry_policy=RetryPolicy(),
            ),
            send=self.send,
            clock=self.clock,
            breaker=self.breaker,
            observer=observer,
            paused=lambda: frozenset(self.paused),
            remember_tracked=self.ledger.remember_tracked,
        )

    def _destination(self, name: str) -> Destination:
        def judge(_call: Call, answer: Response, now: float) -> Verdict:
            return judge_status(answer, now)

        return Destination(
            name=name,
            fingerprint=name,
            plans=planned(plan),
            brief=briefed(event),
            sign=lambda call: Request(call=call, headers={"to": name}),
            judge=judge,
        )

    def deliver(self, envelope: Envelope) -> Status:
        now = self.clock()
        budget = Deadline(deadline=now + 3, longest=3, lease=now + 11)
        return self.pipeline().deliver(envelope, budget)

    def drain(self, hours: float = 30) -> None:
        """Let time pass until nothing waits; each message when it is due."""
        end = self.clock() + hours * 3600
        while self.parked and self.clock() < end:
            self.parked.sort(key=lambda one: one[0])
            due, data = self.parked.pop(0)
            self.clock.now = max(self.clock.now, due)
            envelope = decode(data)
            early = (
                moment(envelope.not_before).timestamp() - self.clock() if envelope.not_before else 0
            )
            if early >= 1:
                self.parked.append((self.clock() + min(early, 900), data))
                continue
            self.deliver(envelope)

    def replay(self) -> None:
        dead, self.dead = self.dead, []
        for envelope, _ in dead:
            again = replace(
                envelope, first_failed_at=None, not_before=None, replays=envelope.replays + 1
            )
            self.park(again, 0)


def _source() -> Source:
    return Source(
        name="shop",
        verify=lambda _raw, _headers: None,
        to_envelope=lambda _raw, _headers, _now: webhook("product", 1, 1),
        translate=translate,
        handled=frozenset({"product"}),
        ignored={},
        redactions=frozenset({"redact"}),
    )

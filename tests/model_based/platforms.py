"""
Platforms that store what is sent to them, and their destinations. One accepts orders as states, the
other as purchases; one accepts a whole product in a call, the other one variant in a call.
"""

from __future__ import annotations

import copy
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec

from shared.destinations.contract import Destination, Event, KnownState, Plan, Rule
from shared.http.call import Call, Effect, Request
from shared.http.verdict import NoResponse, Response, Verdict, judge_status
from shared.model.change import (
    CartSaved,
    Change,
    CheckoutStarted,
    ConsentChanged,
    OrderRemoved,
    OrderSaved,
    PersonSaved,
    ProductSaved,
    StockChanged,
    mentions,
)
from shared.model.product import variant_key
from tests.fakes.platform import briefed, planned

# A platform applies a call without a response within this time or never (seconds).
LATEST = 29.0

STATUS = {"unavailable": 503, "rate limited": 429, "rejecting": 422, "unauthorized": 401}
# How a platform behaves: it applies a call or not, and responds or not.
BEHAVIOURS = (
    "healthy", *STATUS, "gateway timeout", "gateway timeout, applied", "no response",
    "no response, applied", "applied late",
)  # fmt: skip
# With these the sender cannot know whether the call was or will be applied.
DOUBTFUL = frozenset(BEHAVIOURS[-5:])

Row = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Platform:
    """
    ``rows`` by the text of an entity; ``events`` how often each was received; ``seen`` are people
    that an order named. ``late`` are calls still to be applied, each with its latest time.
    """

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    late: list[tuple[float, bytes]] = field(default_factory=list)
    behaviour: str = "healthy"

    def answer(self, body: bytes, behaviour: str, now: float) -> Response | NoResponse:
        """Receive a call, with the given behaviour."""
        if behaviour in {"healthy", "gateway timeout, applied", "no response, applied"}:
            self.apply(body)
        if behaviour == "applied late":
            self.late.append((now + LATEST, body))
        if behaviour in {"no response", "no response, applied", "applied late"}:
            return NoResponse(sent=True, reason="no response in time")
        if behaviour == "unreachable":
            return NoResponse(sent=False, reason="no connection")
        if behaviour.startswith("gateway timeout"):
            return Response(status=504)
        headers = {"retry-after": "600"} if behaviour == "rate limited" else {}
        return Response(status=STATUS.get(behaviour, 200), headers=headers)

    def catch_up(self, now: float = math.inf) -> None:
        """Apply the late calls whose latest time has come."""
        for one in sorted(one for one in self.late if one[0] <= now):
            self.late.remove(one)
            self.apply(one[1])

    def apply(self, body: bytes) -> None:
        """Apply a call."""
        sent: dict[str, Any] = msgspec.json.decode(body)
        if "event" in sent:
            self.events[sent["event"]] += 1
            return
        rows = self.rows.setdefault(sent["entity"], {})
        if sent.get("gone"):
            rows.clear()
            self.seen.discard(sent["entity"])
        for name, row in sent.get("rows", {}).items():
            rows[name] = row
        for name in sent.get("dropped", ()):
            rows.pop(name, None)
        for name, values in sent.get("fields", {}).items():
            if name in rows:
                rows[name] |= values
        if sent.get("who"):
            self.seen.add(sent["who"])

    def held(self) -> tuple[dict[str, dict[str, Row]], Counter[str]]:
        """Return everything that it holds."""
        # Each row is copied too: a partial update changes it in place.
        return copy.deepcopy({name: rows for name, rows in self.rows.items() if rows}), Counter(
            self.events
        )


def destination(name: str, *, purchases: bool) -> Destination:
    """Return a destination; with ``purchases`` it sends orders as events, variants one by one."""

    def judge(_call: Call, answer: Response, now: float) -> Verdict:
        return judge_status(answer, now)

    return Destination(
        name=name,
        fingerprint=name,
        plans=planned(_purchases if purchases else _states),
        brief=briefed(_event_or_purchase if purchases else _event),
        sign=lambda call: Request(call=call, headers={"to": name}),
        judge=judge,
    )


def _event(change: Change) -> Event | None:
    match change:
        case CartSaved():
            return Event(name="cart", rule=Rule.PER_VERSION)
        case CheckoutStarted():
            return Event(name="checkout", rule=Rule.ONCE)
        case _:
            return None


def _event_or_purchase(change: Change) -> Event | None:
    if isinstance(change, OrderSaved):
        return Event(name="purchase", rule=Rule.ONCE, again=True)
    return _event(change)


def _purchases(change: Change, memory: KnownState) -> Plan:
    match change:
        case OrderSaved():
            return _event_plan(f"purchase {change.entity}")
        case OrderRemoved():
            return Plan(counts=("not_expressible",))
        case _:
            return _split(_states(change, memory))


def _states(change: Change, memory: KnownState) -> Plan:
    match change:
        case ProductSaved() | StockChanged():
            return _products(change, memory)
        case PersonSaved() | ConsentChanged():
            return _people(change, memory)
        case OrderSaved(order=order):
            row = {"name": order.number}
            return _put(change, rows={"it": row}, who=str(mentions(change) or ""), state=row)
        case CartSaved():
            return _event_plan(f"{change.entity} {change.version}")
        case CheckoutStarted():
            return _event_plan(f"{change.entity} ")
        case _:
            return _put(change, gone=True, state="gone")


def _products(change: ProductSaved | StockChanged, memory: KnownState) -> Plan:
    if isinstance(change, StockChanged):
        variant = change.variant_id
        if variant not in memory.variants:
            return Plan(counts=("stock_of_unknown_variant",))
        return _put(change, fields={variant: {"stock": memory.stock[variant]}})
    rows = {
        variant_key(one.id, default=one.default): {
            "name": change.product.name,
            "stock": memory.stock.get(one.id, one.stock),
        }
        for one in change.product.variants
    }
    dropped = sorted(memory.variants - rows.keys())
    if not (rows or dropped):
        return Plan(state=b"nothing")
    return _put(change, rows=rows, dropped=dropped, state=rows)


def _people(change: PersonSaved | ConsentChanged, memory: KnownState) -> Plan:
    if isinstance(change, PersonSaved):
        row = {"name": change.person.first_name, "consent": memory.subscribed}
        return _put(change, rows={"it": row}, state=row)
    if not memory.known:
        return Plan(counts=("consent_of_unknown_person",))
    return _put(change, fields={"it": {"consent": memory.subscribed}})


def _put(change: Change, *, state: object = None, **sent: Any) -> Plan:
    body = msgspec.json.encode({"entity": str(change.entity), **sent})
    digest = b"" if state is None else msgspec.json.encode([state, sent.get("who")])
    return Plan(calls=(Call(method="PUT", url="x", body=body, label="put"),), state=digest)


def _event_plan(key: str) -> Plan:
    body = msgspec.json.encode({"event": key})
    call = Call(method="POST", url="x", body=body, label="event", effect=Effect.EVENT)
    return Plan(calls=(call,))


def _split(plan: Plan) -> Plan:
    """Send each row of a product in a call of its own, and the removed variants last."""
    calls: list[Call] = []
    for call in plan.calls:
        sent: dict[str, Any] = msgspec.json.decode(call.body)
        parts: list[dict[str, Any]] = [
            {"entity": sent["entity"], part: {name: row}}
            for part in ("rows", "fields")
            for name, row in sent.pop(part, {}).items()
        ]
        if sent.keys() - {"entity"} and sent.get("dropped") != []:
            parts.append(sent)
        calls += [
            Call(method=call.method, url="x", body=msgspec.json.encode(part), label=call.label)
            for part in parts
        ]
    return Plan(calls=tuple(calls), state=plan.state, counts=plan.counts)

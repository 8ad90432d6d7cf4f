"""A simulated shop: products, customers, orders, carts, checkouts, redactions, from one seed."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.shop_model import ABSENT, Kind, ShopHistory, Touch, Webhook
from tests.e2e.shop import SHOP, customer, order, product, variant

_BEGIN = datetime(2026, 11, 21, tzinfo=UTC)
# Few objects with many versions each, since races occur between versions.
_ACTIVE_OBJECTS = 12


# DataCue gets the lines of a cart whose product it knows.
CART_PRODUCT = 1


@dataclass(slots=True)
class SimulatedShop:
    """Create one webhook after another, each with the newest state of an object; record all."""

    rng: random.Random
    history: ShopHistory = field(default_factory=ShopHistory)
    _seconds: float = 0.0
    _ids: int = 0
    _products: dict[int, bool] = field(default_factory=dict)
    _customers: dict[int, list[int]] = field(default_factory=dict)
    _orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    _carts: list[str] = field(default_factory=list)

    def next_webhooks(self, size: int) -> list[Webhook]:
        """Return the next webhooks, in the order of their events."""
        acts = self.rng.choices(list(_ACTS), list(_ACTS.values()), k=size)
        return [act(self) for act in acts]

    def save_product(self) -> Webhook:
        """Create or change a product, possibly one that was deleted before."""
        number = self._pick(list(self._products), 0)
        touched = f"product:{number}"
        version = len(self.history.states.get(touched, ()))
        places = sorted(self.rng.sample((1, 2, 3, 4), self.rng.randint(1, 4)))
        title = f"Product {number} v{version}"
        body = product(
            number,
            title=title,
            updated_at=self._advance(),
            variants=[variant(number, place, f"S{place}") for place in places],
        )
        topic = "products/update" if number in self._products else "products/create"
        self._products[number] = True
        return self._state_webhook(
            topic, body, (touched, {f"{number}{place}": title for place in places})
        )

    def save_cart_product(self) -> Webhook:
        """Create the product that every cart names; it is never changed or deleted."""
        body = product(
            CART_PRODUCT,
            title="Product 1",
            updated_at=self._advance(),
            variants=[variant(CART_PRODUCT, 1, "S1")],
        )
        states = {f"{CART_PRODUCT}1": "Product 1"}
        return self._state_webhook("products/create", body, (f"product:{CART_PRODUCT}", states))

    def delete_product(self) -> Webhook:
        """Delete a product."""
        existing = [number for number, exists in self._products.items() if exists]
        if not existing:
            return self.save_product()
        number = self.rng.choice(existing)
        self._products[number] = False
        self._next_second()
        webhook = self._state_webhook(
            "products/delete", {"id": number}, (f"product:{number}", ABSENT)
        )
        self._next_second()
        return webhook

    def save_customer(self) -> Webhook:
        """Create or change a customer."""
        number = self._pick(list(self._customers), 1000)
        self._customers.setdefault(number, [])
        touched = f"person:{number}"
        name = f"Jo{len(self.history.states.get(touched, ()))}"
        body = customer(number, first_name=name, updated_at=self._advance())
        return self._state_webhook("customers/update", body, (touched, name))

    def delete_customer(self) -> Webhook:
        """Delete a customer; the orders stay."""
        if not self._customers:
            return self.save_customer()
        number = self.rng.choice(list(self._customers))
        del self._customers[number]
        self._next_second()
        return self._state_webhook("customers/delete", {"id": number}, (f"person:{number}", ABSENT))

    def save_order(self) -> Webhook:
        """Place an order, cancel it, or undo that; by a customer, a guest or nobody."""
        number = self._pick(list(self._orders), 2000)
        if number not in self._orders:
            self._orders[number] = self._buyer(number)
        cancelled = self.rng.random() < 0.3
        now = self._advance()
        body = order(number, **self._orders[number], updated_at=now)
        body["cancelled_at"] = now if cancelled else None
        status = "cancelled" if cancelled else "completed"
        states: list[tuple[str, Any]] = [(f"order:{number}", status)]
        if body["email"] and body["customer"] is None:
            states.append((f"guest:{body['email']}", body["email"]))
        return self._state_webhook("orders/updated", body, *states)

    def delete_order(self) -> Webhook:
        """Delete an order."""
        if not self._orders:
            return self.save_order()
        number = self.rng.choice(list(self._orders))
        del self._orders[number]
        self._next_second()
        return self._state_webhook("orders/delete", {"id": number}, (f"order:{number}", ABSENT))

    def save_cart(self) -> Webhook:
        """Change a cart: one event for each version."""
        if not self._carts or self.rng.random() < 0.4:
            self._carts.append(f"cart{len(self._carts)}")
        token = self.rng.choice(self._carts[-5:])
        # A platform's times are in seconds, and they distinguish its events.
        self._next_second()
        now = self._advance()
        # A platform without times in its events distinguishes states by their quantity only.
        line = {"product_id": 1, "variant_id": 11, "title": "Product 1", "quantity": self._ids + 1}
        body = {"token": token, "updated_at": now, "line_items": [{**line, "price": "19.99"}]}
        return self._event_webhook("carts/update", body, ("cart", token, now))

    def start_checkout(self) -> Webhook:
        """Start a checkout: one event."""
        self._next_second()
        now, token = self._advance(), f"checkout{self._ids}"
        line = {"product_id": 1, "variant_id": 11, "title": "Product 1", "quantity": 1}
        body = {
            "token": token,
            "cart_token": None,
            "currency": "USD",
            "created_at": now,
            "updated_at": now,
            "line_items": [{**line, "price": "19.99"}],
        }
        return self._event_webhook("checkouts/create", body, ("checkout", token, now))

    def redact(self) -> Webhook:
        """Redact a customer with all their orders, or a guest with theirs."""
        guests = [one for one, buyer in self._orders.items() if _is_guest(buyer)]
        if guests and self.rng.random() < 0.4:
            number = self.rng.choice(guests)
            email = self._orders.pop(number)["email"]
            return self._redaction(
                {"id": 9000 + number, "email": email}, [number], f"guest:{email}"
            )
        if not self._customers:
            return self.save_customer()
        who = self.rng.choice(list(self._customers))
        bought = self._customers.pop(who)
        for one in bought:
            self._orders.pop(one, None)
        return self._redaction(
            {"id": who, "email": f"customer-{who}@shop.example"}, bought, f"person:{who}"
        )

    def request_data(self) -> Webhook:
        """Request the data of a customer."""
        body = {"shop_domain": SHOP, "customer": {"id": 1000}, "orders_requested": []}
        return self._record("customers/data_request", body, kind=Kind.RECORD)

    def send_ignored_topic(self) -> Webhook:
        """Send a topic that is ignored."""
        return self._record("themes/update", {"id": 1}, kind=Kind.IGNORED)

    def _redaction(self, who: dict[str, Any], orders: list[int], name: str) -> Webhook:
        self._next_second()
        body = {"shop_domain": SHOP, "customer": who, "orders_to_redact": orders}
        states = [(name, ABSENT), *((f"order:{one}", ABSENT) for one in orders)]
        return self._state_webhook("customers/redact", body, *states)

    def _buyer(self, number: int) -> dict[str, Any]:
        kind = self.rng.random()
        if kind < 0.4 and self._customers:
            who = self.rng.choice(list(self._customers))
            self._customers[who].append(number)
            email = f"customer-{who}@shop.example"
            return {"customer": {"id": who, "email": email}, "email": email}
        if kind < 0.7:
            return {"customer": None, "email": f"guest-{number}@shop.example"}
        return {"customer": None, "email": None}

    def _state_webhook(self, topic: str, body: dict[str, Any], *states: tuple[str, Any]) -> Webhook:
        touches = tuple(self.history.touch(name, state) for name, state in states)
        return self._record(topic, body, touches=touches)

    def _event_webhook(
        self, topic: str, body: dict[str, Any], about: tuple[str, str, str]
    ) -> Webhook:
        kind, token, now = about
        name = f"{kind}:{hashlib.sha256(token.encode()).hexdigest()[:32]}"
        return self._record(
            topic,
            body,
            kind=Kind.EVENT,
            touches=(Touch(name=name, index=0),),
            event=(f"{kind} {token}", now),
            version=f"{now[:19]}.000000000Z/{self._at()}",
        )

    def _record(self, topic: str, body: dict[str, Any], **more: Any) -> Webhook:
        self._ids += 1
        webhook = Webhook(
            id=f"chaos-{self._ids}",
            topic=topic,
            body=json.dumps(body).encode(),
            at=self._at(),
            **more,
        )
        self.history.webhooks[webhook.id] = webhook
        return webhook

    def _pick(self, known: list[int], base: int) -> int:
        """Return the number of one of the newest objects, or a new number."""
        if len(known) < _ACTIVE_OBJECTS or self.rng.random() < 0.1:
            self._ids += 1
            return base * 1000 + self._ids
        return self.rng.choice(known[-_ACTIVE_OBJECTS:])

    def _advance(self) -> str:
        """Advance the clock, often within the same second; return the second in Shopify's form."""
        self._seconds += self.rng.choice((0.25, 0.5, 1.0))
        return f"{_BEGIN + timedelta(seconds=int(self._seconds)):%Y-%m-%dT%H:%M:%SZ}"

    def _next_second(self) -> None:
        # A delete has no time except that of its trigger: an event of the same second cannot be
        # ordered relative to it.
        self._seconds = float(int(self._seconds) + 1)

    def _at(self) -> str:
        now = _BEGIN + timedelta(seconds=self._seconds)
        return f"{now:%Y-%m-%dT%H:%M:%S.%f}000Z"


def _is_guest(buyer: dict[str, Any]) -> bool:
    return buyer["customer"] is None and buyer["email"] is not None


# The relative frequency of each.
_ACTS: dict[Callable[[SimulatedShop], Webhook], int] = {
    SimulatedShop.save_product: 40,
    SimulatedShop.delete_product: 6,
    SimulatedShop.save_customer: 14,
    SimulatedShop.delete_customer: 2,
    SimulatedShop.save_order: 18,
    SimulatedShop.delete_order: 2,
    SimulatedShop.save_cart: 8,
    SimulatedShop.start_checkout: 3,
    SimulatedShop.redact: 3,
    SimulatedShop.request_data: 2,
    SimulatedShop.send_ignored_topic: 2,
}

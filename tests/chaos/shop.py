"""A shop that lives: products, customers, orders, carts, checkouts, redactions, from one seed."""

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
# Few things with many versions each: that is where versions race.
_LIVING = 12


@dataclass(slots=True)
class SimulatedShop:
    """Says one webhook after another, each the newest state of something; remembers them all."""

    rng: random.Random
    said: ShopHistory = field(default_factory=ShopHistory)
    _seconds: float = 0.0
    _ids: int = 0
    _products: dict[int, bool] = field(default_factory=dict)
    _customers: dict[int, list[int]] = field(default_factory=dict)
    _orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    _carts: list[str] = field(default_factory=list)

    def wave(self, size: int) -> list[Webhook]:
        """Give the next webhooks, in the order in which they happened."""
        acts = self.rng.choices(list(_ACTS), list(_ACTS.values()), k=size)
        return [act(self) for act in acts]

    def save_product(self) -> Webhook:
        """Make or change a product; also one that was deleted before."""
        number = self._pick(list(self._products), 0)
        touched = f"product:{number}"
        version = len(self.said.states.get(touched, ()))
        places = sorted(self.rng.sample((1, 2, 3, 4), self.rng.randint(1, 4)))
        title = f"Product {number} v{version}"
        body = product(
            number,
            title=title,
            updated_at=self._tick(),
            variants=[variant(number, place, f"S{place}") for place in places],
        )
        topic = "products/update" if number in self._products else "products/create"
        self._products[number] = True
        return self._say(topic, body, (touched, {f"{number}{place}": title for place in places}))

    def delete_product(self) -> Webhook:
        """Delete a product."""
        living = [number for number, there in self._products.items() if there]
        if not living:
            return self.save_product()
        number = self.rng.choice(living)
        self._products[number] = False
        self._leap()
        said = self._say("products/delete", {"id": number}, (f"product:{number}", ABSENT))
        self._leap()
        return said

    def save_customer(self) -> Webhook:
        """Make or change a customer."""
        number = self._pick(list(self._customers), 1000)
        self._customers.setdefault(number, [])
        touched = f"person:{number}"
        name = f"Jo{len(self.said.states.get(touched, ()))}"
        body = customer(number, first_name=name, updated_at=self._tick())
        return self._say("customers/update", body, (touched, name))

    def delete_customer(self) -> Webhook:
        """Delete a customer; what they bought stays."""
        if not self._customers:
            return self.save_customer()
        number = self.rng.choice(list(self._customers))
        del self._customers[number]
        self._leap()
        return self._say("customers/delete", {"id": number}, (f"person:{number}", ABSENT))

    def save_order(self) -> Webhook:
        """Place an order, cancel it, or take that back; of a customer, a guest or nobody."""
        number = self._pick(list(self._orders), 2000)
        if number not in self._orders:
            self._orders[number] = self._buyer(number)
        cancelled = self.rng.random() < 0.3
        now = self._tick()
        body = order(number, **self._orders[number], updated_at=now)
        body["cancelled_at"] = now if cancelled else None
        status = "cancelled" if cancelled else "completed"
        states: list[tuple[str, Any]] = [(f"order:{number}", status)]
        if body["email"] and body["customer"] is None:
            states.append((f"guest:{body['email']}", body["email"]))
        return self._say("orders/updated", body, *states)

    def delete_order(self) -> Webhook:
        """Delete an order."""
        if not self._orders:
            return self.save_order()
        number = self.rng.choice(list(self._orders))
        del self._orders[number]
        self._leap()
        return self._say("orders/delete", {"id": number}, (f"order:{number}", ABSENT))

    def save_cart(self) -> Webhook:
        """Put something into a cart: an event, one for each version."""
        if not self._carts or self.rng.random() < 0.4:
            self._carts.append(f"cart{len(self._carts)}")
        token = self.rng.choice(self._carts[-5:])
        # A platform counts in seconds, and by these its events are told apart.
        self._leap()
        now = self._tick()
        # A platform that is told no time knows a state by its quantity alone.
        line = {"product_id": 1, "variant_id": 11, "title": "Product 1", "quantity": self._ids + 1}
        body = {"token": token, "updated_at": now, "line_items": [{**line, "price": "19.99"}]}
        return self._tell("carts/update", body, ("cart", token, now))

    def start_checkout(self) -> Webhook:
        """Go to a checkout: an event, once."""
        self._leap()
        now, token = self._tick(), f"checkout{self._ids}"
        line = {"product_id": 1, "variant_id": 11, "title": "Product 1", "quantity": 1}
        body = {
            "token": token,
            "cart_token": None,
            "currency": "USD",
            "created_at": now,
            "updated_at": now,
            "line_items": [{**line, "price": "19.99"}],
        }
        return self._tell("checkouts/create", body, ("checkout", token, now))

    def redact(self) -> Webhook:
        """Redact a customer with all their orders, or a guest with theirs."""
        guests = [one for one, buyer in self._orders.items() if _is_guest(buyer)]
        if guests and self.rng.random() < 0.4:
            number = self.rng.choice(guests)
            email = self._orders.pop(number)["email"]
            return self._forget({"id": 9000 + number, "email": email}, [number], f"guest:{email}")
        if not self._customers:
            return self.save_customer()
        who = self.rng.choice(list(self._customers))
        bought = self._customers.pop(who)
        for one in bought:
            self._orders.pop(one, None)
        return self._forget(
            {"id": who, "email": f"customer-{who}@shop.example"}, bought, f"person:{who}"
        )

    def ask_for_data(self) -> Webhook:
        """Ask what is held about somebody."""
        body = {"shop_domain": SHOP, "customer": {"id": 1000}, "orders_requested": []}
        return self._keep("customers/data_request", body, kind=Kind.RECORD)

    def say_what_means_nothing(self) -> Webhook:
        """Say what no platform wants to know."""
        return self._keep("themes/update", {"id": 1}, kind=Kind.IGNORED)

    def _forget(self, who: dict[str, Any], orders: list[int], name: str) -> Webhook:
        self._leap()
        body = {"shop_domain": SHOP, "customer": who, "orders_to_redact": orders}
        states = [(name, ABSENT), *((f"order:{one}", ABSENT) for one in orders)]
        return self._say("customers/redact", body, *states)

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

    def _say(self, topic: str, body: dict[str, Any], *states: tuple[str, Any]) -> Webhook:
        touches = tuple(self.said.touch(name, state) for name, state in states)
        return self._keep(topic, body, touches=touches)

    def _tell(self, topic: str, body: dict[str, Any], about: tuple[str, str, str]) -> Webhook:
        kind, token, now = about
        name = f"{kind}:{hashlib.sha256(token.encode()).hexdigest()[:32]}"
        return self._keep(
            topic,
            body,
            kind=Kind.EVENT,
            touches=(Touch(name=name, index=0),),
            event=(f"{kind} {token}", now),
            version=f"{now[:19]}.000000000Z/{self._at()}",
        )

    def _keep(self, topic: str, body: dict[str, Any], **more: Any) -> Webhook:
        self._ids += 1
        webhook = Webhook(
            id=f"chaos-{self._ids}",
            topic=topic,
            body=json.dumps(body).encode(),
            at=self._at(),
            **more,
        )
        self.said.webhooks[webhook.id] = webhook
        return webhook

    def _pick(self, known: list[int], base: int) -> int:
        """Take one of the newest few things, or a number that is new."""
        if len(known) < _LIVING or self.rng.random() < 0.1:
            self._ids += 1
            return base * 1000 + self._ids
        return self.rng.choice(known[-_LIVING:])

    def _tick(self) -> str:
        """Let a moment pass, often within the same second; give the second, as shops write it."""
        self._seconds += self.rng.choice((0.25, 0.5, 1.0))
        return f"{_BEGIN + timedelta(seconds=int(self._seconds)):%Y-%m-%dT%H:%M:%SZ}"

    def _leap(self) -> None:
        # A delete has no second of its own but the moment it was triggered: what shares its second
        # with one cannot be ordered.
        self._seconds = float(int(self._seconds) + 1)

    def _at(self) -> str:
        now = _BEGIN + timedelta(seconds=self._seconds)
        return f"{now:%Y-%m-%dT%H:%M:%S.%f}000Z"


def _is_guest(buyer: dict[str, Any]) -> bool:
    return buyer["customer"] is None and buyer["email"] is not None


# How often each happens.
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
    SimulatedShop.ask_for_data: 2,
    SimulatedShop.say_what_means_nothing: 2,
}

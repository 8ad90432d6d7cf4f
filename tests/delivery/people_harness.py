"""
More of the world: people, their orders and redactions, whose webhooks touch several entities; dead
letters and bodies that privacy looks through.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.delivery.deliver import Pipeline
from shared.destinations.contract import Destination, KnownState, Plan
from shared.errors import LedgerUnavailable, QueueUnavailable
from shared.http.call import Call
from shared.model.change import (
    Change,
    OrderRemoved,
    OrderSaved,
    PersonRemoved,
    PersonSaved,
)
from shared.model.entity import Entity, Kind
from shared.model.order import Order, Status
from shared.model.person import Buyer, Person
from shared.model.value import replace
from shared.model.version import Version
from shared.observability import Observer
from shared.privacy.requests import Privacy
from shared.queue.envelope import Envelope, decode
from shared.queue.payload_store import Cursor
from shared.queue.sqs import DeadLetterReason
from shared.queue.sweep import START, Sweep
from shared.sources.contract import Redacted, Source, Translated
from tests.delivery import harness as plain
from tests.delivery.harness import Killed, World
from tests.fakes.platform import planned

PEOPLE = frozenset({"person", "order", "redact"})


def person(name: str) -> Entity:
    return Entity(Kind.PERSON, name)


def order(number: str) -> Entity:
    return Entity(Kind.ORDER, number)


def translate(envelope: Envelope, deadline: float) -> Translated:
    body = json.loads(envelope.body)
    if body["kind"] not in PEOPLE or "mangled" in body or "bug" in body:
        return plain.translate(envelope, deadline)
    version = Version.at(plain.at(body["second"]))
    if body["kind"] == "person":
        return Translated(changes=(_saved(body, version),))
    if body["kind"] == "order":
        return Translated(changes=_ordered(body, version))
    people = tuple(person(one) for one in body["people"])
    orders = tuple(order(one) for one in body.get("orders", []))
    changes: list[Change] = [
        PersonRemoved(entity=one, version=version, user_id=one.id, redacted=True) for one in people
    ]
    changes += [OrderRemoved(entity=one, version=version, redacted=True) for one in orders]
    return Translated(changes=tuple(changes), notice=Redacted(people=people, orders=orders))


def _saved(body: Mapping[str, Any], version: Version) -> PersonSaved:
    name = body.get("name", f"v{body['second']}")
    who = Person(id=None, email=None, first_name=name)
    return PersonSaved(entity=person(body.get("guest", body["id"])), version=version, person=who)


def _ordered(body: Mapping[str, Any], version: Version) -> tuple[Change, ...]:
    """A guest comes before the order that names the guest; a customer has webhooks of their own."""
    who = body.get("guest") or body.get("customer")
    placed = Order(
        id=body["id"],
        number=f"v{body['second']}",
        buyer=Buyer(id=who, entity=person(who) if who else None),
        lines=(),
        status=Status.COMPLETED,
        placed_at=version.modified,
        currency="USD",
    )
    saved = OrderSaved(entity=order(body["id"]), version=version, order=placed)
    return (_saved(body, version), saved) if "guest" in body else (saved,)


def plan(change: Change, memory: KnownState) -> Plan:
    """Plan the call of a person or an order: a row with one field, its name."""
    match change:
        case PersonSaved(person=Person(first_name=name)):
            row = {"it": {"name": name}}
        case OrderSaved(order=Order(number=name)):
            row = {"it": {"name": name}}
        case PersonRemoved() | OrderRemoved():
            row = {}
        case _:
            return plain.plan(change, memory)
    sent: dict[str, Any] = {"id": str(change.entity), "rows": row, "gone": not row}
    call = Call(method="PUT", url="x", body=json.dumps(sent).encode(), label="put")
    return Plan(calls=(call,), state=json.dumps(row).encode())


class PeopleWorld(World):
    """A world with people in it. ``duties`` waits for a worker that drains it by hand."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.duties: list[Envelope] = []
        self.observer = Observer("town")

    def park(self, envelope: Envelope, delay: float) -> None:
        super().park(envelope, delay)
        if envelope.task:
            self.duties.append(envelope)
            self.parked.pop()

    def pipeline(self) -> Pipeline:
        return replace(super().pipeline(), sources={"shop": source()}, observer=self.observer)

    def _destination(self, name: str) -> Destination:
        return replace(super()._destination(name), plans=planned(plan))

    def sent(self, entity: Entity, platform: str = "one") -> str:
        """The name under which a platform has an entity, or nothing."""
        return str(self.platforms[platform].rows.get(str(entity), {}).get("it", {}).get("name", ""))


def source() -> Source:
    return Source(
        name="shop",
        verify=lambda _raw, _headers: None,
        to_envelope=lambda _raw, _headers, _now: plain.webhook("product", 1, 1),
        translate=translate,
        handled=frozenset({"product"}),
        ignored={},
        redactions=frozenset({"redact"}),
    )


@dataclass
class StoredMessages:
    """Envelopes that lie somewhere: dead letters, or bodies."""

    envelopes: list[Envelope] = field(default_factory=list)

    def purge(
        self, match: Callable[[Envelope], bool] | None, _deadline: float, _sweep: Sweep = START
    ) -> Sweep:
        return replace(START, done=self._remove(match or (lambda _: True)), over=True)

    def count_matching(
        self, match: Callable[[Envelope], bool], _deadline: float, _sweep: Sweep = START
    ) -> Sweep:
        return replace(START, matched=sum(map(match, self.envelopes)), over=True)

    def remove(self, match: Callable[[Envelope], bool], *_: object) -> Cursor:
        return Cursor(done=self._remove(match), over=True)

    def remove_records(self, *_: object) -> Cursor:
        return Cursor(over=True)

    def _remove(self, match: Callable[[Envelope], bool]) -> int:
        before = len(self.envelopes)
        self.envelopes = [one for one in self.envelopes if not match(one)]
        return before - len(self.envelopes)


def privacy(town: PeopleWorld, dead: StoredMessages, read: Source | None = None) -> Privacy:
    return Privacy(
        sources={"shop": read or source()},
        rows=town.ledger,
        visitors=town.visitors,
        dead=dead,
        bodies=StoredMessages(),  # type: ignore[arg-type]  # only what forgetting asks
        purge_queue=lambda: None,
        pseudonym=lambda email: email,
        observer=Observer("test"),
    )


class FaultyPeopleWorld(PeopleWorld):
    """
    A world whose ports fail at random, before or after they had an effect, and whose process is
    killed at random. A message that was not finished is received again, as from SQS.
    """

    def __init__(self, rng: random.Random, *names: str) -> None:
        super().__init__(*names)
        self.rng = rng
        self.calm = False

    def risk(self, error: Exception) -> None:
        if self.calm:
            return
        luck = self.rng.random()
        if luck < DEATH:
            raise Killed
        if luck < FAILURE:
            raise error

    def park(self, envelope: Envelope, delay: float) -> None:
        self.risk(QueueUnavailable("before"))
        super().park(envelope, delay)
        self.risk(QueueUnavailable("after"))

    def dead_letter(self, envelope: Envelope, death: DeadLetterReason) -> None:
        self.risk(QueueUnavailable("before"))
        super().dead_letter(envelope, death)
        self.risk(QueueUnavailable("after"))

    def claim(self, claim: Any) -> Any:
        self.risk(LedgerUnavailable("before"))
        answer = super().claim(claim)
        self.risk(LedgerUnavailable("after"))
        return answer

    def commit(self, row: Any, token: str, note: Any = None) -> bool:
        self.risk(LedgerUnavailable("before"))
        done = super().commit(row, token, note)
        self.risk(LedgerUnavailable("after"))
        return done

    def redacted(self, people: Any) -> Any:
        self.risk(LedgerUnavailable("before"))
        return super().redacted(people)

    def shop_sends(self, envelope: Envelope) -> None:
        """Deliver as a shop does: again and again until it is answered 2xx."""
        while not self._taken(envelope):
            self.clock.pass_(self.rng.random() * 60)

    def work(self, hours: float) -> None:
        """Let a worker take what is due; what it does not finish is shown again in six minutes."""
        end = self.clock() + hours * 3600
        while self.parked and self.clock() < end:
            due, data = min(self.parked)
            self.parked.remove((due, data))
            self.clock.now = max(self.clock.now, due)
            if not self._taken(decode(data)):
                self.parked.append((self.clock() + 360, data))

    def _taken(self, envelope: Envelope) -> bool:
        try:
            self.deliver(envelope)
        except (Killed, QueueUnavailable):
            return False
        return True


DEATH, FAILURE = 0.03, 0.10

"""
In the end a destination has the newest fact of every field of a person, in whatever order, however
often, and with whatever unsigned trigger times the webhooks arrive.

The oracle is written from the shop's side: names and places are as old as the signed time of their
state (of a guest: as the checkout), the consent is as old as the answer itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.delivery.memory import known_state
from shared.model.change import Change, ConsentChanged, PersonSaved
from shared.model.value import replace
from shared.model.version import instant
from shared.state import rules
from shared.state.outcome import Failed, Outcome, Superseded
from shared.state.row import Register, Row
from shared.state.rules import AttemptTime
from tests.sources import shop, woo
from tests.state.test_rules import APPLIED, FAILED

CONSENT = "customers_email_marketing_consent/update"
PLACES = ("datacue", "yespo")
STATES = {True: "subscribed", False: "unsubscribed"}
Held = dict[str, Any]


def moment(second: int) -> str:
    return f"2026-11-20T09:{second // 60:02d}:{second % 60:02d}Z"


@dataclass(frozen=True)
class Fact:
    """What a webhook says: the name since one second, and the consent since another."""

    topic: str
    body: Mapping[str, Any]
    named: tuple[int, int] | None = None
    name: str = ""
    asked: int = 0
    answer: bool | None = None


def customer(second: int, asked: int, *, answer: bool | None) -> Fact:
    consent = answer is not None and {
        "state": STATES[answer],
        "consent_updated_at": moment(asked),
    }
    body = shop.customer(
        first_name=f"as of {second}",
        default_address={"city": f"as of {second}"},
        updated_at=moment(second),
        email_marketing_consent=consent or None,
    )
    return Fact("customers/update", body, (second, 0), f"as of {second}", asked, answer)


def consent(second: int, *, answer: bool) -> Fact:
    said = {"state": STATES[answer], "consent_updated_at": moment(second)}
    body = {"customer_id": 61, "email_marketing_consent": said}
    return Fact(CONSENT, body, asked=second, answer=answer)


def guests_order(placed: int, updated: int, *, answer: bool | None) -> Fact:
    """Make an order of a guest, placed once and modified later: fulfilled, refunded."""
    name = f"as of {placed}, {updated}"
    body = shop.order(
        id=placed,
        customer=None,
        email="gil@example.net",
        buyer_accepts_marketing=answer,
        billing_address={"first_name": name, "city": name},
        created_at=moment(placed),
        processed_at=moment(placed),
        updated_at=moment(updated),
    )
    return Fact("orders/updated", body, (placed, updated), name, placed, answer)


def person_of(fact: Fact, triggered: int) -> Change:
    """Return the change of the person, as the source translates the webhook."""
    envelope = shop.envelope(fact.topic, fact.body)
    envelope = replace(envelope, triggered_at=instant(moment(triggered)))
    return shop.source().translate(envelope, shop.DEADLINE).changes[0]


@dataclass
class World:
    """Two destinations that hold one person, and what waits for each."""

    row: Row
    places: dict[str, Held] = field(default_factory=lambda: {name: {} for name in PLACES})
    waiting: list[tuple[Change, str]] = field(default_factory=list)

    def deliver(self, change: Change, outcomes: Mapping[str, Outcome]) -> None:
        settled = {name: self._attempt(change, name, one) for name, one in outcomes.items()}
        when = AttemptTime(now=1_000_000.0, window=30.0)
        self.row = rules.settle(self.row, change, settled, frozenset(PLACES), when)

    def _attempt(self, change: Change, name: str, outcome: Outcome) -> Outcome:
        sent, partial = change, rules.stale(self.row, change, name)
        if partial:
            rest = rules.remaining_consent(self.row, change, name)
            if rest is None:
                return Superseded()
            sent = rest
        if isinstance(outcome, Failed):
            self.waiting.append((change, name))
        else:
            self._take(sent, name)
        return replace(outcome, partial=partial)

    def _take(self, change: Change, name: str) -> None:
        known = known_state(self.row, change, name)
        if isinstance(change, PersonSaved):
            person = change.person
            self.places[name] = {"name": person.first_name, "city": person.location}
        elif not known.known:
            return
        if known.subscribed is not None:
            self.places[name]["consent"] = known.subscribed

    def settle_down(self) -> None:
        while self.waiting:
            change, name = self.waiting.pop(0)
            self.deliver(change, {name: APPLIED})


def newest(facts: list[Fact]) -> Held:
    """The oracle: the newest name, and the newest answer; of one second a refusal."""
    name = max(((one.named, one.name) for one in facts if one.named), default=(None, ""))[1]
    held: Held = {"name": name, "city": name} if name else {}
    answers = [(one.asked, not one.answer) for one in facts if one.answer is not None]
    if held and answers:
        held["consent"] = not max(answers)[1]
    return held


SECONDS = st.integers(0, 900)
ANSWERS = st.sampled_from([None, True, False])
OUTCOMES = st.fixed_dictionaries({name: st.sampled_from([APPLIED, FAILED]) for name in PLACES})


@st.composite
def customers(draw: st.DrawFn) -> list[Fact]:
    """Draw states of a customer, each with an answer that is not newer, and answers alone."""
    found: list[Fact] = []
    for second in draw(st.lists(SECONDS, unique=True, min_size=1, max_size=5)):
        asked, answer = draw(st.integers(0, second)), draw(ANSWERS)
        found.append(customer(second, asked, answer=answer))
    alone = draw(st.lists(st.tuples(SECONDS, st.booleans()), max_size=3))
    return found + [consent(second, answer=answer) for second, answer in alone]


@st.composite
def guests(draw: st.DrawFn) -> list[Fact]:
    """Draw orders of a guest, of which some are modified much later."""
    found: list[Fact] = []
    for placed in draw(st.lists(SECONDS, unique=True, min_size=1, max_size=4)):
        answer = draw(ANSWERS)
        later = draw(st.lists(SECONDS, unique=True, min_size=1, max_size=3))
        found += [guests_order(placed, placed + one, answer=answer) for one in later]
    return found


@given(st.data(), customers() | guests())
def test_every_destination_ends_with_the_newest_fact_of_every_field(
    data: st.DataObject, facts: list[Fact]
) -> None:
    received = [*facts, *data.draw(st.lists(st.sampled_from(facts), max_size=3), "again")]
    first = person_of(facts[0], 0)
    world = World(Row(entity=first.entity))

    for fact in data.draw(st.permutations(received), "order"):
        # The header with the trigger time is not signed: it may say anything.
        triggered = data.draw(st.integers(0, 3_000), "triggered")
        world.deliver(person_of(fact, triggered), data.draw(OUTCOMES))
    world.settle_down()

    assert world.places == dict.fromkeys(PLACES, newest(facts))


def test_an_old_agreement_that_is_sent_again_subscribes_nobody() -> None:
    agreed = customer(1, 1, answer=True)
    world = World(Row(entity=person_of(agreed, 1).entity))

    for fact, triggered in ((agreed, 1), (consent(5, answer=False), 5), (agreed, 3_000)):
        world.deliver(person_of(fact, triggered), dict.fromkeys(PLACES, APPLIED))

    assert world.places["datacue"]["consent"] is False


def test_an_old_order_that_is_fulfilled_changes_nothing_of_its_guest() -> None:
    old, later = guests_order(1, 2, answer=True), guests_order(300, 301, answer=False)
    world = World(Row(entity=person_of(old, 1).entity))

    for fact, triggered in ((old, 1), (later, 301), (guests_order(1, 800, answer=True), 800)):
        world.deliver(person_of(fact, triggered), dict.fromkeys(PLACES, APPLIED))

    assert world.places["datacue"] == {
        "name": "as of 300, 301", "city": "as of 300, 301", "consent": False
    }  # fmt: skip


def test_a_woocommerce_guest_is_as_old_as_the_checkout() -> None:
    body = json.loads(json.dumps(woo.order(customer_id=0, billing={"email": "gil@example.net"})))
    body["date_modified_gmt"] = "2026-11-20T09:00:00"

    person, order = woo.translate("order.updated", body).changes

    assert isinstance(person, PersonSaved)
    assert not isinstance(order, ConsentChanged)
    assert person.version.modified == instant(body["date_created_gmt"])
    assert person.version.tie == instant("2026-11-20T09:00:00")


def test_a_row_of_an_older_release_keeps_its_consent_until_a_newer_answer() -> None:
    # Its clock was the trigger time of the row, which is not before the answer.
    row = Row(entity=person_of(consent(1, answer=True), 1).entity).with_register(
        rules.CONSENT, Register(at=instant(moment(50)), value=True)
    )
    world = World(row)

    world.deliver(person_of(customer(60, 10, answer=False), 60), {"datacue": APPLIED})
    before = world.places["datacue"]["consent"]
    world.deliver(person_of(consent(70, answer=False), 70), {"datacue": APPLIED})

    assert before is True
    assert world.places["datacue"]["consent"] is False

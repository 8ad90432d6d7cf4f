"""A redaction is sent even if the destination seems to have it already."""

from __future__ import annotations

from shared.delivery.attempt import AttemptContext, ClaimedChange, attempt
from shared.delivery.exchange import ExchangeContext
from shared.delivery.visitors import WebhookVisitor
from shared.http.circuit_breaker import CircuitBreaker
from shared.model.change import Change, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.model.version import Version
from shared.observability import Observer
from shared.state.outcome import Applied, Outcome, Unchanged
from shared.state.row import DestinationState, Row
from tests.fakes.clock import Clock
from tests.fakes.platform import Platform, destination
from tests.fakes.visitors import MemoryVisitors

PERSON = Entity(Kind.PERSON, "7")
VERSION = Version.at("2026-11-21T09:00:00.000000000Z")


def removal(*, redacted: bool) -> Change:
    return PersonRemoved(entity=PERSON, version=VERSION, user_id="7", redacted=redacted)


def send(change: Change, state: DestinationState, platform: Platform) -> Outcome:
    clock, to = Clock(), destination()
    claimed = ClaimedChange(
        change=change,
        row=Row(entity=change.entity, destination_states={to.name: state}),
        token="token",
        refused=frozenset(),
        blocked=False,
        briefs={to.name: to.brief(change)},
    )
    context = AttemptContext(
        delivery="d1",
        exchange=ExchangeContext(
            send=platform.send,
            clock=clock,
            breaker=CircuitBreaker(),
            report=lambda *_: None,
            deadline=clock() + 100,
            longest=10.0,
        ),
        visit=WebhookVisitor(store=MemoryVisitors()),
        observer=Observer("acme"),
        deferred=lambda _: None,
        repeat=False,
        confirming=False,
        unsure=30.0,
        last_call=clock() + 90,
    )
    return attempt(to, [claimed], context).outcome


def sent_twice(change: Change) -> tuple[Outcome, list[str]]:
    known = DestinationState(applied=VERSION)
    first = send(change, known, Platform())
    platform = Platform()
    second = send(change, DestinationState(applied=VERSION, digest=first.digest), platform)
    return second, platform.labels


def test_an_equal_redaction_is_sent_again() -> None:
    outcome, labels = sent_twice(removal(redacted=True))

    assert isinstance(outcome, Applied)
    assert labels == [str(PERSON)]


def test_an_equal_removal_that_is_no_redaction_is_not_sent_again() -> None:
    outcome, labels = sent_twice(removal(redacted=False))

    assert isinstance(outcome, Unchanged)
    assert labels == []

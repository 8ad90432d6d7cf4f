"""One attempt: what is sent, and what became of each change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.delivery.attempt import AttemptContext, Attempted, ClaimedChange
from shared.delivery.attempt import attempt as attempt_changes
from shared.delivery.exchange import ExchangeContext
from shared.delivery.visitors import WebhookVisitor
from shared.destinations.contract import Destination, Event, KnownState, Plan, Rule
from shared.errors import NotExpressible
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.verdict import OutcomeUnknown, Rejected, Response, Retry
from shared.model.change import Change
from shared.model.value import replace
from shared.model.version import Version
from shared.observability import Observer
from shared.state.outcome import (
    AlreadySent,
    Applied,
    Deferred,
    Failed,
    Outcome,
    Skipped,
    Superseded,
    Unchanged,
    changes_row,
    holds,
)
from shared.state.row import DestinationState, Row
from tests.fakes.clock import Clock
from tests.fakes.platform import BUSY, CUT, DEAD, REFUSED, Platform, Scripted, call, destination
from tests.fakes.visitors import MemoryVisitors
from tests.state.ledgers import ANN, SALE, SHOE
from tests.state.test_rules import order, person, removed, saved, t

CLOCK = Clock()
CART = Event(name="cart", rule=Rule.PER_VERSION)
ORDER = Event(name="order", rule=Rule.ONCE, again=True)


def work(change: Change, standing: DestinationState | None = None, **more: bool) -> ClaimedChange:
    row = Row(entity=change.entity, destination_states={"datacue": standing} if standing else {})
    refused = frozenset({"datacue"}) if more.get("refused") else frozenset[str]()
    return ClaimedChange(
        change=change,
        row=row,
        token="mine",
        refused=refused,
        blocked=more.get("blocked", False),
        briefs={},
    )


def attempt(to: Destination, works: list[ClaimedChange], context: AttemptContext) -> Attempted:
    """Brief the changes, as a claim does, and attempt to send them."""
    for one in works:
        one.briefs = {to.name: to.brief(one.change)}
    return attempt_changes(to, works, context)


def terms(
    platform: Platform, *, held: Deferred | None = None, repeat: bool = False, left: float = 100.0
) -> AttemptContext:
    line = ExchangeContext(
        send=platform.send,
        clock=CLOCK,
        breaker=CircuitBreaker(),
        report=lambda *_: None,
        deadline=CLOCK.now + left,
        longest=10.0,
    )
    return AttemptContext(
        delivery="d1",
        exchange=line,
        visit=WebhookVisitor(store=MemoryVisitors()),
        observer=Observer("acme"),
        deferred=lambda _: held,
        repeat=repeat,
        confirming=repeat,
        unsure=30.0,
        last_call=CLOCK.now + 90,
    )


def outcome(one: ClaimedChange) -> Outcome:
    return one.outcomes["datacue"]


def test_a_change_that_is_taken_is_delivered() -> None:
    platform, one = Platform(), work(saved(5))

    attempted = attempt(destination(), [one], terms(platform))

    assert platform.labels == [str(SHOE)]
    assert isinstance(outcome(one), Applied)
    assert attempted == Attempted(outcome=outcome(one))


def test_the_same_state_is_not_sent_again() -> None:
    first, platform = work(saved(5)), Platform()
    attempt(destination(), [first], terms(Platform()))
    again = work(saved(5), DestinationState(digest=outcome(first).digest))

    attempted = attempt(destination(), [again], terms(platform))

    assert attempted.outcome == outcome(again) == Unchanged(digest=outcome(first).digest)
    assert platform.sent == []


def test_a_forced_or_confirming_envelope_sends_the_same_state_again() -> None:
    first, platform = work(saved(5)), Platform()
    attempt(destination(), [first], terms(Platform()))
    again = work(saved(5), DestinationState(digest=outcome(first).digest))

    attempt(destination(), [again], terms(platform, repeat=True))

    assert platform.labels == [str(SHOE)]


def test_another_fingerprint_is_another_state() -> None:
    first, platform = work(saved(5)), Platform()
    attempt(destination(), [first], terms(Platform()))
    again = work(saved(5), DestinationState(digest=outcome(first).digest))

    attempt(replace(destination(), fingerprint="elsewhere"), [again], terms(platform))

    assert platform.labels == [str(SHOE)]


@pytest.mark.parametrize(
    "one",
    [work(saved(4), DestinationState(applied=Version.at(t(5)))), work(person(4), blocked=True)],
    ids=["stale", "blocked"],
)
def test_what_is_stale_or_blocked_is_superseded(one: ClaimedChange) -> None:
    platform = Platform()

    assert attempt(destination(), [one], terms(platform)) == Attempted(outcome=Superseded())

    assert platform.sent == []
    assert not changes_row(outcome(one))


def test_what_means_nothing_to_the_destination_is_skipped() -> None:
    one, observer = work(saved(5)), terms(Platform())

    attempted = attempt(
        destination(plan=lambda *_: Plan(counts=("cart_of_nobody",))), [one], observer
    )

    assert attempted == Attempted(outcome=Skipped())
    assert not changes_row(outcome(one))


def test_a_plan_that_asks_for_a_person_raises_its_alarm_and_names_nobody(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    one, here = work(saved(5)), terms(Platform())
    plan = Plan(state=b"gone", counts=("not_expressible",), alarms=("EraseByHand",))

    attempt(destination(plan=lambda *_: plan), [one], here)
    here.observer.flush()

    [line] = [record for record in caplog.records if getattr(record, "alarm", "")]
    sent = {name: getattr(line, name) for name in ("alarm", "id", "destination", "merchant")}
    assert (line.levelname, line.message) == ("ERROR", "a person must act")
    assert sent == {
        "alarm": "EraseByHand", "id": "d1", "destination": "datacue", "merchant": "acme",
    }  # fmt: skip
    assert '"EraseByHand":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_a_confirmation_asks_for_nobody_again(caplog: pytest.LogCaptureFixture) -> None:
    plan = Plan(state=b"gone", alarms=("EraseByHand",))

    for confirms in (False, True):
        attempt(
            destination(plan=lambda *_: plan),
            [work(saved(5))],
            terms(Platform(), repeat=confirms),
        )

    sent = [getattr(record, "alarm", "") for record in caplog.records]
    assert sent == ["EraseByHand"]


def test_a_state_without_calls_is_noted_so_that_what_is_older_stays_away() -> None:
    platform, one = Platform(), work(saved(1))

    attempted = attempt(destination(plan=lambda *_: Plan(state=b"nothing")), [one], terms(platform))

    assert isinstance(attempted.outcome, Skipped)
    assert platform.sent == []
    assert holds(outcome(one))


def phantom(
    standing: DestinationState | None = None, variants: frozenset[str] = frozenset()
) -> ClaimedChange:
    one = work(replace(removed(2), phantom=True), standing)
    return replace(one, row=replace(one.row, variants=variants))


def test_the_end_of_what_a_platform_never_received_of_is_noted_and_not_sent() -> None:
    platform, one = Platform(), phantom()

    assert attempt(destination(), [one], terms(platform)) == Attempted(
        outcome=Skipped(applied=True)
    )
    assert platform.sent == []
    assert holds(outcome(one))


@pytest.mark.parametrize(
    "one",
    [
        phantom(DestinationState(applied=Version(t(1), t(1)))),
        phantom(DestinationState(unsure_until=CLOCK.now + 10)),
        phantom(variants=frozenset({"21"})),
        work(removed(2)),
    ],
    ids=["taken", "perhaps taken", "perhaps a variant", "no phantom"],
)
def test_the_end_of_what_a_platform_may_have_is_sent(one: ClaimedChange) -> None:
    platform = Platform()

    attempt(destination(), [one], terms(platform))

    assert len(platform.sent) == 1


def test_no_change_at_all_is_skipped() -> None:
    assert attempt(destination(), [], terms(Platform())) == Attempted(outcome=Skipped())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (BUSY, Failed(failure=Retry(reason="answered 503", status=503), sent=True)),
        (DEAD, Failed(failure=Retry(reason="dead"), sent=True)),
        (REFUSED, Failed(failure=Rejected(reason="answered 422", status=422), sent=True)),
        (CUT, Failed(failure=OutcomeUnknown(reason="cut"), sent=True, may_apply=True)),
    ],
)
def test_each_verdict_becomes_its_outcome(answer: Scripted, expected: Outcome) -> None:
    one = work(saved(5))

    assert attempt(destination(), [one], terms(Platform([answer]))).outcome == expected

    assert outcome(one) == expected


def test_what_is_held_is_not_sent_and_not_failed() -> None:
    platform, one = Platform(), work(saved(5))

    attempted = attempt(destination(), [one], terms(platform, held=Deferred(reason="paused")))

    assert attempted.outcome == outcome(one) == Deferred(reason="paused")
    assert platform.sent == []


@pytest.mark.parametrize("calls", [1, 2])
def test_when_the_time_is_over_only_what_was_sent_counts_as_sent(calls: int) -> None:
    clock = Clock()
    platform = Platform(takes=lambda: clock.pass_(99.9))
    one = work(saved(5))
    two_calls = destination(plan=lambda *_: Plan(calls=(call("a"), call("b"))))
    more = terms(platform)
    line = replace(more.exchange, clock=clock, deadline=clock.now + (100.0 if calls == 2 else 0.1))

    attempted = attempt(two_calls, [one], replace(more, exchange=line))

    assert attempted.outcome == Deferred(reason="no time left", sent=calls == 2)
    assert len(platform.sent) == calls - 1
    assert changes_row(outcome(one)) is (calls == 2)


def test_changes_are_sent_in_order_and_a_refusal_does_not_stop_the_next() -> None:
    platform, guest, sale = Platform([REFUSED]), work(person(5)), work(order(5))

    attempted = attempt(destination(), [guest, sale], terms(platform))

    assert platform.labels == [str(ANN), str(SALE)]
    rejected = Failed(failure=Rejected(reason="answered 422", status=422), sent=True)
    assert attempted.outcome == outcome(guest) == rejected
    assert isinstance(outcome(sale), Applied)


@pytest.mark.parametrize("answer", [BUSY, CUT, DEAD])
def test_where_one_change_cannot_be_taken_now_the_next_waits(answer: Scripted) -> None:
    platform = Platform([answer])
    works = [work(person(5)), work(order(5)), work(saved(5))]

    attempt(destination(), works, terms(platform))

    assert platform.labels == [str(ANN)]
    assert [type(outcome(one)) for one in works[1:]] == [Deferred, Deferred]
    assert not any(changes_row(outcome(one)) for one in works[1:])


def test_after_a_deferred_change_the_next_waits_even_if_it_could_be_sent() -> None:
    platform, first, second = Platform(), work(saved(5)), work(saved(6))
    open_once = iter([Deferred(reason="the breaker is open"), None])
    context = replace(terms(platform), deferred=lambda _: next(open_once))

    attempt(destination(), [first, second], context)

    assert [type(outcome(one)) for one in (first, second)] == [Deferred, Deferred]
    assert platform.sent == []


def test_the_worst_end_is_sent() -> None:
    stale = work(saved(4), DestinationState(applied=Version.at(t(5))))

    attempted = attempt(destination(), [stale, work(order(5))], terms(Platform()))

    assert isinstance(attempted.outcome, Applied)


def _breaks(_: Change, __: KnownState) -> Plan:
    raise ZeroDivisionError


def _demands(_: Change, __: KnownState) -> Plan:
    raise NotExpressible("Expected `str` of length >= 1", "$.name")


@pytest.mark.parametrize(
    ("plan", "end"),
    [
        (_breaks, Rejected(reason="internal error: ZeroDivisionError")),
        (_demands, Rejected(reason="Expected `str` of length >= 1", path="$.name")),
    ],
)
def test_a_plan_that_cannot_be_made_is_a_refusal(
    plan: Callable[[Change, KnownState], Plan], end: Rejected
) -> None:
    one = work(saved(5))

    attempted = attempt(destination(plan=plan), [one], terms(Platform()))

    assert attempted.outcome == outcome(one) == Failed(failure=end)
    assert not changes_row(outcome(one))


def test_a_bug_of_ours_raises_an_alarm_that_names_the_delivery_and_the_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    attempt(destination(plan=_breaks), [work(saved(5))], terms(Platform()))

    [line] = [record for record in caplog.records if getattr(record, "alarm", "")]
    sent = {name: getattr(line, name) for name in ("alarm", "id", "destination")}
    assert sent == {"alarm": "InternalError", "id": "d1", "destination": "datacue"}
    assert str(getattr(line, "place", "")).startswith("_breaks:")


# ---- events --------------------------------------------------------------------------------------


def telling(event: Event) -> Destination:
    return destination(
        plan=lambda change, _: Plan(calls=(call(str(change.entity)),)), event=lambda _: event
    )


def test_an_event_that_was_sent_is_not_sent_again() -> None:
    platform, one = Platform(), work(order(5), refused=True)

    attempted = attempt(telling(ORDER), [one], terms(platform))

    assert attempted.outcome == outcome(one) == AlreadySent()
    assert platform.sent == []


def test_an_event_that_is_taken_is_noted_under_its_version() -> None:
    one = work(order(5))

    attempt(telling(ORDER), [one], terms(Platform()))

    assert outcome(one) == Applied(event=f"{t(5)}/{t(5)}")


def test_a_purchase_with_an_unknown_outcome_is_sent_again() -> None:
    one = work(order(5))

    attempted = attempt(telling(ORDER), [one], terms(Platform([CUT])))

    assert attempted.outcome == outcome(one)
    assert outcome(one) == Failed(
        failure=OutcomeUnknown(reason="cut"), sent=True, may_apply=True, event=f"{t(5)}/{t(5)}"
    )


def test_a_cart_with_an_unknown_outcome_is_not_sent_again() -> None:
    one = work(order(5))

    attempted = attempt(telling(CART), [one], terms(Platform([CUT])))

    assert attempted.outcome == outcome(one)
    assert outcome(one) == Applied(note="event_outcome_unknown", event=f"{t(5)}/{t(5)}")


def test_a_cart_that_failed_is_sent_again() -> None:
    one = work(order(5))

    attempted = attempt(telling(CART), [one], terms(Platform([Response(status=500)])))

    failure = Retry(reason="answered 500", status=500)
    assert attempted.outcome == outcome(one) == Failed(failure=failure, sent=True)


# ---- confirmation --------------------------------------------------------------------------------


def test_what_is_taken_inside_the_window_of_doubt_is_confirmed_after_it() -> None:
    one = work(saved(5), DestinationState(unsure_until=CLOCK.now + 10))

    attempted = attempt(destination(), [one], terms(Platform()))

    assert attempted == Attempted(outcome=outcome(one), confirm_at=CLOCK.now + 10)
    assert isinstance(outcome(one), Applied)


def test_a_removal_inside_the_window_of_doubt_is_confirmed_too() -> None:
    one = work(removed(5), DestinationState(unsure_until=CLOCK.now + 10))

    attempted = attempt(destination(), [one], terms(Platform()))

    assert attempted.confirm_at == CLOCK.now + 10


def test_after_the_window_nothing_is_confirmed() -> None:
    one = work(saved(5), DestinationState(unsure_until=CLOCK.now))

    assert attempt(destination(), [one], terms(Platform())).confirm_at is None


def test_an_event_is_never_confirmed() -> None:
    one = work(order(5), DestinationState(unsure_until=CLOCK.now + 10))

    assert attempt(telling(ORDER), [one], terms(Platform())).confirm_at is None


def test_the_longest_doubt_is_waited_for() -> None:
    works = [
        work(person(5), DestinationState(unsure_until=CLOCK.now + 20)),
        work(order(5), DestinationState(unsure_until=CLOCK.now + 10)),
    ]

    assert attempt(destination(), works, terms(Platform())).confirm_at == CLOCK.now + 20

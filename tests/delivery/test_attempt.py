"""One attempt: what is sent, and what became of each change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.delivery.attempt import (
    AttemptContext,
    Attempted,
    ClaimedChange,
    Skipped,
    Superseded,
    attempt,
)
from shared.delivery.exchange import Deferred, ExchangeContext
from shared.delivery.visitors import WebhookVisitor
from shared.destinations.contract import Destination, Event, KnownState, Plan, Rule
from shared.errors import NotExpressible
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.verdict import Delivered, OutcomeUnknown, Rejected, Response, Retry
from shared.model.change import Change
from shared.model.value import replace
from shared.model.version import Version
from shared.observability import Observer
from shared.state.row import DestinationState, Row
from shared.state.rules import Fate, Settled
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
        change=change, row=row, token="mine", refused=refused, blocked=more.get("blocked", False)
    )


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
        line=line,
        visit=WebhookVisitor(store=MemoryVisitors()),
        observer=Observer("acme"),
        held=lambda _: held,
        repeat=repeat,
        confirming=repeat,
        unsure=30.0,
        last_call=CLOCK.now + 90,
    )


def fate(one: ClaimedChange) -> Fate:
    return one.settled["datacue"].fate


def test_a_change_that_is_taken_is_delivered() -> None:
    platform, one = Platform(), work(saved(5))

    assert attempt(destination(), [one], terms(platform)) == Attempted(end=Delivered())

    assert platform.labels == [str(SHOE)]
    assert fate(one) is Fate.TAKEN


def test_the_same_state_is_not_sent_again() -> None:
    first, platform = work(saved(5)), Platform()
    attempt(destination(), [first], terms(Platform()))
    again = work(saved(5), DestinationState(digest=first.settled["datacue"].digest))

    attempted = attempt(destination(), [again], terms(platform))

    assert attempted.end == Delivered(note="unchanged")
    assert again.settled["datacue"] == replace(first.settled["datacue"], fate=Fate.SAME)
    assert platform.sent == []


def test_a_forced_or_confirming_envelope_sends_the_same_state_again() -> None:
    first, platform = work(saved(5)), Platform()
    attempt(destination(), [first], terms(Platform()))
    again = work(saved(5), DestinationState(digest=first.settled["datacue"].digest))

    attempt(destination(), [again], terms(platform, repeat=True))

    assert platform.labels == [str(SHOE)]


def test_another_fingerprint_is_another_state() -> None:
    first, platform = work(saved(5)), Platform()
    attempt(destination(), [first], terms(Platform()))
    again = work(saved(5), DestinationState(digest=first.settled["datacue"].digest))

    attempt(replace(destination(), fingerprint="elsewhere"), [again], terms(platform))

    assert platform.labels == [str(SHOE)]


@pytest.mark.parametrize(
    "one",
    [work(saved(4), DestinationState(applied=Version.at(t(5)))), work(person(4), blocked=True)],
    ids=["stale", "blocked"],
)
def test_what_is_stale_or_blocked_is_superseded(one: ClaimedChange) -> None:
    platform = Platform()

    assert attempt(destination(), [one], terms(platform)) == Attempted(end=Superseded())

    assert platform.sent == []
    assert fate(one) is Fate.KEPT


def test_what_means_nothing_to_the_destination_is_skipped() -> None:
    one, observer = work(saved(5)), terms(Platform())

    attempted = attempt(
        destination(plan=lambda *_: Plan(counts=("cart_of_nobody",))), [one], observer
    )

    assert attempted == Attempted(end=Skipped())
    assert fate(one) is Fate.KEPT


def test_a_plan_that_asks_for_a_person_raises_its_alarm_and_names_nobody(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    one, here = work(saved(5)), terms(Platform())
    plan = Plan(state=b"gone", counts=("not_expressible",), alarms=("EraseByHand",))

    attempt(destination(plan=lambda *_: plan), [one], here)
    here.observer.flush()

    [line] = [record for record in caplog.records if getattr(record, "alarm", "")]
    told = {name: getattr(line, name) for name in ("alarm", "id", "destination", "merchant")}
    assert (line.levelname, line.message) == ("ERROR", "a person must act")
    assert told == {
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

    told = [getattr(record, "alarm", "") for record in caplog.records]
    assert told == ["EraseByHand"]


def test_a_state_without_calls_is_noted_so_that_what_is_older_stays_away() -> None:
    platform, one = Platform(), work(saved(1))

    attempted = attempt(destination(plan=lambda *_: Plan(state=b"nothing")), [one], terms(platform))

    assert attempted == Attempted(end=Skipped())
    assert (platform.sent, fate(one)) == ([], Fate.TAKEN)


def phantom(
    standing: DestinationState | None = None, variants: frozenset[str] = frozenset()
) -> ClaimedChange:
    one = work(replace(removed(2), phantom=True), standing)
    return replace(one, row=replace(one.row, variants=variants))


def test_the_end_of_what_a_platform_never_heard_of_is_noted_and_not_told() -> None:
    platform, one = Platform(), phantom()

    assert attempt(destination(), [one], terms(platform)) == Attempted(end=Skipped())
    assert (platform.sent, fate(one)) == ([], Fate.TAKEN)


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
def test_the_end_of_what_a_platform_may_have_is_told(one: ClaimedChange) -> None:
    platform = Platform()

    attempt(destination(), [one], terms(platform))

    assert len(platform.sent) == 1


def test_no_change_at_all_is_skipped() -> None:
    assert attempt(destination(), [], terms(Platform())) == Attempted(end=Skipped())


@pytest.mark.parametrize(
    ("answer", "end", "expected"),
    [
        (BUSY, Retry(reason="answered 503", status=503), Fate.FAILED),
        (DEAD, Retry(reason="dead"), Fate.FAILED),
        (REFUSED, Rejected(reason="answered 422", status=422), Fate.FAILED),
        (CUT, OutcomeUnknown(reason="cut"), Fate.UNSURE),
    ],
)
def test_each_outcome_has_its_fate(answer: Scripted, end: object, expected: Fate) -> None:
    one = work(saved(5))

    assert attempt(destination(), [one], terms(Platform([answer]))).end == end

    assert fate(one) is expected


def test_what_is_held_is_not_sent_and_not_failed() -> None:
    platform, one = Platform(), work(saved(5))

    attempted = attempt(destination(), [one], terms(platform, held=Deferred(reason="paused")))

    assert attempted.end == Deferred(reason="paused")
    assert platform.sent == []
    assert fate(one) is Fate.KEPT


@pytest.mark.parametrize(("calls", "expected"), [(1, Fate.KEPT), (2, Fate.FAILED)])
def test_when_the_time_is_over_only_what_was_sent_counts_as_sent(
    calls: int, expected: Fate
) -> None:
    clock = Clock()
    platform = Platform(takes=lambda: clock.pass_(99.9))
    one = work(saved(5))
    two_calls = destination(plan=lambda *_: Plan(calls=(call("a"), call("b"))))
    more = terms(platform)
    line = replace(more.line, clock=clock, deadline=clock.now + (100.0 if calls == 2 else 0.1))

    attempted = attempt(two_calls, [one], replace(more, line=line))

    assert attempted.end == Deferred(reason="no time left")
    assert len(platform.sent) == calls - 1
    assert fate(one) is expected


def test_changes_are_sent_in_order_and_a_refusal_does_not_stop_the_next() -> None:
    platform, guest, sale = Platform([REFUSED]), work(person(5)), work(order(5))

    attempted = attempt(destination(), [guest, sale], terms(platform))

    assert platform.labels == [str(ANN), str(SALE)]
    assert attempted.end == Rejected(reason="answered 422", status=422)
    assert (fate(guest), fate(sale)) == (Fate.FAILED, Fate.TAKEN)


@pytest.mark.parametrize("answer", [BUSY, CUT, DEAD])
def test_where_one_change_cannot_be_taken_now_the_next_waits(answer: Scripted) -> None:
    platform = Platform([answer])
    works = [work(person(5)), work(order(5)), work(saved(5))]

    attempt(destination(), works, terms(platform))

    assert platform.labels == [str(ANN)]
    assert [fate(one) for one in works[1:]] == [Fate.KEPT, Fate.KEPT]


def test_the_worst_end_is_told() -> None:
    stale = work(saved(4), DestinationState(applied=Version.at(t(5))))

    assert attempt(destination(), [stale, work(order(5))], terms(Platform())).end == Delivered()


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

    assert attempted.end == end
    assert fate(one) is Fate.KEPT


# ---- events --------------------------------------------------------------------------------------


def telling(event: Event) -> Destination:
    return destination(
        plan=lambda change, _: Plan(calls=(call(str(change.entity)),)), event=lambda _: event
    )


def test_an_event_that_was_told_is_not_told_again() -> None:
    platform, one = Platform(), work(order(5), refused=True)

    attempted = attempt(telling(ORDER), [one], terms(platform))

    assert attempted.end == Delivered(note="told_already")
    assert platform.sent == []
    assert one.settled["datacue"] == Settled(fate=Fate.KEPT)


def test_an_event_that_is_taken_is_noted_under_its_version() -> None:
    one = work(order(5))

    attempt(telling(ORDER), [one], terms(Platform()))

    assert one.settled["datacue"] == Settled(fate=Fate.TAKEN, event=f"{t(5)}/{t(5)}")


def test_a_purchase_with_an_unknown_outcome_is_sent_again() -> None:
    one = work(order(5))

    assert attempt(telling(ORDER), [one], terms(Platform([CUT]))).end == OutcomeUnknown(
        reason="cut"
    )

    assert one.settled["datacue"] == Settled(fate=Fate.UNSURE, event=f"{t(5)}/{t(5)}")


def test_a_cart_with_an_unknown_outcome_is_not_sent_again() -> None:
    one = work(order(5))

    attempted = attempt(telling(CART), [one], terms(Platform([CUT])))

    assert attempted.end == Delivered(note="event_outcome_unknown")
    assert fate(one) is Fate.TAKEN


def test_a_cart_that_failed_is_sent_again() -> None:
    one = work(order(5))

    attempted = attempt(telling(CART), [one], terms(Platform([Response(status=500)])))

    assert attempted.end == Retry(reason="answered 500", status=500)
    assert fate(one) is Fate.FAILED


# ---- confirmation --------------------------------------------------------------------------------


def test_what_is_taken_inside_the_window_of_doubt_is_confirmed_after_it() -> None:
    one = work(saved(5), DestinationState(unsure_until=CLOCK.now + 10))

    attempted = attempt(destination(), [one], terms(Platform()))

    assert attempted == Attempted(end=Delivered(), confirm_at=CLOCK.now + 10)


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

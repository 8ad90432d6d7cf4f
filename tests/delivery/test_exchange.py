"""One attempt at one destination, call by call."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from shared.delivery.exchange import ExchangeContext, OutOfTime, send_calls
from shared.http.call import Call, Effect
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.verdict import (
    Delivered,
    FollowUp,
    OutcomeUnknown,
    Rejected,
    Response,
    Retry,
    Verdict,
    judge_status,
    word,
)
from shared.model.value import replace
from tests.fakes.clock import Clock
from tests.fakes.platform import (
    BUSY,
    CUT,
    DEAD,
    REFUSED,
    TAKEN,
    Platform,
    Scripted,
    call,
    destination,
)

THREE = (call("a"), call("b"), call("c"))
EXISTS = Response(status=409)


@dataclass
class Talk:
    """A line to a platform, and what was reported of it."""

    platform: Platform
    clock: Clock = field(default_factory=Clock)
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    reports: list[tuple[str, str, str, int]] = field(default_factory=list)

    def line(self, *, left: float = 100.0, longest: float = 10.0) -> ExchangeContext:
        return ExchangeContext(
            send=self.platform.send,
            clock=self.clock,
            breaker=self.breaker,
            report=self.report,
            deadline=self.clock() + left,
            longest=longest,
        )

    def report(self, name: str, one: Call, verdict: Verdict, milliseconds: int) -> None:
        self.reports.append((name, one.label, word(verdict), milliseconds))


def correcting(one: Call, answer: Response, now: float) -> Verdict:
    """Judge "already exists" as two corrections, unless the call is one already."""
    if answer.status == 409 and not one.corrects:
        more = tuple(call(f"{one.label}{n}", corrects=True) for n in (1, 2))
        return FollowUp(calls=more)
    return judge_status(answer, now)


def talk(*script: Scripted) -> Talk:
    return Talk(Platform(list(script)))


def test_calls_are_signed_and_sent_in_order() -> None:
    one = talk()

    assert send_calls(destination(), THREE, one.line()) == Delivered()

    assert one.platform.labels == ["a", "b", "c"]
    assert one.platform.headers[1] == {"x-signature": "over b"}
    assert one.platform.times == [10.0, 10.0, 10.0]


def test_the_first_note_of_an_accepted_call_is_returned() -> None:
    notes = {"b": "unknown_category", "c": "other"}

    def noting(one: Call, _response: Response, _now: float) -> Verdict:
        return Delivered(note=notes.get(one.label, ""))

    assert send_calls(destination(judge=noting), THREE, talk().line()) == Delivered(
        note="unknown_category"
    )


def test_nothing_to_send_is_delivered() -> None:
    assert send_calls(destination(), (), talk().line()) == Delivered()


def test_a_refusal_does_not_stop_the_other_calls() -> None:
    one = talk(TAKEN, REFUSED, TAKEN)

    assert send_calls(destination(), THREE, one.line()) == Rejected(
        reason="answered 422", status=422
    )

    assert one.platform.labels == ["a", "b", "c"]


def test_after_a_rejected_event_no_other_call_is_sent() -> None:
    one = talk(TAKEN, REFUSED, TAKEN)
    calls = (call("a"), replace(call("b"), effect=Effect.EVENT), call("c"))

    verdict = send_calls(destination(), calls, one.line())

    # An event that was accepted after it would be sent again with the rejected one.
    assert verdict == Rejected(reason="answered 422", status=422)
    assert one.platform.labels == ["a", "b"]


def test_the_first_refusal_is_sent() -> None:
    one = talk(Response(status=401), REFUSED)

    verdict = send_calls(destination(), THREE, one.line())

    assert verdict == Rejected(reason="answered 401", status=401, credentials=True)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (BUSY, Retry(reason="answered 503", status=503)),
        (CUT, OutcomeUnknown(reason="cut")),
        (DEAD, Retry(reason="dead")),
    ],
)
def test_a_platform_that_cannot_take_it_now_stops_the_others(
    answer: Scripted, verdict: Verdict
) -> None:
    one = talk(REFUSED, answer)

    assert send_calls(destination(), THREE, one.line()) == verdict

    assert one.platform.labels == ["a", "b"]


def test_corrections_are_sent_before_the_next_call_and_in_order() -> None:
    one = talk(EXISTS)

    assert send_calls(destination(judge=correcting), THREE, one.line()) == Delivered()

    assert one.platform.labels == ["a", "a1", "a2", "b", "c"]


def test_a_correction_is_not_corrected() -> None:
    one = talk(EXISTS, EXISTS)

    verdict = send_calls(destination(judge=correcting), THREE, one.line())

    assert verdict == Rejected(reason="answered 409", status=409)
    assert one.platform.labels == ["a", "a1", "a2", "b", "c"]


def test_what_no_correction_helps_is_refused_though_the_corrections_are_sent() -> None:
    hopeless = Rejected(reason="item 3")
    one = talk(EXISTS)
    judged = [FollowUp(calls=(call("fix", corrects=True),), then=hopeless)]

    verdict = send_calls(
        destination(judge=lambda *_: judged.pop() if judged else Delivered()), THREE, one.line()
    )

    assert verdict == hopeless
    assert one.platform.labels == ["a", "fix", "b", "c"]


def test_without_time_nothing_is_sent() -> None:
    one = talk()

    assert send_calls(destination(), THREE, one.line(left=0.2)) == OutOfTime(sent=False)

    assert one.platform.sent == []


def test_when_the_time_is_over_the_rest_is_not_sent() -> None:
    one = talk()
    one.platform.takes = lambda: one.clock.pass_(6.0)

    assert send_calls(destination(), THREE, one.line(left=7.0)) == OutOfTime(sent=True)

    assert one.platform.labels == ["a", "b"]
    assert one.platform.times == [7.0, 1.0]


def test_every_call_is_reported_with_its_verdict() -> None:
    one = talk(Response(status=422, milliseconds=7), CUT)

    send_calls(destination(), THREE, one.line())

    assert one.reports == [("datacue", "a", "Refused", 7), ("datacue", "b", "Unknown", 0)]


@pytest.mark.parametrize("answer", [BUSY, CUT, DEAD, Response(status=500)])
def test_a_dead_platform_opens_the_breaker(answer: Scripted) -> None:
    one = talk(answer, answer, answer)

    for _ in range(3):
        send_calls(destination(), THREE, one.line())

    assert not one.breaker.admits("datacue", one.clock())


@pytest.mark.parametrize("answer", [REFUSED, Response(status=429), TAKEN, Response(status=408)])
def test_a_platform_that_answers_keeps_the_breaker_closed(answer: Scripted) -> None:
    one = talk(CUT, CUT, answer, CUT, CUT)

    for _ in range(5):
        send_calls(destination(), (call("a"),), one.line())

    assert one.breaker.admits("datacue", one.clock())

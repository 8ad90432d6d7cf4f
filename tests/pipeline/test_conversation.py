"""One attempt at one destination, call by call."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from shared.delivery.breaker import Breaker
from shared.delivery.call import Call
from shared.delivery.verdict import (
    Answer,
    Delivered,
    FollowUp,
    Refused,
    TryAgain,
    Unknown,
    Verdict,
    judge_status,
)
from shared.pipeline.conversation import Line, NoTime, converse
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
EXISTS = Answer(status=409)


@dataclass
class Talk:
    """A line to a platform, and what was reported of it."""

    platform: Platform
    clock: Clock = field(default_factory=Clock)
    breaker: Breaker = field(default_factory=Breaker)
    reports: list[tuple[str, str, str, int]] = field(default_factory=list)

    def line(self, *, left: float = 100.0, longest: float = 10.0) -> Line:
        return Line(
            send=self.platform.send,
            clock=self.clock,
            breaker=self.breaker,
            report=self.report,
            deadline=self.clock() + left,
            longest=longest,
        )

    def report(self, name: str, one: Call, verdict: Verdict, milliseconds: int) -> None:
        self.reports.append((name, one.label, type(verdict).__name__, milliseconds))


def correcting(one: Call, answer: Answer, now: float) -> Verdict:
    """Judge "already exists" as two corrections, unless the call is one already."""
    if answer.status == 409 and not one.corrects:
        more = tuple(call(f"{one.label}{n}", corrects=True) for n in (1, 2))
        return FollowUp(calls=more)
    return judge_status(answer, now)


def talk(*script: Scripted) -> Talk:
    return Talk(Platform(list(script)))


def test_calls_are_signed_and_sent_in_order() -> None:
    one = talk()

    assert converse(destination(), THREE, one.line()) == Delivered()

    assert one.platform.labels == ["a", "b", "c"]
    assert one.platform.headers[1] == {"x-signature": "over b"}
    assert one.platform.times == [10.0, 10.0, 10.0]


def test_nothing_to_send_is_delivered() -> None:
    assert converse(destination(), (), talk().line()) == Delivered()


def test_a_refusal_does_not_stop_the_other_calls() -> None:
    one = talk(TAKEN, REFUSED, TAKEN)

    assert converse(destination(), THREE, one.line()) == Refused(reason="answered 422", status=422)

    assert one.platform.labels == ["a", "b", "c"]


def test_the_first_refusal_is_told() -> None:
    one = talk(Answer(status=401), REFUSED)

    verdict = converse(destination(), THREE, one.line())

    assert verdict == Refused(reason="answered 401", status=401, credentials=True)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (BUSY, TryAgain(reason="answered 503", status=503)),
        (CUT, Unknown(reason="cut")),
        (DEAD, TryAgain(reason="dead")),
    ],
)
def test_a_platform_that_cannot_take_it_now_stops_the_others(
    answer: Scripted, verdict: Verdict
) -> None:
    one = talk(REFUSED, answer)

    assert converse(destination(), THREE, one.line()) == verdict

    assert one.platform.labels == ["a", "b"]


def test_corrections_are_sent_before_the_next_call_and_in_order() -> None:
    one = talk(EXISTS)

    assert converse(destination(judge=correcting), THREE, one.line()) == Delivered()

    assert one.platform.labels == ["a", "a1", "a2", "b", "c"]


def test_a_correction_is_not_corrected() -> None:
    one = talk(EXISTS, EXISTS)

    verdict = converse(destination(judge=correcting), THREE, one.line())

    assert verdict == Refused(reason="answered 409", status=409)
    assert one.platform.labels == ["a", "a1", "a2", "b", "c"]


def test_what_no_correction_helps_is_refused_though_the_corrections_are_sent() -> None:
    hopeless = Refused(reason="item 3")
    one = talk(EXISTS)
    judged = [FollowUp(calls=(call("fix", corrects=True),), then=hopeless)]

    verdict = converse(
        destination(judge=lambda *_: judged.pop() if judged else Delivered()), THREE, one.line()
    )

    assert verdict == hopeless
    assert one.platform.labels == ["a", "fix", "b", "c"]


def test_without_time_nothing_is_sent() -> None:
    one = talk()

    assert converse(destination(), THREE, one.line(left=0.2)) == NoTime(sent=False)

    assert one.platform.sent == []


def test_when_the_time_is_over_the_rest_is_not_sent() -> None:
    one = talk()
    one.platform.takes = lambda: one.clock.pass_(6.0)

    assert converse(destination(), THREE, one.line(left=7.0)) == NoTime(sent=True)

    assert one.platform.labels == ["a", "b"]
    assert one.platform.times == [7.0, 1.0]


def test_every_call_is_reported_with_its_verdict() -> None:
    one = talk(Answer(status=422, milliseconds=7), CUT)

    converse(destination(), THREE, one.line())

    assert one.reports == [("datacue", "a", "Refused", 7), ("datacue", "b", "Unknown", 0)]


@pytest.mark.parametrize("answer", [BUSY, CUT, DEAD, Answer(status=500)])
def test_a_dead_platform_opens_the_breaker(answer: Scripted) -> None:
    one = talk(answer, answer, answer)

    for _ in range(3):
        converse(destination(), THREE, one.line())

    assert not one.breaker.admits("datacue", one.clock())


@pytest.mark.parametrize("answer", [REFUSED, Answer(status=429), TAKEN, Answer(status=408)])
def test_a_platform_that_answers_keeps_the_breaker_closed(answer: Scripted) -> None:
    one = talk(CUT, CUT, answer, CUT, CUT)

    for _ in range(5):
        converse(destination(), (call("a"),), one.line())

    assert one.breaker.admits("datacue", one.clock())

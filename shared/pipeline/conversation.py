"""
One attempt at one destination: send the calls of a plan in order, and whatever corrects an answer,
until the verdict on all of them is known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.delivery.breaker import Breaker
from shared.delivery.call import Call, Effect
from shared.delivery.verdict import (
    Answer,
    Delivered,
    Final,
    FollowUp,
    Introduced,
    NoAnswer,
    Refused,
    TryAgain,
    Unknown,
    Verdict,
    judge_silence,
)
from shared.destinations.contract import Destination

# A call shorter than this would only be cut.
LEAST_TIME = 0.25

Send = Callable[[Call, Mapping[str, str], float], Answer | NoAnswer]
Report = Callable[[str, Call, Verdict, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTime:
    """The attempt's time was over before all calls were sent; ``sent`` tells whether any was."""

    sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Nothing was tried: paused, or the breaker is open, or no time was left. No failure."""

    reason: str
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    What a conversation needs of the outside. ``deadline`` is in epoch seconds, ``longest`` the
    seconds that one call may take; ``report`` is told of every call and its verdict.
    """

    send: Send
    clock: Callable[[], float]
    breaker: Breaker
    report: Report
    deadline: float
    longest: float


def converse(destination: Destination, calls: tuple[Call, ...], line: Line) -> Final | NoTime:
    """
    Send calls, one after the other, and give the verdict on all.

    A refusal does not end it: the other calls may still be taken, and what is repeated later must
    be refusals alone. A platform that does not answer, or cannot take a call now, does end it; and
    so does a refused event, for an event that was taken after it would be told again with it.
    """
    waiting = deque(calls)
    refused: Refused | None = None
    sent = False
    while waiting:
        within = min(line.longest, line.deadline - line.clock())
        if within < LEAST_TIME:
            return NoTime(sent=sent)
        call = waiting.popleft()
        verdict = _exchange(destination, call, line, within)
        sent = True
        if isinstance(verdict, FollowUp):
            waiting.extendleft(reversed(verdict.calls))
            verdict = verdict.then
        if isinstance(verdict, TryAgain | Unknown):
            return verdict
        if isinstance(verdict, Refused):
            refused = refused or verdict
            if call.effect is Effect.EVENT:
                return refused
    return refused or Delivered()


def introduce(destination: Destination, call: Call, line: Line) -> Introduced | Final | NoTime:
    """Ask a platform which ids a visitor has there, and give them, or why there are none."""
    within = min(line.longest, line.deadline - line.clock())
    if within < LEAST_TIME:
        return NoTime(sent=False)
    verdict = _exchange(destination, call, line, within)
    if isinstance(verdict, Delivered | FollowUp):
        return Refused(reason="the platform told no ids")
    return verdict


def _exchange(destination: Destination, call: Call, line: Line, within: float) -> Verdict:
    sealed = destination.seal(call)
    answer = line.send(sealed, destination.sign(sealed), within)
    now = line.clock()
    verdict: Verdict
    if isinstance(answer, NoAnswer):
        verdict = judge_silence(answer)
    else:
        verdict = destination.judge(call, answer, now)
    if isinstance(verdict, TryAgain | Unknown) and (verdict_status(verdict) or 500) >= 500:  # noqa: PLR2004 - a 4xx is an answer of a living platform
        line.breaker.failed(destination.name, now)
    else:
        line.breaker.succeeded(destination.name)
    line.report(destination.name, call, verdict, answer.milliseconds)
    return verdict


def verdict_status(verdict: Verdict) -> int | None:
    """Give the HTTP status behind a verdict, where there was one."""
    return verdict.status if isinstance(verdict, TryAgain | Refused) else None

"""
One attempt at one destination: send the calls of a plan in order, and whatever corrects an answer,
until the verdict on all of them is known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from shared.destinations.contract import Destination
from shared.http.call import Call, Effect
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.verdict import (
    Delivered,
    Final,
    FollowUp,
    Identified,
    NoResponse,
    OutcomeUnknown,
    Rejected,
    Response,
    Retry,
    Verdict,
    judge_no_response,
)
from shared.model.value import Value

# A call shorter than this would only be cut.
LEAST_TIME = 0.25

Send = Callable[[Call, Mapping[str, str], float], Response | NoResponse]
Report = Callable[[str, Call, Verdict, int], None]


class OutOfTime(Value):
    """The attempt's time was over before all calls were sent; ``sent`` tells whether any was."""

    sent: bool


class Deferred(Value):
    """Nothing was tried: paused, or the breaker is open, or no time was left. No failure."""

    reason: str
    paused: bool = False


class ExchangeContext(Value):
    """
    What a conversation needs of the outside. ``deadline`` is in epoch seconds, ``longest`` the
    seconds that one call may take; ``report`` is told of every call and its verdict.
    """

    send: Send
    clock: Callable[[], float]
    breaker: CircuitBreaker
    report: Report
    deadline: float
    longest: float


def send_calls(
    destination: Destination, calls: tuple[Call, ...], line: ExchangeContext
) -> Final | OutOfTime:
    """
    Send calls, one after the other, and give the verdict on all.

    A refusal does not end it: the other calls may still be taken, and what is repeated later must
    be refusals alone. A platform that does not answer, or cannot take a call now, does end it; and
    so does a refused event, for an event that was taken after it would be told again with it.
    """
    waiting = deque(calls)
    refused: Rejected | None = None
    sent = False
    while waiting:
        within = min(line.longest, line.deadline - line.clock())
        if within < LEAST_TIME:
            return OutOfTime(sent=sent)
        call = waiting.popleft()
        verdict = _exchange(destination, call, line, within)
        sent = True
        if isinstance(verdict, FollowUp):
            waiting.extendleft(reversed(verdict.calls))
            verdict = verdict.then
        if isinstance(verdict, Retry | OutcomeUnknown):
            return verdict
        if isinstance(verdict, Rejected):
            refused = refused or verdict
            if call.effect is Effect.EVENT:
                return refused
    return refused or Delivered()


def query_visitor(
    destination: Destination, call: Call, line: ExchangeContext
) -> Identified | Final | OutOfTime:
    """Ask a platform which ids a visitor has there, and give them, or why there are none."""
    within = min(line.longest, line.deadline - line.clock())
    if within < LEAST_TIME:
        return OutOfTime(sent=False)
    verdict = _exchange(destination, call, line, within)
    if isinstance(verdict, Delivered | FollowUp):
        return Rejected(reason="the platform told no ids")
    return verdict


def _exchange(
    destination: Destination, call: Call, line: ExchangeContext, within: float
) -> Verdict:
    sealed = destination.seal(call)
    answer = line.send(sealed, destination.sign(sealed), within)
    now = line.clock()
    verdict: Verdict
    if isinstance(answer, NoResponse):
        verdict = judge_no_response(answer)
    else:
        verdict = destination.judge(call, answer, now)
    if isinstance(verdict, Retry | OutcomeUnknown) and (verdict_status(verdict) or 500) >= 500:  # noqa: PLR2004 - a 4xx is an answer of a living platform
        line.breaker.failed(destination.name, now)
    else:
        line.breaker.succeeded(destination.name)
    line.report(destination.name, call, verdict, answer.milliseconds)
    return verdict


def verdict_status(verdict: Verdict) -> int | None:
    """Give the HTTP status behind a verdict, where there was one."""
    return verdict.status if isinstance(verdict, Retry | Rejected) else None

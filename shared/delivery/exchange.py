"""
Send the calls of a plan to one destination in order, with the calls that correct a response, until
the verdict on all of them is known.
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
    NoResponse,
    OutcomeUnknown,
    Rejected,
    Response,
    Retry,
    Verdict,
    judge_no_response,
)
from shared.model.value import Value

# With less time (seconds) a call would be aborted before its response.
LEAST_TIME = 0.25

Send = Callable[[Call, Mapping[str, str], float], Response | NoResponse]
Report = Callable[[str, Call, Verdict, int], None]


class OutOfTime(Value):
    """The time was over before all calls were sent; ``sent``: whether any call was sent."""

    sent: bool


class ExchangeContext(Value):
    """
    What an exchange needs. ``deadline`` is in epoch seconds, ``longest`` the seconds that one call
    may take; ``report`` is called with every call and its verdict.
    """

    send: Send
    clock: Callable[[], float]
    breaker: CircuitBreaker
    report: Report
    deadline: float
    longest: float


def send_calls(
    destination: Destination, calls: tuple[Call, ...], context: ExchangeContext
) -> Final | OutOfTime:
    """
    Send calls one after the other, and return the verdict on all of them.

    A rejected call does not end the exchange: the other calls may still be accepted, and only
    rejected calls may be repeated later. A platform that does not respond, or cannot accept a call
    now, ends it; so does a rejected event, because an event that was accepted after it would be
    sent again with it. Where all are accepted, the note is the first one of the calls.
    """
    waiting = deque(calls)
    rejected: Rejected | None = None
    note = ""
    sent = False
    while waiting:
        within = min(context.longest, context.deadline - context.clock())
        if within < LEAST_TIME:
            return OutOfTime(sent=sent)
        call = waiting.popleft()
        verdict = _exchange(destination, call, context, within)
        sent = True
        if isinstance(verdict, FollowUp):
            waiting.extendleft(reversed(verdict.calls))
            verdict = verdict.then
        if isinstance(verdict, Retry | OutcomeUnknown):
            return verdict
        if isinstance(verdict, Rejected):
            rejected = rejected or verdict
            if call.effect is Effect.EVENT:
                return rejected
        note = note or (verdict.note if isinstance(verdict, Delivered) else "")
    return rejected or Delivered(note=note)


def query_visitor(
    destination: Destination, call: Call, context: ExchangeContext
) -> Verdict | OutOfTime:
    """Send the call that asks a platform for a visitor's ids, and return the verdict on it."""
    within = min(context.longest, context.deadline - context.clock())
    if within < LEAST_TIME:
        return OutOfTime(sent=False)
    return _exchange(destination, call, context, within)


def _exchange(
    destination: Destination, call: Call, context: ExchangeContext, within: float
) -> Verdict:
    request = destination.sign(call)
    response = context.send(request.call, request.headers, within)
    now = context.clock()
    verdict: Verdict
    if isinstance(response, NoResponse):
        verdict = judge_no_response(response)
    else:
        verdict = destination.judge(call, response, now)
    if isinstance(verdict, Retry | OutcomeUnknown) and (verdict_status(verdict) or 500) >= 500:  # noqa: PLR2004 - a 4xx is the response of a platform that is up
        context.breaker.failed(destination.name, now)
    else:
        context.breaker.succeeded(destination.name)
    context.report(destination.name, call, verdict, response.milliseconds)
    return verdict


def verdict_status(verdict: Verdict) -> int | None:
    """Return the HTTP status behind a verdict, where there was one."""
    return verdict.status if isinstance(verdict, Retry | Rejected) else None

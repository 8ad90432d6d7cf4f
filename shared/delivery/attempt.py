"""
One attempt to bring a webhook's changes to one destination: decide, plan, send, and return the
outcome of each change. It knows nothing of queues; the settlement acts on the outcome.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from msgspec import field

from shared.delivery.exchange import ExchangeContext, OutOfTime, send_calls
from shared.delivery.memory import known_state
from shared.delivery.visitors import WebhookVisitor, identify, query_ids
from shared.destinations.contract import NO_BRIEF, Brief, Destination, Plan
from shared.errors import NotUnderstood, place
from shared.http.call import Call
from shared.http.verdict import Delivered, OutcomeUnknown, Rejected, Retry
from shared.model.change import Change
from shared.model.value import MutableValue, Value, replace
from shared.model.visitor import Visitor
from shared.observability import Observer
from shared.state import rules
from shared.state.outcome import (
    AlreadySent,
    Applied,
    Deferred,
    Failed,
    Outcome,
    Skipped,
    Superseded,
    Unchanged,
    severity,
)
from shared.state.row import Row


class ClaimedChange(MutableValue):
    """
    A change whose entity's lease is held, and its ``briefs`` by destination. ``refused`` are the
    destinations whose event was sent already; see `Claimed`. ``blocked``: a redaction forbids it.
    """

    change: Change
    row: Row
    token: str
    refused: frozenset[str]
    blocked: bool
    briefs: Mapping[str, Brief]
    outcomes: dict[str, Outcome] = field(default_factory=dict)


class Attempted(Value):
    """
    The worst outcome of all changes at one destination. ``confirm_at`` is when to send once more
    because an earlier call with an unknown outcome may still be applied (epoch seconds).
    """

    outcome: Outcome
    confirm_at: float | None = None


class AttemptContext(Value):
    """
    What an attempt at a ``delivery`` needs. ``repeat`` also sends a state that the destination has
    already, ``confirming`` marks the re-send after an unknown outcome; ``unsure`` is how long an
    outcome stays unsure (seconds). ``last_call``: by this time (epoch seconds) every call of the
    attempts that are now in progress has been applied. Such an attempt may have read the row of a
    person before their redaction.
    """

    delivery: str
    exchange: ExchangeContext
    visit: WebhookVisitor
    observer: Observer
    deferred: Callable[[str], Deferred | None]
    repeat: bool
    confirming: bool
    unsure: float
    last_call: float

    @property
    def time(self) -> rules.AttemptTime:
        """Now, and how long an outcome stays unsure."""
        return rules.AttemptTime(now=self.exchange.clock(), window=self.unsure)


# A gateway gave up on the platform, which may apply the call all the same, now or later.
GATEWAY_STATUSES = frozenset({502, 504})
_WAITS = Deferred(reason="an earlier change of the webhook waits")


def attempt(
    destination: Destination, changes: list[ClaimedChange], context: AttemptContext
) -> Attempted:
    """Send the changes to a destination in order; stop where it cannot accept one now."""
    name = destination.name
    confirms: list[float] = []
    outcomes: list[Outcome] = []
    for one in changes:
        if outcomes and _stops(outcomes[-1]):
            one.outcomes[name] = _WAITS
            continue
        outcome = _send_change(destination, one, context)
        one.outcomes[name] = outcome
        _count(outcome, name, context.observer)
        outcomes.append(outcome)
        # An event is not sent again, but the state that it leaves may be.
        if isinstance(outcome, Applied | Skipped) and (outcome.digest or not outcome.event):
            confirms += _confirmations(name, one, outcome, context)
    return Attempted(
        outcome=min(outcomes, key=severity, default=Skipped()),
        confirm_at=max(confirms, default=None),
    )


def _stops(outcome: Outcome) -> bool:
    match outcome:
        case Deferred() | Failed(failure=OutcomeUnknown() | Retry()):
            return True
        case _:
            return False


def _confirmations(
    name: str, claimed: ClaimedChange, outcome: Outcome, context: AttemptContext
) -> list[float]:
    """
    Return when an accepted change must be sent once more: after a call that may still be applied,
    and a redaction after the attempts in progress, which may send what they read before it.
    """
    if isinstance(outcome, Skipped) and not outcome.applied:
        return []
    state = claimed.row.destination_state(name)
    late = rules.in_doubt(state, context.exchange.clock(), context.unsure)
    redaction = rules.redacts(claimed.change) and not context.confirming
    reader = context.last_call if redaction else None
    return [one for one in (late, reader) if one is not None]


def _count(outcome: Outcome, name: str, observer: Observer) -> None:
    """Count every change that ended without a call, or whose call had a special result."""
    match outcome:
        case Superseded():
            observer.count("superseded", name)
        case Unchanged():
            observer.count("unchanged", name)
        case AlreadySent():
            observer.count("told_already", name)
        case Applied(note=note) if note:
            observer.count(note, name)
        case _:
            pass


def _send_change(
    destination: Destination, claimed: ClaimedChange, context: AttemptContext
) -> Outcome:
    if claimed.blocked:
        return Superseded()
    name, brief = destination.name, claimed.briefs[destination.name]
    if not rules.stale(claimed.row, claimed.change, name):
        return _send_current(destination, claimed, brief, context)
    consent = rules.remaining_consent(claimed.row, claimed.change, name)
    if consent is None:
        return Superseded()
    rest = replace(claimed, change=consent)
    outcome = _send_current(destination, rest, destination.brief(consent), context)
    return replace(outcome, partial=True)


def _send_current(
    destination: Destination, claimed: ClaimedChange, brief: Brief, context: AttemptContext
) -> Outcome:
    name = destination.name
    if rules.never_sent(claimed.row, claimed.change, name, context.time):
        return Skipped(applied=True)
    if name in claimed.refused:
        return _send_after_event(destination, claimed, context)
    plan = _plan(destination, claimed, brief, context)
    if isinstance(plan, Outcome):
        return plan
    return _carry_out(destination, claimed, plan, brief, context)


def _send_after_event(
    destination: Destination, claimed: ClaimedChange, context: AttemptContext
) -> Outcome:
    """Send the state of a thing whose event was sent: an order that comes back."""
    state = claimed.row.destination_state(destination.name)
    plan = destination.after_event(claimed.change)
    if plan is None or state.applied is None:
        # Or another attempt is about to send it: this one sends nothing, and supersedes nothing.
        return AlreadySent()
    return _carry_out(destination, claimed, plan, NO_BRIEF, context)


def _plan(
    destination: Destination, claimed: ClaimedChange, brief: Brief, context: AttemptContext
) -> Plan | Outcome:
    """Identify the visitor, where the destination needs one; then plan."""
    change, visit, name = claimed.change, context.visit, destination.name

    def query(call: Call) -> Visitor | Outcome:
        return context.deferred(name) or query_ids(destination, call, context.exchange)

    try:
        visitor = identify(destination, change, brief, visit, query)
        if isinstance(visitor, Outcome):
            return visitor
        known = known_state(claimed.row, change, name)
        return destination.plan(change, visit.complete(known, name, brief), brief)
    except NotUnderstood as error:
        return Failed(failure=Rejected(reason=error.reason, path=error.path))
    except Exception as error:  # noqa: BLE001 - a bug of ours loses nothing: a dead letter, replayed after the fix
        return Failed(failure=_bug(destination, error, context))


def _carry_out(
    destination: Destination,
    claimed: ClaimedChange,
    plan: Plan,
    brief: Brief,
    context: AttemptContext,
) -> Outcome:
    name = destination.name
    digest = _digest(destination, plan)
    same = digest and digest == claimed.row.destination_state(name).digest
    # A redaction is always sent: a late order may have made the platform know a person again.
    if same and not context.repeat and not rules.redacts(claimed.change):
        return Unchanged(digest=digest, filled=plan.filled)
    for count in plan.counts:
        context.observer.count(count, name)
    # The first send has raised the alarm already.
    for alarm in () if context.confirming else plan.alarms:
        context.observer.alarm(alarm, "a person must act", id=context.delivery, destination=name)
    if not plan.calls:
        # A state without calls: the platform has nothing of the entity, which is its newest state.
        return Skipped(applied=bool(digest), digest=digest)
    key = str(rules.version_of(claimed.change)) if brief.event else None
    outcome = context.deferred(name) or _send(
        destination, plan, brief, Applied(digest=digest, event=key), context
    )
    return replace(outcome, filled=plan.filled)


def _send(
    destination: Destination, plan: Plan, brief: Brief, applied: Applied, context: AttemptContext
) -> Outcome:
    """Send a plan's calls and return the outcome: ``applied`` where all of them were accepted."""
    key = applied.event
    sent_once = brief.event is not None and not brief.event.again
    try:
        end = send_calls(destination, plan.calls, context.exchange)
    except Exception as error:  # noqa: BLE001 - as in _plan; and it must affect no other destination
        # Something may have been sent.
        failure = _bug(destination, error, context)
        return Failed(failure=failure, sent=True, may_apply=True, event=key)
    match end:
        case OutOfTime(sent=sent):
            return Deferred(reason="no time left", sent=sent)
        case Delivered():
            return replace(applied, note=end.note)
        case OutcomeUnknown() if sent_once:
            # A cart that is sent twice is worse than a cart that is not sent.
            return replace(applied, note="event_outcome_unknown")
        case Retry(status=status) if status in GATEWAY_STATUSES and sent_once:
            return replace(applied, note="event_outcome_unknown")
        case OutcomeUnknown():
            return Failed(failure=end, sent=True, may_apply=True, event=key)
        case Retry(status=status) if status in GATEWAY_STATUSES:
            return Failed(failure=end, sent=True, may_apply=True, event=key)
        case _:
            return Failed(failure=end, sent=True)


def _bug(destination: Destination, error: Exception, context: AttemptContext) -> Rejected:
    context.observer.alarm(
        "InternalError",
        "internal error",
        id=context.delivery,
        destination=destination.name,
        place=place(error),
    )
    return Rejected(reason=f"internal error: {type(error).__name__}")


def _digest(destination: Destination, plan: Plan) -> str | None:
    if not plan.state:
        return None
    return hashlib.sha256(destination.fingerprint.encode() + b"\n" + plan.state).hexdigest()[:32]

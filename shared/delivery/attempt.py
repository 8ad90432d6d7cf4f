"""
One attempt to bring a webhook's changes to one destination: decide, plan, send, and say what became
of each change. Knows nothing of queues; the pipeline does with the result what must be done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial

from msgspec import field

from shared.delivery.exchange import Deferred, ExchangeContext, OutOfTime, send_calls
from shared.delivery.memory import known_state
from shared.delivery.visitors import WebhookVisitor, identify
from shared.destinations.contract import Destination, Plan
from shared.errors import NotUnderstood, place
from shared.http.verdict import Delivered, Final, OutcomeUnknown, Rejected, Retry
from shared.model.change import Change
from shared.model.value import MutableValue, Value, replace
from shared.model.visitor import Visitor
from shared.observability import Observer
from shared.state import rules
from shared.state.row import Row
from shared.state.rules import Fate, Settled


class Superseded(Value):
    """The destination has definitely taken something newer, or a redaction forbids the change."""


class Skipped(Value):
    """The change means nothing at this destination."""


End = Final | Deferred | Superseded | Skipped


class ClaimedChange(MutableValue):
    """A change whose entity we hold the lease of. ``blocked`` by a redaction; see `Claimed`."""

    change: Change
    row: Row
    token: str
    refused: frozenset[str]
    blocked: bool
    settled: dict[str, Settled] = field(default_factory=dict)


class Attempted(Value):
    """
    What became of all changes at one destination. ``confirm_at`` is when to send once more because
    an earlier call with an unknown outcome may still be applied (epoch seconds).
    """

    end: End
    confirm_at: float | None = None


class AttemptContext(Value):
    """
    The terms of an attempt at a ``delivery``; ``repeat`` sends what the destination has, too, and
    ``confirming`` is the one re-send; ``unsure`` is how long an outcome stays unsure, in seconds.
    ``last_call`` is when the last call of whoever is at work now has been applied: what it knew of
    a person may be older than their redaction.
    """

    delivery: str
    line: ExchangeContext
    visit: WebhookVisitor
    observer: Observer
    held: Callable[[str], Deferred | None]
    repeat: bool
    confirming: bool
    unsure: float
    last_call: float

    @property
    def when(self) -> rules.When:
        """Now, and how long an outcome stays unsure."""
        return rules.When(now=self.line.clock(), window=self.unsure)


# A gateway gave up on the platform, which may apply the call all the same, now or later.
GATEWAY_STATUSES = frozenset({502, 504})
# The worst first; a destination's end is the worst of its changes' ends.
_WORST = (OutcomeUnknown, Retry, Deferred, Rejected, Delivered, Superseded, Skipped)


def attempt(
    destination: Destination, works: list[ClaimedChange], terms: AttemptContext
) -> Attempted:
    """Bring the changes to a destination in order; stop where it cannot take one now."""
    ends: list[End] = []
    confirms: list[float] = []
    for work in works:
        if ends and isinstance(ends[-1], OutcomeUnknown | Retry | Deferred):
            work.settled[destination.name] = Settled(fate=Fate.KEPT)
            continue
        settled, end = _step(destination, work, terms)
        work.settled[destination.name] = settled
        _count(end, destination.name, terms.observer)
        ends.append(end)
        if settled.fate is Fate.TAKEN and settled.event is None:
            confirms += _doubts(destination.name, work, terms)
    worst = min(ends, key=lambda end: _WORST.index(type(end)), default=Skipped())
    return Attempted(end=worst, confirm_at=max(confirms, default=None))


def _doubts(name: str, work: ClaimedChange, terms: AttemptContext) -> list[float]:
    """Tell when what was taken must be told once more: after a late call, or a late reader."""
    late = rules.in_doubt(work.row.destination_state(name), terms.line.clock(), terms.unsure)
    reader = terms.last_call if rules.redacts(work.change) and not terms.confirming else None
    return [one for one in (late, reader) if one is not None]


def _count(end: End, name: str, observer: Observer) -> None:
    """Count what ends without a call, or not as the call says: nothing goes away unseen."""
    match end:
        case Superseded():
            observer.count("superseded", name)
        case Delivered(note=note) if note:
            observer.count(note, name)
        case _:
            pass


def _step(
    destination: Destination, work: ClaimedChange, terms: AttemptContext
) -> tuple[Settled, End]:
    kept = Settled(fate=Fate.KEPT)
    if work.blocked:
        return kept, Superseded()
    if not rules.stale(work.row, work.change, destination.name):
        return _bring(destination, work, terms)
    left = rules.remaining_consent(work.row, work.change, destination.name)
    if left is None:
        return kept, Superseded()
    settled, end = _bring(destination, replace(work, change=left), terms)
    return replace(settled, partial=True), end


def _bring(
    destination: Destination, work: ClaimedChange, terms: AttemptContext
) -> tuple[Settled, End]:
    name, kept = destination.name, Settled(fate=Fate.KEPT)
    if rules.never_sent(work.row, work.change, name, terms.when):
        return Settled(fate=Fate.TAKEN), Skipped()
    if name in work.refused:
        # Or is about to be told: this one tells nothing, and supersedes nothing.
        return kept, Delivered(note="told_already")
    plan = _prepared(destination, work, terms)
    if not isinstance(plan, Plan):
        return kept, plan
    return _carried_out(destination, work, plan, terms)


def _prepared(destination: Destination, work: ClaimedChange, terms: AttemptContext) -> Plan | End:
    """Find out whom the change is of in the browser, where the platform must know; then plan."""
    change, visit = work.change, terms.visit
    held = partial(terms.held, destination.name)
    try:
        met = identify(destination, change, visit, terms.line, held)
        if not isinstance(met, Visitor):
            return met
        memory = known_state(work.row, change, destination.name)
        return destination.plan(change, visit.remembered(memory, destination, change))
    except NotUnderstood as error:
        return Rejected(reason=error.reason, path=error.path)
    except Exception as error:  # noqa: BLE001 - a bug of ours loses nothing: a dead letter, replayed after the fix
        return _bug(destination, error, terms)


def _carried_out(
    destination: Destination, work: ClaimedChange, plan: Plan, terms: AttemptContext
) -> tuple[Settled, End]:
    name, kept = destination.name, Settled(fate=Fate.KEPT)
    digest = _digest(destination, plan)
    same = digest and digest == work.row.destination_state(name).digest
    # A redaction is always told: a late order may have made the platform know a person again.
    if same and not terms.repeat and not rules.redacts(work.change):
        return Settled(fate=Fate.SAME, digest=digest), Delivered(note="unchanged")
    for count in plan.counts:
        terms.observer.count(count, name)
    # Whoever must act was told the first time.
    for alarm in () if terms.confirming else plan.alarms:
        terms.observer.alarm(alarm, "a person must act", id=terms.delivery, destination=name)
    if not plan.calls:
        # Where the platform holds nothing and shall hold nothing, that is its newest state.
        return (Settled(fate=Fate.TAKEN, digest=digest) if digest else kept), Skipped()
    held = terms.held(name)
    if held is not None:
        return kept, held
    return _send(destination, work, plan, digest, terms)


def _send(
    destination: Destination,
    work: ClaimedChange,
    plan: Plan,
    digest: str | None,
    terms: AttemptContext,
) -> tuple[Settled, End]:
    event = destination.event(work.change)
    key = str(rules.version_of(work.change)) if event else None
    taken = Settled(fate=Fate.TAKEN, digest=digest, event=key)
    try:
        end = send_calls(destination, plan.calls, terms.line)
    except Exception as error:  # noqa: BLE001 - as in _prepared; and no other destination shall suffer
        # Something may have been sent.
        return Settled(fate=Fate.UNSURE, event=key), _bug(destination, error, terms)
    match end:
        case OutOfTime(sent=sent):
            fate = Fate.FAILED if sent else Fate.KEPT
            return Settled(fate=fate), Deferred(reason="no time left")
        case Delivered():
            return taken, end
        case OutcomeUnknown() if event and not event.again:
            # A cart told twice is worse than a cart not told: it is not sent again.
            return taken, Delivered(note="event_outcome_unknown")
        case OutcomeUnknown():
            return Settled(fate=Fate.UNSURE, event=key), end
        case Retry(status=status) if status in GATEWAY_STATUSES and event and not event.again:
            return taken, Delivered(note="event_outcome_unknown")
        case Retry(status=status) if status in GATEWAY_STATUSES:
            return Settled(fate=Fate.UNSURE, event=key), end
        case _:
            return Settled(fate=Fate.FAILED), end


def _bug(destination: Destination, error: Exception, terms: AttemptContext) -> Rejected:
    terms.observer.alarm(
        "InternalError",
        "internal error",
        id=terms.delivery,
        destination=destination.name,
        place=place(error),
    )
    return Rejected(reason=f"internal error: {type(error).__name__}")


def _digest(destination: Destination, plan: Plan) -> str | None:
    if not plan.state:
        return None
    return hashlib.sha256(destination.fingerprint.encode() + b"\n" + plan.state).hexdigest()[:32]

"""
The outcome of one change at one destination. The ledger's rules, the settlement and the journal all
read this one value.
"""

from __future__ import annotations

from shared.http.verdict import OutcomeUnknown, Rejected, Retry
from shared.model.value import Value


class Outcome(Value):
    """
    The base of all outcomes. ``digest`` is the hash of the state that the destination has now,
    ``filled`` the optional fields that it has, ``event`` the key of the event that was sent.
    ``partial``: only the consent of a superseded change was sent.
    """

    digest: str | None = None
    filled: frozenset[str] = frozenset()
    event: str | None = None
    partial: bool = False


class Applied(Outcome):
    """The destination has definitely accepted the change. ``note`` is a metric's name, or empty."""

    note: str = ""


class Unchanged(Outcome):
    """The destination has this state already; nothing was sent."""


class AlreadySent(Outcome):
    """The event was sent before, or another attempt is about to send it; nothing was sent."""


class Skipped(Outcome):
    """
    The change has no call at this destination. ``applied``: the destination has nothing of the
    entity, which is the entity's newest state there.
    """

    applied: bool = False


class Superseded(Outcome):
    """The destination has definitely something newer, or a redaction forbids the change."""


class Deferred(Outcome):
    """
    Nothing failed, and the change must wait: the destination is paused, the circuit breaker is
    open, or no time was left. ``sent``: some of the calls were sent.
    """

    reason: str
    paused: bool = False
    sent: bool = False


class Failed(Outcome):
    """
    The change was not accepted, as ``failure`` says. ``sent``: a call was sent. ``may_apply``: the
    destination may apply a call all the same, now or later.
    """

    failure: OutcomeUnknown | Retry | Rejected
    sent: bool = False
    may_apply: bool = False


def holds(outcome: Outcome) -> bool:
    """Return whether the destination has definitely the state of the change."""
    match outcome:
        case Applied() | Unchanged() | Skipped(applied=True):
            return True
        case _:
            return False


def changes_row(outcome: Outcome) -> bool:
    """Return whether the ledger must record the outcome: something was sent, or is held."""
    match outcome:
        case Failed(sent=True) | Failed(may_apply=True) | Deferred(sent=True):
            return True
        case _:
            return holds(outcome)


def surely_sent_nothing(outcome: Outcome) -> bool:
    """Return whether nothing of the change can have an effect at the destination."""
    return not holds(outcome) and not (isinstance(outcome, Failed) and outcome.may_apply)


def severity(outcome: Outcome) -> int:
    """Return the rank of an outcome, 0 the worst; a destination's outcome is the worst of all."""
    kind = type(outcome.failure) if isinstance(outcome, Failed) else type(outcome)
    return _WORST_FIRST.index(kind)


_WORST_FIRST: tuple[type, ...] = (
    OutcomeUnknown,
    Retry,
    Deferred,
    Rejected,
    Applied,
    Unchanged,
    AlreadySent,
    Superseded,
    Skipped,
)

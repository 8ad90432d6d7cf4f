"""
The rules of the ledger, as pure functions over rows: what is stale at a destination, what a
redaction blocks, and what a row is after an attempt.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from shared.model.change import (
    Change,
    ConsentChanged,
    OrderSaved,
    PersonRemoved,
    PersonSaved,
    ProductRemoved,
    ProductSaved,
    Removed,
    StockChanged,
)
from shared.model.change import OrderRemoved as _OrderRemoved
from shared.model.value import Value, replace
from shared.model.version import Version
from shared.state import lost_variants
from shared.state.outcome import Failed, Outcome, changes_row, holds
from shared.state.row import (
    ANY_FIELD,
    LONGEST_LEASE,
    DestinationState,
    Ending,
    Register,
    Row,
    Tombstone,
)

CONSENT = "consent"
# Only in the row of a product that is not for sale: a draft, or one that is not published.
UNPUBLISHED = "unpublished"


class AttemptTime(Value):
    """When an attempt is made (epoch seconds), and how long an unknown outcome stays unsure."""

    now: float
    window: float


def version_of(change: Change) -> Version | None:
    """Return the version of a full change; a partial change has none."""
    return None if isinstance(change, StockChanged | ConsentChanged) else change.version


def variants_of(change: Change) -> frozenset[str]:
    """Return the keys of the variants that a change may create at a destination."""
    if isinstance(change, ProductSaved):
        return frozenset(variant.key for variant in change.product.variants)
    return frozenset()


def in_doubt(state: DestinationState, now: float, window: float) -> float | None:
    """
    Return until when a destination may still apply a call without a response; None when it surely
    will not. A window that is longer than any of ours was set by a wrong clock.
    """
    until = state.unsure_until
    return until if until is not None and now < until <= now + LONGEST_LEASE + window else None


def doubted(row: Row, since: float, destinations: Collection[str], window: float) -> Row:
    """Mark destinations unsure because a lease was abandoned: a call of its holder may be late."""
    for name in destinations:
        state = row.destination_state(name)
        until = max(in_doubt(state, since, window) or 0.0, since + window)
        lost = replace(state, unsure_until=until, digest=None, filled=state.filled | {ANY_FIELD})
        row = row.with_destination_state(name, lost)
    return row


def redacts(change: Change) -> bool:
    """Return whether a change is a redaction, which privacy law requires."""
    return isinstance(change, PersonRemoved | _OrderRemoved) and change.redacted


def blocked(row: Row, change: Change, triggered_at: str) -> bool:
    """Return whether a redaction forbids a change that was triggered before it."""
    if redacts(change):
        return False
    tomb = row.tombstone
    if tomb is None or tomb.end is not Ending.REDACTED:
        return False
    return latest_time(change, triggered_at) <= tomb.at


def latest_time(change: Change, triggered_at: str) -> str:
    """
    Return the latest time at which a change can have happened (an `instant`). No signature covers
    the header with the trigger time: an old body with a new date must not pass a redaction.
    """
    version = version_of(change)
    if version is None:
        return triggered_at
    own = change.modified if isinstance(change, PersonSaved | OrderSaved) else None
    return min(own or version.modified, triggered_at)


def stale(row: Row, change: Change, destination: str) -> bool:
    """Return whether a destination has definitely accepted something newer than the change."""
    state = row.destination_state(destination)
    if isinstance(change, StockChanged):
        return _stale_stock(row, change, state)
    if isinstance(change, ConsentChanged):
        return state.gone
    if state.applied is None:
        return False
    if redacts(change):
        # As in `blocked`: a change of the same second is from before the redaction. And an order
        # may have created a removed person again.
        since = min(state.applied.modified, state.applied.tie) > change.version.tie
        return since and not state.gone
    # Only a strictly newer state restores what was removed.
    back = state.gone and not isinstance(change, Removed)
    return change.version <= state.applied if back else change.version < state.applied


def never_sent(row: Row, change: Change, destination: str, when: AttemptTime) -> bool:
    """Return whether a change removes something that was never sent to a destination."""
    if not isinstance(change, Removed) or not change.phantom:
        return False
    state = row.destination_state(destination)
    doubt = in_doubt(state, when.now, when.window)
    return not (state.known or row.variants) and doubt is None


def remaining_consent(row: Row, change: Change, destination: str) -> Change | None:
    """
    Return the part of a stale change that a destination must still get: a consent that is the
    newest known, because the newer row that it accepted had none. None where there is no such part.
    """
    own = own_consent(change)
    if (
        own is None
        or not isinstance(change, PersonSaved)
        or row.destination_state(destination).gone
    ):
        return None
    name = change.person.id or change.person.email
    if name is None or newest_consent(row, change) != own:
        return None
    return ConsentChanged(
        entity=change.entity, at=own.at, person_id=name, subscribed=bool(own.value)
    )


def _stale_stock(row: Row, change: StockChanged, state: DestinationState) -> bool:
    if state.gone or state.applied is None:
        return state.gone
    # A newer full row had this variant's availability, and no newer one is stored.
    tie, register = state.applied.tie, stock_register(row, change.variant_id)
    sent = tie > change.at and change.variant_id not in row.stock_open
    return sent and (register is None or register.at <= tie)


def own_consent(change: Change) -> Register | None:
    """Return the consent that a change itself brings."""
    if isinstance(change, ConsentChanged):
        return Register(at=change.at, value=change.subscribed)
    if isinstance(change, PersonSaved) and change.person.subscribed is not None:
        at = change.person.subscribed_at or change.version.modified
        return Register(at=at, value=change.person.subscribed)
    return None


def newest_consent(row: Row, change: Change) -> Register | None:
    """
    Return the newest consent of a row and a change. Shops count in seconds: of two answers of one
    second the refusal counts, in whatever order they arrive (`Register.supersedes`).
    """
    register, own = row.registers.get(CONSENT), own_consent(change)
    if register is None or own is None:
        return register or own
    return register if register.supersedes(own) else own


def stock_register(row: Row, variant_id: str) -> Register | None:
    """Return the remembered availability of a variant."""
    return row.registers.get(f"stock:{variant_id}")


def settle(
    row: Row,
    change: Change,
    outcomes: Mapping[str, Outcome],
    everywhere: frozenset[str],
    when: AttemptTime,
) -> Row:
    """
    Return the row after an attempt. ``row`` is as the claim found it; ``outcomes`` has one for
    every destination that was addressed; ``everywhere`` are all destinations of the merchant.
    """
    after = row
    for name, outcome in outcomes.items():
        before = row.destination_state(name)
        after = after.with_destination_state(name, _state_after(before, change, outcome, when))
    if any(map(changes_row, outcomes.values())):
        after = _with_variants(after, change, _confirmed(row, outcomes, everywhere, when))
    after = _with_registers(after, change)
    if isinstance(change, ProductSaved):
        after = lost_variants.with_lost_variants(after, row.variants, change)
    return _with_tombstone(after, change).lasting(when.now)


def _state_after(
    before: DestinationState, change: Change, outcome: Outcome, when: AttemptTime
) -> DestinationState:
    unsure = in_doubt(before, when.now, when.window)
    match outcome:
        case Failed(may_apply=True, event=event):
            until, intended = when.now + when.window, event or before.intended
            return replace(
                before,
                digest=None,
                unsure_until=until,
                intended=intended,
                filled=before.filled | outcome.filled,
            )
        case _ if not changes_row(outcome):
            return before
        case _ if not holds(outcome):
            filled = before.filled | outcome.filled
            return replace(before, digest=None, unsure_until=unsure, filled=filled)
        case _:
            return _state_held(before, change, outcome, unsure)


def _state_held(
    before: DestinationState, change: Change, outcome: Outcome, unsure: float | None
) -> DestinationState:
    version = version_of(change)
    if version is None or outcome.partial:
        # The destination's state is no longer the last row that was sent.
        return replace(before, digest=None, unsure_until=unsure)
    if redacts(change) and before.applied is not None:
        # It may be sent after a newer removal, which then stays the newest version.
        version = max(version, before.applied)
    return DestinationState(
        applied=version,
        gone=isinstance(change, Removed),
        digest=None if unsure else outcome.digest,
        unsure_until=unsure,
        intended=outcome.event or before.intended,
        sent=outcome.event or before.sent,
        # A late call of an attempt before may fill a field again.
        filled=outcome.filled | before.filled if unsure else outcome.filled,
    )


def _confirmed(
    row: Row, outcomes: Mapping[str, Outcome], everywhere: frozenset[str], when: AttemptTime
) -> bool:
    """Return whether every destination definitely has, and will keep, what this attempt sent."""
    sure = {
        name
        for name, outcome in outcomes.items()
        if holds(outcome) and in_doubt(row.destination_state(name), when.now, when.window) is None
    }
    return everywhere <= sure


def _with_variants(row: Row, change: Change, confirmed: bool) -> Row:  # noqa: FBT001 - one fact
    if isinstance(change, ProductRemoved):
        return replace(row, variants=frozenset() if confirmed else row.variants)
    if isinstance(change, ProductSaved):
        now_there = variants_of(change)
        only_these = confirmed and change.complete
        return replace(row, variants=now_there if only_these else row.variants | now_there)
    return row


def _with_registers(row: Row, change: Change) -> Row:
    if isinstance(change, StockChanged):
        register = Register(at=change.at, value=change.stock)
        return row.with_register(f"stock:{change.variant_id}", register)
    if isinstance(change, ProductSaved):
        return _with_stock_row(row, change)
    consent = newest_consent(row, change)
    return row.with_register(CONSENT, consent) if consent else row


def _with_stock_row(row: Row, change: ProductSaved) -> Row:
    """
    Record which availability the newest full row left open. No register is dropped: the next row
    may leave it open too, and rows arrive in any order.
    """
    tie = change.version.tie
    if row.stock_at is not None and tie < row.stock_at:
        return row
    unknown = frozenset(one.id for one in change.product.variants if not one.stock_known)
    row = replace(row, stock_at=tie, stock_open=unknown)
    row = _without_old_stock(row, change) if change.complete else row
    return _with_publication(row, change)


def _with_publication(row: Row, change: ProductSaved) -> Row:
    """Record whether the newest full row is for sale: the stock of one variant does not say it."""
    others = {name: one for name, one in row.registers.items() if name != UNPUBLISHED}
    if not change.product.available:
        others[UNPUBLISHED] = Register(at=change.version.tie, value=True)
    return replace(row, registers=others)


def _without_old_stock(row: Row, change: ProductSaved) -> Row:
    """Drop the availability of variants that the product has lost: an item has a limited size."""
    there = {f"stock:{one.id}" for one in change.product.variants}
    kept = {
        name: register
        for name, register in row.registers.items()
        if name in there or register.at > change.version.tie
    }
    return replace(row, registers=kept)


def _with_tombstone(row: Row, change: Change) -> Row:
    version = version_of(change)
    if version is None:
        return row
    if isinstance(change, Removed):
        redacted = not isinstance(change, ProductRemoved) and change.redacted
        end = Ending.REDACTED if redacted else Ending.GONE
        newest = max(
            (one.applied for one in row.destination_states.values() if one.applied), default=None
        )
        if end is Ending.GONE and newest is not None and version < newest:
            return row
        return _with_ending(row, Tombstone(end=end, at=version.tie))
    # A redaction is kept whatever comes later: it blocks what was triggered before it.
    if row.tombstone and row.tombstone.end is Ending.GONE and version.tie > row.tombstone.at:
        return replace(row, tombstone=None)
    return row


def _with_ending(row: Row, tombstone: Tombstone) -> Row:
    there = row.tombstone
    if there is not None and there.end is Ending.REDACTED and tombstone.end is Ending.GONE:
        return _with_newer_registers(row, tombstone.at)
    if there is not None and there.end is tombstone.end and there.at > tombstone.at:
        return row
    return replace(_with_newer_registers(row, tombstone.at), tombstone=tombstone)


def _with_newer_registers(row: Row, at: str) -> Row:
    """Keep only registers that are newer than the ending: an older consent ends with the person."""
    since = {name: register for name, register in row.registers.items() if register.at > at}
    return replace(row, registers=since)

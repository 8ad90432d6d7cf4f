"""
The rules of the ledger, as pure functions over rows: what a claim writes down, what is stale at a
destination, what a plan is told, and what a row is after an attempt.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from shared.model.change import (
    Change,
    ConsentChanged,
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
from shared.state.row import LONGEST_LEASE, DestinationState, Ending, Register, Row, Tombstone

CONSENT = "consent"


class Fate(StrEnum):
    """
    What became of a change at one destination: definitely ``taken``; ``unsure`` (sent, no answer);
    ``failed`` (sent, and not taken); ``kept`` (nothing was sent); ``same`` (it has it already).
    """

    TAKEN = "taken"
    UNSURE = "unsure"
    FAILED = "failed"
    KEPT = "kept"
    SAME = "same"


class Settled(Value):
    """
    A change's fate at one destination; ``digest`` is the hash of the state it now has, ``event``
    the key of the event that was told. ``partial``: it was only told what is `left` of the change.
    """

    fate: Fate
    digest: str | None = None
    event: str | None = None
    partial: bool = False


class When(Value):
    """When an attempt was made (epoch seconds), and how long an unknown outcome stays unsure."""

    now: float
    window: float


def version_of(change: Change) -> Version | None:
    """Give the version of a full change; a partial one has none."""
    return None if isinstance(change, StockChanged | ConsentChanged) else change.version


def variants_of(change: Change) -> frozenset[str]:
    """Name the variants that a change may bring to a destination."""
    if isinstance(change, ProductSaved):
        return frozenset(variant.key for variant in change.product.variants)
    return frozenset()


def in_doubt(standing: DestinationState, now: float, window: float) -> float | None:
    """
    Tell until when a destination may still apply an unanswered call, None when it surely will not.
    A window longer than any was set by a clock gone wrong.
    """
    until = standing.unsure_until
    return until if until is not None and now < until <= now + LONGEST_LEASE + window else None


def doubted(row: Row, since: float, destinations: Collection[str], window: float) -> Row:
    """Mark destinations unsure because a lease was abandoned: a call of its holder may be late."""
    for name in destinations:
        standing = row.destination_state(name)
        until = max(in_doubt(standing, since, window) or 0.0, since + window)
        row = row.with_destination_state(name, replace(standing, unsure_until=until, digest=None))
    return row


def redacts(change: Change) -> bool:
    """Tell whether the law asks for a change."""
    return isinstance(change, PersonRemoved | _OrderRemoved) and change.redacted


def blocked(row: Row, change: Change, triggered_at: str) -> bool:
    """Tell whether a redaction forbids a change that was triggered before it."""
    if redacts(change):
        return False
    tomb = row.tombstone
    if tomb is None or tomb.end is not Ending.REDACTED:
        return False
    return happened(change, triggered_at) <= tomb.at


def happened(change: Change, triggered_at: str) -> str:
    """
    Tell when a change happened at the latest. No signature covers the header that says when its
    webhook was triggered: an old body under a new date must not pass a redaction.
    """
    version = version_of(change)
    return triggered_at if version is None else min(version.modified, triggered_at)


def stale(row: Row, change: Change, destination: str) -> bool:
    """Tell whether a destination has definitely taken something newer than the change."""
    standing = row.destination_state(destination)
    if isinstance(change, StockChanged):
        return _stale_stock(row, change, standing)
    if isinstance(change, ConsentChanged):
        return standing.gone
    if standing.applied is None:
        return False
    if redacts(change):
        # As `blocked`: what happened in the same second is from before the redaction. And who is
        # gone may have been made known again by an order.
        since = min(standing.applied.modified, standing.applied.tie) > change.version.tie
        return since and not standing.gone
    # Nothing but a strictly newer state brings back what is gone.
    back = standing.gone and not isinstance(change, Removed)
    return change.version <= standing.applied if back else change.version < standing.applied


def never_sent(row: Row, change: Change, destination: str, when: When) -> bool:
    """Tell whether a change is the end of something that a destination has never heard of."""
    if not isinstance(change, Removed) or not change.phantom:
        return False
    standing = row.destination_state(destination)
    doubt = in_doubt(standing, when.now, when.window)
    return not (standing.known or row.variants) and doubt is None


def remaining_consent(row: Row, change: Change, destination: str) -> Change | None:
    """
    Give what a destination must still learn of a stale change: a consent that is the newest known,
    for the newer row that it has taken did not tell one.
    """
    own = own_consent(change)
    if (
        own is None
        or not isinstance(change, PersonSaved)
        or row.destination_state(destination).gone
    ):
        return None
    register = row.registers.get(CONSENT)
    name = change.person.id or change.person.email
    if name is None or (register is not None and register.at > own.at):
        return None
    return ConsentChanged(
        entity=change.entity, at=own.at, person_id=name, subscribed=bool(own.value)
    )


def _stale_stock(row: Row, change: StockChanged, standing: DestinationState) -> bool:
    if standing.gone or standing.applied is None:
        return standing.gone
    # A newer full row told this variant's availability, and nothing newer is remembered.
    tie, register = standing.applied.tie, stock_register(row, change.variant_id)
    told = tie >= change.at and change.variant_id not in row.stock_open
    return told and (register is None or register.at <= tie)


def own_consent(change: Change) -> Register | None:
    """Return the consent that a change itself brings."""
    if isinstance(change, ConsentChanged):
        return Register(at=change.at, value=change.subscribed)
    if isinstance(change, PersonSaved) and change.person.subscribed is not None:
        return Register(at=change.version.tie, value=change.person.subscribed)
    return None


def stock_register(row: Row, variant_id: str) -> Register | None:
    """Return the remembered availability of a variant."""
    return row.registers.get(f"stock:{variant_id}")


def settle(
    row: Row,
    change: Change,
    settled: Mapping[str, Settled],
    everywhere: frozenset[str],
    when: When,
) -> Row:
    """
    Give the row after an attempt. ``row`` is as the claim found it; ``settled`` holds a fate for
    every destination that was addressed; ``everywhere`` are all destinations of the merchant.
    """
    after = row
    for name, one in settled.items():
        after = after.with_destination_state(
            name, _standing(row.destination_state(name), change, one, when)
        )
    if any(one.fate is not Fate.KEPT for one in settled.values()):
        after = _with_variants(after, change, _confirmed(row, settled, everywhere, when))
    after = _with_registers(after, change)
    if isinstance(change, ProductSaved):
        after = lost_variants.with_lost_variants(after, row.variants, change)
    return _with_tombstone(after, change).lasting(when.now)


def _standing(
    before: DestinationState, change: Change, settled: Settled, when: When
) -> DestinationState:
    unsure = in_doubt(before, when.now, when.window)
    event = settled.event
    match settled.fate:
        case Fate.KEPT:
            return before
        case Fate.FAILED:
            return replace(before, digest=None, unsure_until=unsure)
        case Fate.UNSURE:
            until = when.now + when.window
            intended = event or before.intended
            return replace(before, digest=None, unsure_until=until, intended=intended)
        case Fate.SAME | Fate.TAKEN:
            pass
    version = version_of(change)
    if version is None or settled.partial:
        # What the destination holds is no longer the row it last got.
        return replace(before, digest=None, unsure_until=unsure)
    if redacts(change) and before.applied is not None:
        # It may be told after a removal that is newer, which stays the newest.
        version = max(version, before.applied)
    return DestinationState(
        applied=version,
        gone=isinstance(change, Removed),
        digest=None if unsure else settled.digest,
        unsure_until=unsure,
        intended=event or before.intended,
        sent=event or before.sent,
    )


def _confirmed(
    row: Row, settled: Mapping[str, Settled], everywhere: frozenset[str], when: When
) -> bool:
    """Tell whether every destination has definitely, and for good, what this attempt sent."""
    sure = {
        name
        for name, one in settled.items()
        if one.fate in {Fate.TAKEN, Fate.SAME}
        and in_doubt(row.destination_state(name), when.now, when.window) is None
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
    consent = own_consent(change)
    return row.with_register(CONSENT, consent) if consent else row


def _with_stock_row(row: Row, change: ProductSaved) -> Row:
    """
    Note what the newest full row seen could not tell. No register is dropped: the next row may be
    one that cannot tell, and rows come in any order.
    """
    tie = change.version.tie
    if row.stock_at is not None and tie < row.stock_at:
        return row
    unknown = frozenset(one.id for one in change.product.variants if not one.stock_known)
    row = replace(row, stock_at=tie, stock_open=unknown)
    return _without_old_stock(row, change) if change.complete else row


def _without_old_stock(row: Row, change: ProductSaved) -> Row:
    """Drop the availability of variants that the product has lost: a row has a limited size."""
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
        return _buried(row, Tombstone(end=end, at=version.tie))
    # A redaction stays: it blocks what was triggered before it, whatever came since.
    if row.tombstone and row.tombstone.end is Ending.GONE and version.tie > row.tombstone.at:
        return replace(row, tombstone=None)
    return row


def _buried(row: Row, tombstone: Tombstone) -> Row:
    there = row.tombstone
    if there is not None and there.end is Ending.REDACTED and tombstone.end is Ending.GONE:
        return _outlived(row, tombstone.at)
    if there is not None and there.end is tombstone.end and there.at > tombstone.at:
        return row
    return replace(_outlived(row, tombstone.at), tombstone=tombstone)


def _outlived(row: Row, at: str) -> Row:
    """Keep what was said since: a person's consent is theirs, and nothing of it outlives them."""
    since = {name: register for name, register in row.registers.items() if register.at > at}
    return replace(row, registers=since)

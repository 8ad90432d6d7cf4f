"""
What a destination may know of an entity before a change, and which event a claim records as
intended: the ledger's rows, read for one destination.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.destinations.contract import Event, KnownState, Rule
from shared.model.change import (
    Change,
    ProductSaved,
    StockChanged,
)
from shared.model.value import replace
from shared.state.lost_variants import variants_not_lost
from shared.state.ports import Intent
from shared.state.row import Register, Row
from shared.state.rules import UNPUBLISHED, newest_consent, stock_register, version_of


def known_state(row: Row, change: Change, destination: str) -> KnownState:
    """Return what a destination's plan may know of the entity."""
    state = row.destination_state(destination)
    return KnownState(
        known=state.known,
        filled=state.filled,
        touched=state.applied is not None or state.unsure_until is not None,
        variants=variants_not_lost(row) if isinstance(change, StockChanged) else row.variants,
        stock=_stock(row, change),
        for_sale=UNPUBLISHED not in row.registers,
        subscribed=_subscribed(row, change),
    )


def _stock(row: Row, change: Change) -> dict[str, int | None]:
    if isinstance(change, StockChanged):
        register = stock_register(row, change.variant_id)
        own = Register(at=change.at, value=change.stock)
        newest = register if register and register.supersedes(own) else own
        return {change.variant_id: _count(newest)}
    if not isinstance(change, ProductSaved):
        return {}
    return {
        variant.id: _count(register)
        for variant in change.product.variants
        if (register := stock_register(row, variant.id))
        # Of one instant the count of the variant alone stays, whichever of the two comes later.
        and (not variant.stock_known or register.at >= change.version.tie)
    }


def _subscribed(row: Row, change: Change) -> bool | None:
    newest = newest_consent(row, change)
    return bool(newest.value) if newest else None


def _count(register: Register) -> int | None:
    return None if register.value is None else int(register.value)


def intent_of(
    change: Change, event: Event | None, token: str, unsent_tokens: tuple[str, ...]
) -> Intent | None:
    """Return the intent that the attempt with the ``token`` records before it sends an event."""
    version = version_of(change)
    if event is None or version is None:
        return None
    once = event.rule is Rule.ONCE
    return Intent(
        key=str(version), once=once, again=event.again, token=token, abandoned_tokens=unsent_tokens
    )


def without_abandoned_intents(row: Row, intents: Mapping[str, Intent]) -> Row:
    """Return the row without intents that an earlier attempt recorded and surely did not send."""
    for name, intent in intents.items():
        state = row.destination_state(name)
        if state.intended in intent.abandoned:
            row = row.with_destination_state(name, replace(state, intended=state.sent))
    return row

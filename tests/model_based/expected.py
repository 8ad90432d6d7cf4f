"""
The oracle: what each platform must hold in the end, derived from only the shop's facts: the newest
state of every entity, and nothing of redacted people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from shared.model.change import (
    CartSaved,
    Change,
    ConsentChanged,
    OrderRemoved,
    OrderSaved,
    PersonRemoved,
    PersonSaved,
    ProductRemoved,
    ProductSaved,
    StockChanged,
    mentions,
)
from shared.model.entity import Entity, Kind
from shared.model.version import Version
from tests.model_based.harness import ModelSystem
from tests.model_based.platforms import Platform
from tests.model_based.shop import Fact, changes

Row = dict[str, Any]
Gone = ProductRemoved | PersonRemoved | OrderRemoved


@dataclass(frozen=True, slots=True)
class SentCall:
    """
    A change, when its webhook was triggered, and whether a redaction forbids it: of its own entity
    (``blocked``), or of the person that it names (``named``).
    """

    change: Change
    at: str
    blocked: bool
    named: bool


def violations(system: ModelSystem, facts: Iterable[Fact]) -> Iterator[str]:
    """Return every difference between what the platforms hold and what they must hold."""
    sent = list(sent_by([fact for fact in facts if not fact.mangled]))
    for name, platform in system.platforms.items():
        for entity in sorted({one.change.entity for one in sent}):
            own = [one for one in sent if one.change.entity == entity]
            for what in _violations_of(system, name, platform, entity, own):
                yield f"{name}: {entity}: {what}"
        yield from _redaction_violations(name, platform, sent)


def sent_by(facts: list[Fact]) -> Iterator[SentCall]:
    ends: dict[Entity, str] = {}
    for fact in facts:
        for change in changes(fact):
            if isinstance(change, PersonRemoved | OrderRemoved) and change.redacted:
                ends[change.entity] = max(fact.at, ends.get(change.entity, ""))
    for fact in facts:
        for change in changes(fact):
            removes = isinstance(change, Gone) and getattr(change, "redacted", False)
            who = mentions(change)
            yield SentCall(
                change=change,
                at=fact.at,
                blocked=not removes and _happened(fact, change) <= ends.get(change.entity, ""),
                named=who is not None and _happened(fact, change) <= ends.get(who, ""),
            )


def _happened(fact: Fact, change: Change) -> str:
    return fact.at if isinstance(change, StockChanged | ConsentChanged) else fact.modified


def _violations_of(
    system: ModelSystem, name: str, platform: Platform, entity: Entity, sent: list[SentCall]
) -> Iterator[str]:
    match entity.kind:
        case Kind.CART | Kind.CHECKOUT:
            yield from event_violations(system, name, platform, entity, sent)
        case Kind.ORDER if name == "two":
            yield from purchase_violations(system, name, platform, entity, sent)
        case _:
            rows = platform.rows.get(str(entity), {})
            allowed = list(allowed_of(entity, sent))
            if not any(_is(rows, one) for one in allowed):
                yield f"holds {rows}, and must hold {' or '.join(map(str, allowed))}"


# -- states ----------------------------------------------------------------------------------------

# The rows of an entity, each field with the set of its allowed values.
Allowed = dict[str, dict[str, set[Any]]]


def _is(rows: dict[str, Row], allowed: Allowed) -> bool:
    return rows.keys() == allowed.keys() and all(
        row.keys() == allowed[name].keys()
        and all(value in allowed[name][key] for key, value in row.items())
        for name, row in rows.items()
    )


def _full(sent: Iterable[SentCall]) -> list[SentCall]:
    return [one for one in sent if not isinstance(one.change, StockChanged | ConsentChanged)]


def _version(one: SentCall) -> Version:
    version: Version = one.change.version  # type: ignore[union-attr]  # the full ones have one
    return version


def allowed_of(entity: Entity, sent: list[SentCall]) -> Iterator[Allowed]:
    """Return what a platform may hold: one state, or several where the facts leave it open."""
    full = _full(sent)
    free = [one for one in full if not one.blocked and not one.named]
    newest = max(map(_version, free), default=None)
    ahead = [one for one in free if _version(one) == newest]
    removed = any(isinstance(one.change, Gone) for one in ahead)
    if removed or not free:
        yield {}
    for one in [] if removed else ahead:
        yield _row(one, entity, sent)
    # An order that names a redacted person and is not itself redacted: a state from before the
    # redaction may stay, a later one may not.
    for one in full:
        if one.named and not one.blocked and (newest is None or _version(one) >= newest):
            yield _row(one, entity, sent)


def _row(one: SentCall, entity: Entity, sent: list[SentCall]) -> Allowed:
    match one.change:
        case ProductSaved(product=product):
            return {
                variant.id: {"name": {product.name}, "stock": _stock(variant.id, one, sent)}
                for variant in product.variants
            }
        case PersonSaved(person=person):
            return {"it": {"name": {person.first_name}, "consent": _consent(sent)}}
        case OrderSaved(order=order):
            return {"it": {"name": {order.number}}}
        case _:
            raise AssertionError(entity)


def _stock(variant: str, saved: SentCall, sent: list[SentCall]) -> set[Any]:
    """Return the newest count: the row's own, unless a newer partial update or no count in it."""
    change = saved.change
    assert isinstance(change, ProductSaved)
    own = next(one for one in change.product.variants if one.id == variant)
    partial = [
        one.change
        for one in sent
        if isinstance(one.change, StockChanged) and one.change.variant_id == variant
    ]
    newest = max((one.at for one in partial), default="")
    # Of two counts of one instant the smaller one stays.
    counts = {min(one.stock or 0 for one in partial if one.at == newest)} if partial else set()
    tie = change.version.tie
    ended = max((_version(one).tie for one in sent if isinstance(one.change, Gone)), default="")
    lost = max((_version(one).tie for one in sent if _lacks(one, variant)), default="")
    if not partial or (own.stock_known and newest < tie):
        return {own.stock}
    if newest <= max(ended, lost):
        # The count was removed with the variant, which came back in a row without a count. No shop
        # is known to do so; any of the counts may be the one that is left.
        return {one.stock for one in partial} | {own.stock}
    # Of the same instant the count of the variant alone stays.
    return counts


def _lacks(one: SentCall, variant: str) -> bool:
    match one.change:
        case ProductSaved(product=product):
            return variant not in {there.id for there in product.variants}
        case _:
            return False


def _consent(sent: list[SentCall]) -> set[bool | None]:
    given = [(one, answer) for one in sent if (answer := _answer(one)) is not None]
    answers = [(one.at, answer) for one, answer in given if not one.blocked]
    ended = max((one.at for one in sent if isinstance(one.change, Gone)), default="")
    newest = max((at for at, _ in answers), default="")
    # Of two answers of one instant the refusal stays.
    found: set[bool | None] = (
        {all(answer for at, answer in answers if at == newest)} if answers else set()
    )
    # The consent was removed with the person; an earlier one may have arrived before or after that.
    if newest > ended:
        return found
    came_back = any(isinstance(one.change, PersonSaved) and not one.blocked for one in sent)
    # A person who came back before the redaction arrived has their earlier consent. Which of the
    # two arrived first cannot be observed from outside.
    possible = given if came_back else [(one, answer) for one, answer in given if not one.blocked]
    return found | {None} | {answer for _, answer in possible}


def _answer(one: SentCall) -> bool | None:
    match one.change:
        case ConsentChanged(subscribed=subscribed):
            return subscribed
        case PersonSaved(person=person):
            return person.subscribed
        case _:
            return None


# -- events ----------------------------------------------------------------------------------------


def event_violations(
    system: ModelSystem, name: str, platform: Platform, entity: Entity, sent: list[SentCall]
) -> Iterator[str]:
    doubts = system.doubted[str(entity), name]
    keys = [key for key in platform.events if key.startswith(f"{entity} ")]
    twice = sum(platform.events[key] - 1 for key in keys)
    if twice:
        yield f"an event was sent {twice} times too often, {doubts} outcomes were unknown"
    free = [one for one in sent if not one.named]
    if not free:
        return
    newest = max(map(_version, free))
    # A checkout is sent once: if one of its states was lost, no later one is sent.
    once = not isinstance(sent[0].change, CartSaved)
    excuses = {
        event
        for about, at, event in system.excused
        if (about, at) == (str(entity), name) and (once or event == str(newest))
    }
    if excuses:
        return
    if any(one.named and _version(one) >= newest for one in sent):
        return
    wanted = f"{entity} {newest}" if isinstance(sent[0].change, CartSaved) else f"{entity} "
    if not platform.events[wanted]:
        yield "the newest state was never sent"


def purchase_violations(
    system: ModelSystem, name: str, platform: Platform, entity: Entity, sent: list[SentCall]
) -> Iterator[str]:
    times = platform.events[f"purchase {entity}"]
    doubts = system.doubted[str(entity), name]
    if times > 1 + doubts:
        yield f"a purchase was sent {times} times, and {doubts} outcomes were unknown"
    placed = [one for one in sent if isinstance(one.change, OrderSaved)]
    if any(not one.blocked and not one.named for one in placed) and not times:
        yield "a purchase was never sent"


def _redaction_violations(name: str, platform: Platform, sent: list[SentCall]) -> Iterator[str]:
    """Return the redacted people whom a late order made known again."""
    ends = {
        one.change.entity: one.at
        for one in sorted(sent, key=lambda one: one.at)
        if isinstance(one.change, PersonRemoved) and one.change.redacted
    }
    for who in ends:
        # An order that was redacted later, with another person, may have been sent before.
        since = any(
            (one.change.entity == who and not one.blocked)
            or (mentions(one.change) == who and not one.named)
            for one in sent
            if isinstance(one.change, PersonSaved | OrderSaved)
        )
        if str(who) in platform.seen and not since:
            yield f"{name}: {who}: is known again by an order from before the redaction"


def came_back(facts: Iterable[Fact]) -> bool:
    """
    Return whether a variant came back in a row without a count, after it had been counted and
    removed. No shop is known to do so, and any of the counts may be the one that is left.
    """
    given = sorted(facts, key=lambda one: one.at)
    rows = [one for one in given if one.kind == "product"]
    # Removing the product removes all of its variants.
    losses = [one for one in given if one.kind in {"product", "product gone"}]
    return any(
        back.blind and count.variant in back.variants and count.variant not in lost.variants
        for count in given
        if count.kind == "stock"
        for lost in losses
        if lost.id == count.id and lost.at >= count.at
        for back in rows
        if back.id == count.id and back.at >= lost.at and back is not lost
    )


def consent_came_back(facts: Iterable[Fact]) -> bool:
    """
    Return whether a person came back after a removal, and with them an earlier consent: then more
    than one consent is allowed (`_consent`).
    """
    sent = list(sent_by([fact for fact in facts if not fact.mangled]))
    answers: dict[Entity, set[str]] = {}
    for one in sent:
        if _answer(one) is not None:
            answers.setdefault(one.change.entity, set()).add(one.at)
    ends = {one.change.entity: one.at for one in sent if isinstance(one.change, PersonRemoved)}
    return any(
        who in ends and min(times) <= ends[who] and _is_there(who, sent)
        for who, times in answers.items()
    )


def _is_there(who: Entity, sent: list[SentCall]) -> bool:
    return any(isinstance(one.change, PersonSaved) and one.change.entity == who for one in sent)

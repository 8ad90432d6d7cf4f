"""The plan: compare the wanted subscriptions with the found ones, by topic and address. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from shared.model.value import Value
from shared.subscriptions.contract import Found, State, Subscription, Wanted


class Action(StrEnum):
    """
    What is done with a subscription. ``try`` creates one that the shop may not support;
    ``withheld`` could not be created; ``foreign`` belongs to another app, and is never changed.
    """

    CREATE = "create"
    TRY = "try"
    MEND = "mend"
    DELETE = "delete"
    KEEP = "keep"
    WITHHELD = "withheld"
    FOREIGN = "foreign"


_WRITING = frozenset({Action.CREATE, Action.TRY, Action.MEND, Action.DELETE})
DIFFERENT = frozenset({Action.CREATE, Action.MEND, Action.DELETE, Action.WITHHELD})


class Step(Value):
    """One action for one topic; ``subscription`` is the one that exists already."""

    action: Action
    topic: str
    address: str
    why: str = ""
    subscription: Subscription | None = None

    @property
    def writes(self) -> bool:
        """Whether the step changes something in the shop."""
        return self.action in _WRITING


def connecting(wanted: Wanted, found: Found, *, renew: bool = False) -> tuple[Step, ...]:
    """
    Return the steps to what is wanted, by topic; ``renew`` also repairs subscriptions that seem to
    be right, since the secret of a subscription cannot be read.
    """
    topics = sorted(wanted.topics | wanted.optional)
    steps = [step for topic in topics for step in _topic(topic, wanted, found, renew=renew)]
    rest = (one for one in found.subscriptions if one.topic not in topics or not _ours(one, wanted))
    return (*steps, *(_other(one, wanted) for one in rest))


def disconnecting(wanted: Wanted, found: Found) -> tuple[Step, ...]:
    """Return the steps that delete every subscription to the address."""
    return tuple(
        _step(Action.DELETE, one, "to be disconnected")
        if _ours(one, wanted)
        else _step(Action.FOREIGN, one)
        for one in found.subscriptions
    )


def different(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps that are a difference between wanted and found."""
    return tuple(one for one in steps if one.action in DIFFERENT)


def lost(steps: Iterable[Step]) -> tuple[Step, ...]:
    """
    Return the steps for subscriptions that stopped without a decision of a person: missing,
    disabled by the shop, trimmed. Paused ones were paused by a person.
    """
    return tuple(one for one in steps if one.action is Action.CREATE or _broken(one))


def _broken(step: Step) -> bool:
    there = step.subscription
    return (
        step.action is Action.MEND
        and there is not None
        and there.state in {State.DISABLED, State.TRIMMED}
    )


def _topic(topic: str, wanted: Wanted, found: Found, *, renew: bool) -> Iterator[Step]:
    same = [one for one in found.subscriptions if one.topic == topic]
    ours = [one for one in same if _ours(one, wanted)]
    if not ours:
        yield _missing(topic, wanted, found, same)
        return
    # Prefer one that works.
    best = min(ours, key=lambda one: one.state is not State.ACTIVE)
    why = "the secret, once more" if best.state is State.ACTIVE else str(best.state)
    broken = best.state is not State.ACTIVE
    yield _step(Action.MEND, best, why) if broken or renew else _step(Action.KEEP, best)
    yield from (_step(Action.DELETE, one, "there twice") for one in ours if one is not best)


def _missing(topic: str, wanted: Wanted, found: Found, same: Iterable[Subscription]) -> Step:
    def step(action: Action, why: str) -> Step:
        return Step(action=action, topic=topic, address=wanted.address, why=why)

    if topic in found.withheld:
        return step(Action.WITHHELD, found.withheld[topic])
    if topic in wanted.optional:
        return step(Action.TRY, "only newer versions of the shop know it")
    if any(_alike(one, wanted) for one in same):
        return step(Action.CREATE, "points elsewhere")
    return step(Action.CREATE, "is not there")


def _other(one: Subscription, wanted: Wanted) -> Step:
    if _ours(one, wanted):
        return _step(Action.DELETE, one, "means nothing to us")
    return _step(Action.FOREIGN, one, "another Shoprelay's address" if _alike(one, wanted) else "")


def _step(action: Action, one: Subscription, why: str = "") -> Step:
    return Step(action=action, topic=one.topic, address=one.address, why=why, subscription=one)


def _ours(one: Subscription, wanted: Wanted) -> bool:
    return one.address.rstrip("/") == wanted.address.rstrip("/")


def _alike(one: Subscription, wanted: Wanted) -> bool:
    """Return whether an address has the form of ours: of a deleted stack, or of a second one."""
    theirs, ours = urlsplit(one.address), urlsplit(wanted.address)
    return theirs.path.rstrip("/") == ours.path.rstrip("/") and theirs.netloc != ours.netloc

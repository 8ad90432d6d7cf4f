"""A plan is carried out: step by step, and what a shop refuses stops no other step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from shared.errors import StoreUnavailable, SubscriptionRefused
from shared.model.value import Value
from shared.subscriptions.contract import Subscriptions
from shared.subscriptions.plan import Action, Step

# A shop that is busy says for how long; one that is busy so often in a row has other troubles.
_TRIES = 6

T = TypeVar("T")


class Outcome(Value):
    """What became of a step; ``refused`` is why the shop did not take it, and what to do."""

    step: Step
    refused: str = ""


def carry_out(steps: Iterable[Step], shop: Subscriptions, deadline: float) -> Iterator[Outcome]:
    """
    Do what the steps say, and tell of each that writes; of a try only when the shop took it. Raises
    StoreUnavailable.
    """
    for step in steps:
        if step.writes:
            yield from _done(step, shop, deadline)


def patiently(
    ask: Callable[[], T],
    now: Callable[[], float],
    sleep: Callable[[float], None],
    deadline: float,
) -> T:
    """Ask again after the wait that a busy shop names, unless that ends behind the deadline."""
    for _ in range(_TRIES):
        try:
            return ask()
        except StoreUnavailable as error:
            if error.after is None or now() + error.after >= deadline:
                raise
            sleep(error.after)
    return ask()


def _done(step: Step, shop: Subscriptions, deadline: float) -> Iterator[Outcome]:
    try:
        _do(step, shop, deadline)
    except SubscriptionRefused as error:
        if step.action is not Action.TRY:
            yield Outcome(step=step, refused=str(error))
    else:
        yield Outcome(step=step)


def _do(step: Step, shop: Subscriptions, deadline: float) -> None:
    if step.subscription is None:
        shop.create(step.topic, step.address, deadline)
    elif step.action is Action.DELETE:
        shop.delete(step.subscription, deadline)
    else:
        shop.mend(step.subscription, deadline)

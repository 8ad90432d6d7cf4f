"""Apply a plan step by step; a step that the shop rejects does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from shared.errors import StoreUnavailable, SubscriptionRefused
from shared.model.value import Value
from shared.subscriptions.contract import Subscriptions
from shared.subscriptions.plan import Action, Step

# A busy shop requests a delay. A shop that is busy so often in a row has another problem.
_TRIES = 6

T = TypeVar("T")


class Outcome(Value):
    """The outcome of a step; ``refused`` is why the shop rejected it, and what to do."""

    step: Step
    refused: str = ""


def carry_out(steps: Iterable[Step], shop: Subscriptions, deadline: float) -> Iterator[Outcome]:
    """
    Apply the steps, and yield the outcome of each that writes; of a try only if the shop accepted
    it. Raise StoreUnavailable.
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
    """Query again after the delay that a busy shop requests, unless it ends after the deadline."""
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

"""Whatever the shop says, what the trackers are told is what their documents allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.sandbox.exchange import Platform, Request
from cli.sandbox.tracker import esputnik as esputnik_sandbox
from cli.sandbox.tracker import yespo as yespo_sandbox
from shared.destinations.building.values import email
from shared.destinations.contract import Destination, KnownState, Plan
from shared.model.change import Browsed, Change, PersonSaved
from shared.model.value import replace
from tests.destinations.browsing_events import HAPPENINGS
from tests.destinations.invented import remembered
from tests.destinations.tracked import SEEN, SITE, esputnik, yespo

PLAYED: Mapping[str, Callable[[Mapping[str, str], str | None], Platform]] = {
    "yespo": yespo_sandbox,
    "esputnik": esputnik_sandbox,
}
SITES = [
    yespo(),
    esputnik(feed_id="sku", degraded_sc=True, searches="all", checkout_event="checkout"),
]


def tellable(told: tuple[Change, KnownState]) -> bool:
    """Tell whether somebody can be told apart from anybody else."""
    change, _ = told
    if not isinstance(change, PersonSaved):
        return True
    return bool(change.person.id or email(change.person.email))


def met(told: tuple[Change, KnownState]) -> tuple[Change, KnownState]:
    """A page is told with the cookie of its browser."""
    change, memory = told
    return change, replace(memory, visitor=SEEN.visitor) if isinstance(change, Browsed) else memory


everything = remembered.filter(tellable).map(met) | st.sampled_from(
    [(one, SEEN) for one in HAPPENINGS.values()]
)


def answers(to: Destination, plan: Plan) -> list[tuple[int, bytes]]:
    """Let the platform take every call of a plan, without a socket, and give its answers."""
    platform = PLAYED[to.name]({"site_id": SITE}, None)
    state: dict[str, Any] = {**platform.blank(), "applied": 0}
    found = []
    for call in plan.calls:
        headers = {name.lower(): value for name, value in to.sign(call).items()}
        request = Request(method="POST", path="/api/v2", headers=headers, body=call.body)
        answer = platform.plan(request).act(state)
        found.append((answer.status, answer.body))
    return found


@pytest.mark.parametrize("to", SITES)
@given(told=everything)
def test_any_change_becomes_calls_that_the_platform_takes(
    to: Destination, told: tuple[Change, KnownState]
) -> None:
    """An event has calls and needs a visitor; what is none tells of goods and people alone."""
    change, memory = told
    plan = to.plan(change, memory)
    success = 200 if to.name == "yespo" else 204

    assert set(answers(to, plan)) <= {(success, b"")}
    if to.event(change):
        assert plan.calls
        assert not plan.state
        assert to.need(change).visitor
    else:
        assert to.need(change).visitor is isinstance(change, PersonSaved)
        named = {call.label.split()[1] for call in plan.calls}
        assert named <= {"ProductUpdate", "CustomerData"}

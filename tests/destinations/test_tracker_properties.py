"""For any change, every call to the trackers is valid in their documents."""

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
from tests.destinations.browsing_events import BROWSING_EVENTS
from tests.destinations.strategies import changes_with_state
from tests.destinations.tracker_harness import SEEN, SITE, esputnik, yespo

SANDBOXES: Mapping[str, Callable[[Mapping[str, str], str | None], Platform]] = {
    "yespo": yespo_sandbox,
    "esputnik": esputnik_sandbox,
}
SITES = [
    yespo(),
    esputnik(feed_id="sku", degraded_sc=True, searches="all", checkout_event="checkout"),
]


def is_identifiable(case: tuple[Change, KnownState]) -> bool:
    """Return whether the person of a change can be identified."""
    change, _ = case
    if not isinstance(change, PersonSaved):
        return True
    return bool(change.person.id or email(change.person.email))


def with_cookie(case: tuple[Change, KnownState]) -> tuple[Change, KnownState]:
    """Return the case, with a known cookie if it is a browsing event."""
    change, known_state = case
    return change, replace(known_state, visitor=SEEN.visitor) if isinstance(
        change, Browsed
    ) else known_state


everything = changes_with_state.filter(is_identifiable).map(with_cookie) | st.sampled_from(
    [(one, SEEN) for one in BROWSING_EVENTS.values()]
)


def responses(to: Destination, plan: Plan) -> list[tuple[int, bytes]]:
    """Send every call of a plan to the sandbox, without a socket, and return its responses."""
    platform = SANDBOXES[to.name]({"site_id": SITE}, None)
    state: dict[str, Any] = {**platform.blank(), "applied": 0}
    found = []
    for call in plan.calls:
        headers = {name.lower(): value for name, value in to.sign(call).headers.items()}
        request = Request(method="POST", path="/api/v2", headers=headers, body=call.body)
        response = platform.plan(request).act(state)
        found.append((response.status, response.body))
    return found


@pytest.mark.parametrize("to", SITES)
@given(case=everything)
def test_the_platform_accepts_the_calls_of_every_change(
    to: Destination, case: tuple[Change, KnownState]
) -> None:
    """Check that an event has calls and a visitor; other changes are products and people only."""
    change, known_state = case
    plan = to.plan(change, known_state)
    success = 200 if to.name == "yespo" else 204

    assert set(responses(to, plan)) <= {(success, b"")}
    if to.brief(change).event:
        assert plan.calls
        assert not plan.state
        assert to.brief(change).visitor
    else:
        assert to.brief(change).visitor is isinstance(change, PersonSaved)
        named = {call.label.split()[1] for call in plan.calls}
        assert named <= {"ProductUpdate", "CustomerData"}

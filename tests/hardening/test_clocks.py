"""Clocks that jump between two steps: nothing is lost, and no delay is negative or endless."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from shared.delivery.settlement import Status
from shared.http.call import Call
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.verdict import NoResponse, Response
from shared.model.change import ConsentChanged
from tests.delivery.harness import Killed, World, webhook
from tests.sources.shop import source
from tests.sources.test_shopify_headers import HEADERS

HOUR = 3600.0
RECEIVED = 1_795_251_600.0  # 2026-11-21T09:00:00Z
JUMPS = [-10 * HOUR, -60.0, 60.0, 10 * HOUR]


def jumping(world: World, seconds: float) -> None:
    """Let the clock jump once, during the next call: between claim and commit."""
    send: Callable[..., Response | NoResponse] = world.send

    def once(call: Call, headers: Mapping[str, str], within: float) -> Response | NoResponse:
        world.clock.pass_(seconds)
        world.send = send  # type: ignore[method-assign]  # only once
        return send(call, headers, within)

    world.send = once  # type: ignore[method-assign, assignment]  # as above


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("mood", ["well", "late", "silent after", "down", "asks for time"])
def test_a_clock_that_jumps_between_claim_and_commit_loses_nothing(jump: float, mood: str) -> None:
    world = World()
    platform = world.platforms["one"]
    platform.mood = lambda asked: mood if asked == 1 else "well"
    jumping(world, jump)

    world.deliver(webhook("product", 1, 1))
    world.deliver(webhook("product", 1, 2))
    waits = [due - world.clock() for due, _ in world.parked]
    world.drain()

    platform.catch_up()
    assert platform.names(1) == {"a": "v2"}
    assert (world.parked, world.dead) == ([], [])
    assert all(0 <= wait <= 7.5 * HOUR for wait in waits)


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_while_a_webhook_is_parked_loses_nothing(jump: float) -> None:
    world = World()
    platform = world.platforms["one"]
    platform.mood = lambda asked: "down" if asked <= 2 else "well"

    assert world.deliver(webhook("product", 1, 1)) is Status.QUEUED
    world.clock.pass_(jump)
    world.drain()

    assert platform.names(1) == {"a": "v1"}
    assert (world.parked, world.dead) == ([], [])


def test_an_unknown_outcome_under_a_clock_years_ahead_needs_no_confirmation_later() -> None:
    world = World()
    years = 10 * 365 * 24 * HOUR
    world.platforms["one"].mood = lambda call: "silent after" if call == 1 else "well"
    world.clock.pass_(years)
    world.deliver(webhook("product", 1, 1))
    world.parked.clear()
    world.clock.pass_(-years)

    assert world.deliver(webhook("product", 1, 2)) is Status.DELIVERED
    assert world.parked == []


@pytest.mark.parametrize("jump", [-10 * HOUR, -60.0, 60.0, HOUR])
def test_a_lease_of_a_crash_under_a_wrong_clock_ends(jump: float) -> None:
    world = World()
    world.deliver(webhook("product", 1, 1))
    world.clock.pass_(jump)
    world.kill_at = world.steps + 3  # after the claim, before the call
    with pytest.raises(Killed):
        world.deliver(webhook("product", 1, 2))
    world.kill_at = None
    world.clock.pass_(-jump)
    world.deliver(webhook("product", 1, 3))
    world.drain()

    assert world.platforms["one"].names(1) == {"a": "v3"}
    assert (world.parked, world.dead) == ([], [])


def test_a_lease_from_a_clock_years_ahead_does_not_hold() -> None:
    world = World()
    years = 10 * 365 * 24 * HOUR
    world.deliver(webhook("product", 1, 1))
    world.clock.pass_(years)
    world.kill_at = world.steps + 3
    with pytest.raises(Killed):
        world.deliver(webhook("product", 1, 2))
    world.kill_at = None
    world.clock.pass_(-years)
    world.deliver(webhook("product", 1, 3))
    world.drain(hours=0.5)

    assert world.platforms["one"].names(1) == {"a": "v3"}


@pytest.mark.parametrize(
    ("triggered_at", "expected"),
    [
        ("2026-11-21T09:05:00Z", "2026-11-21T09:05:00.000000000Z"),
        ("2026-11-21T09:05:00.000000001Z", "2026-11-21T09:00:00.000000000Z"),
        ("2026-11-22T09:00:00Z", "2026-11-21T09:00:00.000000000Z"),
        ("9999-12-31T23:59:59Z", "2026-11-21T09:00:00.000000000Z"),
        ("2026-11-21T23:05:00+14:00", "2026-11-21T09:05:00.000000000Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000000Z"),
        ("9999-12-31T23:59:59-14:00", "2026-11-21T09:00:00.000000000Z"),
        ("tomorrow", "2026-11-21T09:00:00.000000000Z"),
    ],
)
def test_a_trigger_time_more_than_five_minutes_ahead_is_replaced_by_the_receive_time(
    triggered_at: str, expected: str
) -> None:
    found = source().to_envelope(
        b"{}", HEADERS | {"x-shopify-triggered-at": triggered_at}, RECEIVED
    )

    assert (found.triggered_at, found.received_at) == (expected, "2026-11-21T09:00:00.000000000Z")


def test_a_consent_from_the_year_9999_has_the_receive_time() -> None:
    consent = {"state": "subscribed", "consent_updated_at": "9999-12-31T23:59:59Z"}
    body = {"customer_id": 7, "email_marketing_consent": consent}
    headers = HEADERS | {"x-shopify-topic": "customers_email_marketing_consent/update"}
    webhook_ = source().to_envelope(json.dumps(body).encode(), headers, RECEIVED)

    (change,) = source().translate(webhook_, RECEIVED + 3).changes

    assert isinstance(change, ConsentChanged)
    assert change.at == "2026-11-21T09:00:00.000000000Z"


def test_a_breaker_allows_a_probe_after_its_clock_was_set_back() -> None:
    one = CircuitBreaker()
    for _ in range(3):
        one.failed("datacue", 10 * HOUR)

    assert not one.admits("datacue", 10 * HOUR + 9)
    assert not one.admits("datacue", 10 * HOUR)
    assert one.admits("datacue", 9 * HOUR)
    assert not one.admits("datacue", 9 * HOUR + 1)


def test_a_breaker_allows_a_probe_after_its_clock_was_set_forward() -> None:
    one = CircuitBreaker()
    for _ in range(3):
        one.failed("datacue", 0.0)

    assert one.admits("datacue", 10 * HOUR)
    assert not one.admits("datacue", 10 * HOUR + 1)

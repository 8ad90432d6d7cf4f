"""The retry delays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.queue import backoff

ELAPSED = st.floats(0, 400_000)


def low() -> float:
    return 0.0


def high() -> float:
    return 1.0


@pytest.mark.parametrize(
    ("elapsed", "seconds"),
    [
        (0, 5),
        (14.9, 5),
        (15, 15),
        (60, 30),
        (300, 60),
        (900, 300),
        (3600, 600),
        (14_400, 1200),
        (43_200, 1800),
        (1_000_000, 1800),
    ],
)
def test_the_delays_are_the_table(elapsed: float, seconds: float) -> None:
    assert backoff.wait(elapsed, None, low) == seconds


@given(ELAPSED, ELAPSED)
def test_delays_never_shrink(one: float, other: float) -> None:
    early, late = sorted((one, other))

    assert backoff.wait(early, None, low) <= backoff.wait(late, None, low)


@pytest.mark.parametrize(("rng", "expected"), [(low, 99), (high, 81)])
def test_a_day_of_failures_has_a_bounded_number_of_attempts(
    rng: Callable[[], float], expected: int
) -> None:
    elapsed, attempts = 0.0, 0
    while elapsed < 24 * 3600:
        elapsed += backoff.wait(elapsed, None, rng)
        attempts += 1

    assert attempts == expected


@given(ELAPSED, st.none() | st.floats(0, 1e9), st.floats(0, 1))
def test_jitter_lengthens_a_delay_by_a_quarter_at_most(
    elapsed: float, requested: float | None, rng: float
) -> None:
    planned = backoff.wait(elapsed, requested, low)

    assert planned <= backoff.wait(elapsed, requested, lambda: rng) <= planned * 1.25


@pytest.mark.parametrize(
    ("requested", "seconds"),
    [(None, 5), (0.0, 5), (3.0, 5), (120.0, 120), (21_600.0, 21_600), (86_400.0, 21_600)],
)
def test_retry_after_is_honoured_up_to_six_hours(requested: float | None, seconds: float) -> None:
    assert backoff.wait(0, requested, low) == seconds


def test_an_infinite_retry_after_is_capped() -> None:
    assert backoff.wait(0, float("inf"), low) == 21_600

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.version import instant, instant_at
from shared.sources.parsing.timestamps import plausible_time, plausible_trigger

MODIFIED = instant("2026-11-21T09:00:00Z")


@pytest.mark.parametrize(
    ("triggered", "expected"),
    [
        ("2026-11-21T08:59:59.5Z", "2026-11-21T08:59:59.5Z"),
        ("2026-11-21T09:00:03.25Z", "2026-11-21T09:00:03.25Z"),
        ("2026-11-21T09:01:00Z", "2026-11-21T09:01:00Z"),
        ("2026-11-21T09:01:00.000000001Z", "2026-11-21T09:01:00Z"),
        ("2026-11-22T09:00:00Z", "2026-11-21T09:01:00Z"),
    ],
)
def test_a_trigger_time_counts_at_most_a_minute_after_the_signed_time(
    triggered: str, expected: str
) -> None:
    assert plausible_trigger(instant(triggered), MODIFIED) == instant(expected)


def test_without_a_signed_time_the_trigger_time_is_all_there_is() -> None:
    assert plausible_trigger(MODIFIED, None) == MODIFIED


@given(st.floats(0, 4e9), st.floats(0, 4e9))
def test_no_header_makes_a_body_newer_than_a_minute_after_its_signed_time(
    triggered: float, modified: float
) -> None:
    at = plausible_trigger(instant_at(triggered), instant_at(modified))

    assert at <= instant_at(modified + 60)
    assert at <= instant_at(triggered)


@given(st.floats(0, 4e9), st.floats(0, 4e9))
def test_no_time_is_more_than_five_minutes_after_the_receipt(when: float, received: float) -> None:
    assert plausible_time(instant_at(when), instant_at(received)) <= instant_at(received + 300)

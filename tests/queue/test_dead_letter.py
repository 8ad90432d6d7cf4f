from __future__ import annotations

import pytest

from shared.queue.dead_letter import parse_time

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", NOON - 90),
        ("15m", NOON - 900),
        ("2h", NOON - 7200),
        (" 3d ", NOON - 259_200),
        ("1w", NOON - 604_800),
        ("2026-11-21", NOON - 43_200),
        ("2026-11-21T12:00", NOON),
        ("2026-11-21T12:00:00Z", NOON),
        ("2026-11-21T13:00:00+01:00", NOON),
    ],
)
def test_a_time_is_an_age_or_a_date_or_iso_8601(text: str, expected: float) -> None:
    assert parse_time(text, NOON) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "3 days", "-2h", "2026-13-01", "1.5h"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="neither an age"):
        parse_time(text, NOON)

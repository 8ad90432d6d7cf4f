"""Instants and versions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.version import EPOCH, Version, instant, moment

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
AWARE = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - the zone is drawn separately
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - as above
    timezones=OFFSETS,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T09:00:00Z", "2026-11-21T09:00:00.000000000Z"),
        ("2026-11-21T09:00:00", "2026-11-21T09:00:00.000000000Z"),
        ("2026-11-21 09:00:00 UTC", "2026-11-21T09:00:00.000000000Z"),
        (" 2026-11-21T04:00:00-05:00 ", "2026-11-21T09:00:00.000000000Z"),
        ("2026-11-21T04:00:00-0500", "2026-11-21T09:00:00.000000000Z"),
        ("2026-11-21T14:30:00+05:30", "2026-11-21T09:00:00.000000000Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000000000Z"),
        ("2026-11-21T09:00:00.5Z", "2026-11-21T09:00:00.500000000Z"),
        ("2026-11-21T09:00:00.123456789Z", "2026-11-21T09:00:00.123456789Z"),
        ("2026-11-21T09:00:00.1234567899Z", "2026-11-21T09:00:00.123456789Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000000Z"),
    ],
)
def test_an_instant_is_utc_text_with_nanoseconds(text: str, expected: str) -> None:
    assert instant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "2026-11-21",
        "2026-13-21T09:00:00Z",
        "2026-02-30T09:00:00Z",
        "2026-11-21T25:00:00Z",
        "2026-11-21T09:00:60Z",
        "2026-11-21T09:00Z",
        "2026-11-21T09:00:00.Z",
        "2026-11-21T09:00:00.\u0661Z",
        "2026-11-21T09:00:00 CET",
        "1795251600",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_a_text_that_is_no_time_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        instant(text)


def test_a_datetime_without_a_zone_is_rejected() -> None:
    with pytest.raises(ValueError, match="a datetime needs a time zone"):
        instant(datetime(2026, 11, 21))  # noqa: DTZ001 - it is rejected


def test_a_datetime_out_of_range_in_utc_is_rejected() -> None:
    with pytest.raises(ValueError, match="not a time of the years 1 to 9999"):
        instant(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))


@given(AWARE)
def test_every_instant_survives_a_round_trip(when: datetime) -> None:
    assert moment(instant(when)) == when
    assert instant(when.isoformat()) == instant(when)


@given(AWARE, AWARE)
def test_instants_sort_by_time(one: datetime, other: datetime) -> None:
    assert (instant(one) < instant(other)) == (one < other)
    assert len(instant(one)) == 30


def test_instants_sort_by_nanoseconds() -> None:
    early, late = "2026-11-21T09:00:00.123456788Z", "2026-11-21T09:00:00.123456789Z"

    assert instant(early) < instant(late)
    assert moment(instant(late)) == datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=UTC)


def test_the_epoch_is_an_instant() -> None:
    assert instant(datetime.fromtimestamp(0, UTC)) == EPOCH


def test_versions_sort_by_modified_time_and_then_by_tie_break() -> None:
    first, second = instant("2026-11-21T09:00:01Z"), instant("2026-11-21T09:00:02Z")

    versions = [Version(second, first), Version(first, second), Version(first, first)]

    assert sorted(versions) == [
        Version(first, first),
        Version(first, second),
        Version(second, first),
    ]


def test_equal_versions_are_not_older() -> None:
    one = Version.at(EPOCH)

    assert not one < Version(EPOCH, EPOCH)


@given(AWARE, AWARE, AWARE, AWARE)
def test_versions_sort_as_text_too(
    one: datetime, two: datetime, three: datetime, four: datetime
) -> None:
    first = Version(instant(one), instant(two))
    second = Version(instant(three), instant(four))

    assert (str(first) < str(second)) == (first < second)
    assert Version.parse(str(first)) == first

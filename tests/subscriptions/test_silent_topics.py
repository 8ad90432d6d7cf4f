"""A topic is silent when it is so for longer than ever before."""

from __future__ import annotations

import pytest

from shared.subscriptions.silent_topics import ENOUGH, Silence, silences

HOUR = 3600.0
NOW = 1_000 * HOUR


def every(gap: float, last: float, count: int = ENOUGH) -> list[float]:
    """Give moments that end at ``last``, so far apart."""
    return [last - gap * number for number in range(count)]


def test_a_topic_that_is_silent_for_longer_than_ever_is_told() -> None:
    heard = {"orders/create": every(4 * HOUR, NOW - 6.1 * HOUR)}

    assert silences(heard, NOW) == (Silence(topic="orders/create", seconds=21_960, longest=14_400),)


@pytest.mark.parametrize("since", [0.5 * HOUR, 4.5 * HOUR, 6.0 * HOUR])
def test_a_topic_that_was_as_silent_before_is_not(since: float) -> None:
    assert silences({"orders/create": every(4 * HOUR, NOW - since)}, NOW) == ()


def test_a_night_counts_as_usual_once_it_was_seen() -> None:
    day = [NOW - 34 * HOUR - 60 * number for number in range(ENOUGH)]
    evening = NOW - 22 * HOUR

    assert silences({"orders/create": [*day, evening]}, evening + 17 * HOUR) == ()
    assert len(silences({"orders/create": [*day, evening]}, evening + 19 * HOUR)) == 1


def test_less_than_an_hour_is_no_silence() -> None:
    assert silences({"products/update": every(1.0, NOW - 0.9 * HOUR)}, NOW) == ()


def test_what_was_rarely_heard_has_no_usual() -> None:
    assert silences({"orders/create": every(1.0, NOW - 900 * HOUR, ENOUGH - 1)}, NOW) == ()


def test_each_topic_counts_for_itself_in_any_order() -> None:
    quiet = every(HOUR, NOW - 9 * HOUR)
    heard = {"b": quiet, "a": reversed(quiet), "c": every(HOUR, NOW)}

    assert [one.topic for one in silences(heard, NOW)] == ["a", "b"]

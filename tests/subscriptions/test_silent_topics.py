"""A topic is silent if it sends nothing for longer than ever before."""

from __future__ import annotations

import pytest

from shared.subscriptions.silent_topics import ENOUGH, SilentTopic, find_silent_topics

HOUR = 3600.0
NOW = 1_000 * HOUR


def every(gap: float, last: float, count: int = ENOUGH) -> list[float]:
    """Return times with one gap, the last at ``last``."""
    return [last - gap * number for number in range(count)]


def test_a_topic_silent_for_longer_than_ever_is_silent() -> None:
    received = {"orders/create": every(4 * HOUR, NOW - 6.1 * HOUR)}

    assert find_silent_topics(received, NOW) == (
        SilentTopic(topic="orders/create", seconds=21_960, longest=14_400),
    )


@pytest.mark.parametrize("since", [0.5 * HOUR, 4.5 * HOUR, 6.0 * HOUR])
def test_a_topic_that_was_as_long_silent_before_is_not_silent(since: float) -> None:
    assert find_silent_topics({"orders/create": every(4 * HOUR, NOW - since)}, NOW) == ()


def test_a_night_is_usual_after_the_first_one() -> None:
    day = [NOW - 34 * HOUR - 60 * number for number in range(ENOUGH)]
    evening = NOW - 22 * HOUR

    assert find_silent_topics({"orders/create": [*day, evening]}, evening + 17 * HOUR) == ()
    assert len(find_silent_topics({"orders/create": [*day, evening]}, evening + 19 * HOUR)) == 1


def test_a_topic_is_not_silent_for_less_than_an_hour() -> None:
    assert find_silent_topics({"products/update": every(1.0, NOW - 0.9 * HOUR)}, NOW) == ()


def test_a_rarely_received_topic_is_never_silent() -> None:
    assert (
        find_silent_topics({"orders/create": every(1.0, NOW - 900 * HOUR, ENOUGH - 1)}, NOW) == ()
    )


def test_each_topic_is_checked_by_itself_in_any_order() -> None:
    quiet = every(HOUR, NOW - 9 * HOUR)
    received = {"b": quiet, "a": reversed(quiet), "c": every(HOUR, NOW)}

    assert [one.topic for one in find_silent_topics(received, NOW)] == ["a", "b"]

"""The breaker."""

from __future__ import annotations

from shared.http.circuit_breaker import CircuitBreaker


def broken(now: float = 0.0) -> CircuitBreaker:
    one = CircuitBreaker()
    for _ in range(3):
        one.failed("datacue", now)
    return one


def test_it_admits_until_the_third_failure_in_a_row() -> None:
    one = CircuitBreaker()

    seen = []
    for _ in range(3):
        seen.append(one.admits("datacue", 0.0))
        one.failed("datacue", 0.0)

    assert seen == [True, True, True]
    assert not one.admits("datacue", 0.0)


def test_an_answer_closes_it() -> None:
    one = broken()

    one.succeeded("datacue")

    assert one.admits("datacue", 0.0)


def test_failures_must_stand_in_a_row() -> None:
    one = CircuitBreaker()
    for _ in range(5):
        one.failed("datacue", 0.0)
        one.failed("datacue", 0.0)
        one.succeeded("datacue")

    assert one.admits("datacue", 0.0)


def test_an_open_one_lets_one_probe_through_every_ten_seconds() -> None:
    one = broken()

    seen = [one.admits("datacue", now) for now in (9.9, 10.0, 10.1, 19.9, 20.0, 20.0)]

    assert seen == [False, True, False, False, True, False]


def test_a_probe_that_failed_keeps_it_open_for_ten_seconds_more() -> None:
    one = broken()
    one.admits("datacue", 10.0)

    one.failed("datacue", 13.0)

    assert not one.admits("datacue", 22.9)
    assert one.admits("datacue", 23.0)


def test_one_dead_destination_delays_no_other() -> None:
    one = broken()

    assert one.admits("yespo", 0.0)
    one.succeeded("yespo")
    assert not one.admits("datacue", 0.0)

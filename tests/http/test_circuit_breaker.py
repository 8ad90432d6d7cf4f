"""The circuit breaker."""

from __future__ import annotations

from shared.http.circuit_breaker import CircuitBreaker


def broken(now: float = 0.0) -> CircuitBreaker:
    one = CircuitBreaker()
    for _ in range(3):
        one.failed("datacue", now)
    return one


def test_a_breaker_opens_at_the_third_consecutive_failure() -> None:
    one = CircuitBreaker()

    seen = []
    for _ in range(3):
        seen.append(one.admits("datacue", 0.0))
        one.failed("datacue", 0.0)

    assert seen == [True, True, True]
    assert not one.admits("datacue", 0.0)


def test_a_response_closes_the_breaker() -> None:
    one = broken()

    one.succeeded("datacue")

    assert one.admits("datacue", 0.0)


def test_only_consecutive_failures_open_the_breaker() -> None:
    one = CircuitBreaker()
    for _ in range(5):
        one.failed("datacue", 0.0)
        one.failed("datacue", 0.0)
        one.succeeded("datacue")

    assert one.admits("datacue", 0.0)


def test_an_open_breaker_allows_one_probe_every_ten_seconds() -> None:
    one = broken()

    seen = [one.admits("datacue", now) for now in (9.9, 10.0, 10.1, 19.9, 20.0, 20.0)]

    assert seen == [False, True, False, False, True, False]


def test_a_failed_probe_keeps_the_breaker_open_for_ten_more_seconds() -> None:
    one = broken()
    one.admits("datacue", 10.0)

    one.failed("datacue", 13.0)

    assert not one.admits("datacue", 22.9)
    assert one.admits("datacue", 23.0)


def test_each_destination_has_its_own_breaker() -> None:
    one = broken()

    assert one.admits("yespo", 0.0)
    one.succeeded("yespo")
    assert not one.admits("datacue", 0.0)

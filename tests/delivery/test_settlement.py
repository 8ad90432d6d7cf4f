"""What follows an attempt."""

from __future__ import annotations

from typing import Any

import pytest

from shared.delivery.attempt import Attempted
from shared.delivery.settlement import RetryPolicy, Settlement, Status
from shared.errors import QueueUnavailable
from shared.http.verdict import OutcomeUnknown, Rejected, Retry
from shared.model.value import replace
from shared.observability import Observer
from shared.queue.envelope import Attempt, Envelope
from shared.queue.sqs import DeadLetterReason
from shared.state.outcome import Applied, Deferred, Failed, Outcome, Skipped, Superseded
from tests.fakes.clock import Clock
from tests.fakes.parking import MemoryParking
from tests.queue.test_envelope import envelope

NOW = "2026-11-18T11:06:40.000000000Z"
START = 1_795_000_000.0
HOUR = 3600.0


class Bench:
    """A settlement between stand-ins."""

    def __init__(self, **patience: float) -> None:
        self.clock, self.parking = Clock(START), MemoryParking()
        self.settlement = Settlement(
            parking=self.parking,
            observer=Observer("acme"),
            clock=self.clock,
            random=lambda: 0.0,
            retry_policy=RetryPolicy(**patience),
        )

    def settle(self, end: Outcome | OutcomeUnknown | Retry | Rejected, **more: Any) -> Status:
        confirm_at = more.pop("confirm_at", None)
        outcome = end if isinstance(end, Outcome) else Failed(failure=end, sent=True)
        return self.settlement.settle(
            envelope(**more), "datacue", Attempted(outcome=outcome, confirm_at=confirm_at)
        )

    @property
    def parked(self) -> tuple[Envelope, float]:
        (one,) = self.parking.parked
        return one


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (Applied(), Status.DELIVERED),
        (Superseded(), Status.SUPERSEDED),
        (Skipped(), Status.IGNORED),
    ],
)
def test_what_is_over_leaves_nothing_behind(end: Outcome, status: Status) -> None:
    bench = Bench()

    assert bench.settle(end) == status

    assert bench.parking == MemoryParking()


@pytest.mark.parametrize(
    ("failure", "name", "code"),
    [
        (Retry(reason="answered 503", status=503), "TryAgain", 503),
        (OutcomeUnknown(reason="cut"), "Unknown", None),
    ],
)
def test_a_failure_is_parked_for_the_destination_with_its_trail(
    failure: OutcomeUnknown | Retry, name: str, code: int | None
) -> None:
    bench = Bench()

    assert bench.settle(failure) is Status.QUEUED

    one, delay = bench.parked
    assert delay == 5.0
    assert one.destination == "datacue"
    assert one.first_failed_at == NOW
    assert one.not_before == "2026-11-18T11:06:45.000000000Z"
    (tried,) = one.trail
    assert (tried.at, tried.verdict, tried.status) == (NOW, name, code)


def test_the_wait_grows_with_the_time_since_the_first_failure() -> None:
    bench = Bench()

    bench.settle(OutcomeUnknown(reason="cut"), first_failed_at="2026-11-18T09:06:40.000000000Z")

    one, delay = bench.parked
    assert delay == 600.0
    assert one.first_failed_at == "2026-11-18T09:06:40.000000000Z"


def test_a_platform_is_given_the_time_that_it_asks_for() -> None:
    bench = Bench()

    bench.settle(Retry(reason="answered 429", status=429, after=120.0))

    assert bench.parked[1] == 120.0


@pytest.mark.parametrize(
    ("seconds", "status"), [(24 * HOUR - 1, Status.QUEUED), (24 * HOUR, Status.DEAD_LETTER)]
)
def test_retry_time_ends_a_day_after_the_first_failure(seconds: float, status: Status) -> None:
    bench = Bench()
    bench.clock.pass_(seconds)

    assert bench.settle(Retry(reason="answered 503", status=503), first_failed_at=NOW) is status


def test_a_webhook_whose_retry_time_ended_is_dead_lettered_with_the_last_reason() -> None:
    bench = Bench(seconds=30 * HOUR)
    bench.clock.pass_(30 * HOUR)
    before = Attempt(at=NOW, verdict="Unknown")

    bench.settle(Retry(reason="answered 503", status=503), first_failed_at=NOW, trail=(before,))

    ((one, death),) = bench.parking.dead_letters
    assert death == DeadLetterReason(reason="given up: answered 503", status=503)
    assert one.trail[0] == before
    assert one.trail[1].verdict == "TryAgain"
    assert bench.parking.parked == []


def test_a_refusal_is_dead_lettered_at_once_with_its_reason() -> None:
    bench = Bench()

    assert (
        bench.settle(Rejected(reason="too long", status=422, path="$.name")) is Status.DEAD_LETTER
    )

    ((one, death),) = bench.parking.dead_letters
    assert death == DeadLetterReason(reason="too long", status=422, path="$.name")
    assert one.destination == "datacue"
    assert one.trail == (Attempt(at=NOW, verdict="Refused", status=422, reason="too long"),)


def test_refused_credentials_are_an_alarm_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench()

    bench.settle(Rejected(reason="answered 401", status=401, credentials=True))
    bench.settlement.observer.flush()

    assert '"CredentialsRefused":[1' in capsys.readouterr().out.replace(" ", "")
    assert len(bench.parking.dead_letters) == 1


def test_a_pause_waits_without_an_attempt_and_starts_the_clock_anew() -> None:
    bench = Bench()

    status = bench.settle(Deferred(reason="paused", paused=True), first_failed_at=NOW)

    one, delay = bench.parked
    assert status is Status.QUEUED
    assert delay == 300.0
    assert one.first_failed_at is None
    assert one.trail == ()


def test_an_open_breaker_waits_without_an_attempt_but_the_clock_runs() -> None:
    bench = Bench()

    bench.settle(Deferred(reason="the breaker is open"))

    one, delay = bench.parked
    assert delay == 5.0
    assert one.first_failed_at == NOW
    assert one.trail == ()


def test_an_open_breaker_does_not_start_a_running_clock_again() -> None:
    bench = Bench()

    bench.settle(Deferred(reason="no time left"), first_failed_at="2026-11-18T09:06:40.000000000Z")

    one, delay = bench.parked
    assert delay == 600.0
    assert one.first_failed_at == "2026-11-18T09:06:40.000000000Z"


def test_a_confirmation_waits_for_the_end_of_the_doubt() -> None:
    bench = Bench()
    trail = (Attempt(at=NOW, verdict="Unknown"),)

    status = bench.settle(Applied(), confirm_at=START + 20, first_failed_at=NOW, trail=trail)

    one, delay = bench.parked
    assert status is Status.DELIVERED
    assert delay == 21.0
    assert one == replace(
        envelope(destination="datacue"), confirms=True, not_before="2026-11-18T11:07:00.000000000Z"
    )


def test_waits_are_scaled_and_the_window_of_doubt_is_not() -> None:
    bench = Bench(scale=0.01)

    bench.settle(OutcomeUnknown(reason="cut"))
    bench.settle(Applied(), confirm_at=START + 20)

    assert [delay for _, delay in bench.parking.parked] == [0.05, 21.0]


def test_retry_time_is_scaled_like_the_waits() -> None:
    bench = Bench(scale=0.001)
    bench.clock.pass_(87)  # a thousandth of a day and a little

    assert bench.settle(OutcomeUnknown(reason="cut"), first_failed_at=NOW) is Status.DEAD_LETTER


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_a_clock_that_runs_behind_waits_as_after_a_first_failure(scale: float) -> None:
    bench = Bench(scale=scale)

    bench.settle(OutcomeUnknown(reason="cut"), first_failed_at="2026-11-18T11:06:41.000000000Z")

    assert bench.parked[1] == 5.0 * scale


def test_what_cannot_be_parked_or_dead_lettered_is_sent() -> None:
    bench = Bench()
    bench.parking.out_of_reach = True

    with pytest.raises(QueueUnavailable):
        bench.settle(OutcomeUnknown(reason="cut"))
    with pytest.raises(QueueUnavailable):
        bench.settle(Rejected(reason="answered 422", status=422))


def test_the_worst_status_comes_first() -> None:
    assert [one.value for one in Status] == [
        "dead_letter",
        "queued",
        "delivered",
        "superseded",
        "duplicate",
        "ignored",
    ]

"""Processing every dead letter in several invocations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from shared.errors import QueueUnavailable
from shared.queue.envelope import Envelope
from shared.queue.sqs import DeadLetterReason
from shared.queue.sweep import START, Sweep
from tests.fakes.clock import Clock
from tests.fakes.queue import DEAD, MemoryDeadLetters, MemoryQueue
from tests.queue.test_envelope import envelope

INVOCATION, BETWEEN = 50.0, 3.0


@dataclass
class SweepHarness:
    """Dead letters, and a match that takes ``seconds`` for each of them."""

    seconds: float = 0.1
    clock: Clock = field(default_factory=Clock)
    processed: int = 0

    def __post_init__(self) -> None:
        self.queue = MemoryQueue(self.clock)
        self.dead_letters = MemoryDeadLetters(self.queue, self.clock, self.clock.pass_)

    def dead_letter(self, number: int, prefix: str = "w") -> None:
        for at in range(number):
            self.queue.dead_letter(
                envelope(id=f"{prefix}{at}"), DeadLetterReason(reason="answered 400")
            )

    def ends_with(self, text: str) -> Callable[[Envelope], bool]:
        def match(one: Envelope) -> bool:
            self.clock.pass_(self.seconds)
            self.processed += 1
            return one.id.endswith(text)

        return match

    def swept(self, match: Callable[[Envelope], bool], most: int = 200) -> tuple[Sweep, int]:
        """Invoke repeatedly, as the worker does; return after how many invocations it was over."""
        sweep = START
        for invocation in range(1, most):
            sweep = self.dead_letters.purge(match, self.clock() + INVOCATION, sweep)
            if sweep.over:
                return sweep, invocation
            self.clock.pass_(BETWEEN)
        raise AssertionError("the sweep does not end")

    def hidden(self) -> int:
        now = self.clock()
        return sum(one.due > now for one in self.queue.sqs.dead.there.values())


def test_thousands_of_dead_letters_are_processed_once_each_over_several_invocations() -> None:
    harness = SweepHarness()
    harness.dead_letter(3000)

    sweep, invocations = harness.swept(harness.ends_with("77"))

    assert (sweep.done, len(harness.queue.dead)) == (30, 2970)
    assert harness.processed == 3000
    assert invocations == 7


def test_a_sweep_that_is_too_slow_restarts_with_a_longer_span() -> None:
    harness = SweepHarness(seconds=1.0)
    harness.dead_letter(1500)

    sweep, _ = harness.swept(harness.ends_with("7"))

    assert sweep.done == 150
    assert sweep.span == 2400
    assert harness.processed < 2 * 1500 + 500


def test_processed_messages_become_visible_at_one_time_and_a_complete_pass_hides_none() -> None:
    harness = SweepHarness()
    harness.dead_letter(600)
    began = harness.clock()
    sweep = harness.dead_letters.purge(harness.ends_with("77"), harness.clock() + INVOCATION)

    assert (sweep.over, sweep.until) == (False, began + 600)
    assert harness.hidden() == sweep.held

    sweep = harness.dead_letters.purge(harness.ends_with("77"), harness.clock() + INVOCATION, sweep)
    assert sweep.over
    # SQS counts whole seconds.
    harness.clock.now = began + 601
    assert harness.hidden() == 0


def test_received_but_unprocessed_messages_do_not_count_as_processed() -> None:
    harness = SweepHarness(seconds=20.0)
    harness.dead_letter(10)

    first = harness.dead_letters.purge(harness.ends_with("9"), harness.clock() + INVOCATION)

    # Ten were received at once, and there was time for three of them.
    assert (first.held, harness.hidden()) == (3, 3)
    assert harness.swept(harness.ends_with("9"))[0].done == 1


def test_a_sweep_waits_for_messages_held_by_other_receivers_beside_its_own() -> None:
    harness = SweepHarness()
    harness.dead_letter(1, "held77-")
    other = harness.queue.sqs.receive_message(QueueUrl=DEAD, VisibilityTimeout=300)["Messages"]
    harness.dead_letter(600)

    sweep, _ = harness.swept(harness.ends_with("-0"))

    assert len(other) == 1
    assert sweep.done == 1


def test_a_failed_sweep_can_be_resumed() -> None:
    harness = SweepHarness()
    harness.dead_letter(600)
    sweep = harness.dead_letters.purge(harness.ends_with("77"), harness.clock() + INVOCATION)

    def out_of_reach(_one: Envelope) -> bool:
        raise QueueUnavailable("S3 did not return a body")

    with pytest.raises(QueueUnavailable):
        harness.dead_letters.purge(out_of_reach, harness.clock() + INVOCATION, sweep)
    sweep = harness.dead_letters.purge(harness.ends_with("77"), harness.clock() + INVOCATION, sweep)

    assert (sweep.over, sweep.done, harness.processed) == (True, 6, 600)


def test_a_count_over_several_invocations_counts_each_dead_letter_once() -> None:
    harness = SweepHarness()
    harness.dead_letter(1000)
    sweep = START
    while not sweep.over:
        sweep = harness.dead_letters.count_matching(
            harness.ends_with("77"), harness.clock() + INVOCATION, sweep
        )

    assert (sweep.matched, len(harness.queue.dead)) == (10, 1000)

"""Looking at every dead letter, with less time than that takes."""

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
class Desk:
    """Dead letters, and somebody who looks at one in so many seconds."""

    seconds: float = 0.1
    clock: Clock = field(default_factory=Clock)
    looked: int = 0

    def __post_init__(self) -> None:
        self.queue = MemoryQueue(self.clock)
        self.letters = MemoryDeadLetters(self.queue, self.clock, self.clock.pass_)

    def dead_letter(self, number: int, prefix: str = "w") -> None:
        for at in range(number):
            self.queue.dead_letter(
                envelope(id=f"{prefix}{at}"), DeadLetterReason(reason="answered 400")
            )

    def ends_with(self, text: str) -> Callable[[Envelope], bool]:
        def match(one: Envelope) -> bool:
            self.clock.pass_(self.seconds)
            self.looked += 1
            return one.id.endswith(text)

        return match

    def swept(self, match: Callable[[Envelope], bool], most: int = 200) -> tuple[Sweep, int]:
        """Invoke again and again, as the worker does; tell after how many it was over."""
        sweep = START
        for invocation in range(1, most):
            sweep = self.letters.purge(match, self.clock() + INVOCATION, sweep)
            if sweep.over:
                return sweep, invocation
            self.clock.pass_(BETWEEN)
        raise AssertionError("it does not end")

    def hidden(self) -> int:
        now = self.clock()
        return sum(one.due > now for one in self.queue.sqs.dead.there.values())


def test_thousands_of_letters_are_looked_at_once_each_over_several_invocations() -> None:
    desk = Desk()
    desk.dead_letter(3000)

    sweep, invocations = desk.swept(desk.ends_with("77"))

    assert (sweep.done, len(desk.queue.dead)) == (30, 2970)
    assert desk.looked == 3000
    assert invocations == 7


def test_a_sweep_that_is_too_slow_for_its_time_starts_again_with_more_and_ends() -> None:
    desk = Desk(seconds=1.0)
    desk.dead_letter(1500)

    sweep, _ = desk.swept(desk.ends_with("7"))

    assert sweep.done == 150
    assert sweep.span == 2400
    assert desk.looked < 2 * 1500 + 500


def test_what_was_looked_at_comes_back_at_one_moment_and_whole_passes_hide_nothing() -> None:
    desk = Desk()
    desk.dead_letter(600)
    began = desk.clock()
    sweep = desk.letters.purge(desk.ends_with("77"), desk.clock() + INVOCATION)

    assert (sweep.over, sweep.until) == (False, began + 600)
    assert desk.hidden() == sweep.held

    sweep = desk.letters.purge(desk.ends_with("77"), desk.clock() + INVOCATION, sweep)
    assert sweep.over
    # SQS counts whole seconds.
    desk.clock.now = began + 601
    assert desk.hidden() == 0


def test_what_was_given_and_not_looked_at_is_not_taken_for_looked_at() -> None:
    desk = Desk(seconds=20.0)
    desk.dead_letter(10)

    first = desk.letters.purge(desk.ends_with("9"), desk.clock() + INVOCATION)

    # Ten were given at once, and for three of them there was time.
    assert (first.held, desk.hidden()) == (3, 3)
    assert desk.swept(desk.ends_with("9"))[0].done == 1


def test_letters_that_others_hold_are_waited_for_also_beside_our_own() -> None:
    desk = Desk()
    desk.dead_letter(1, "held77-")
    other = desk.queue.sqs.receive_message(QueueUrl=DEAD, VisibilityTimeout=300)["Messages"]
    desk.dead_letter(600)

    sweep, _ = desk.swept(desk.ends_with("-0"))

    assert len(other) == 1
    assert sweep.done == 1


def test_a_sweep_that_fails_can_be_gone_on_with_from_where_it_was() -> None:
    desk = Desk()
    desk.dead_letter(600)
    sweep = desk.letters.purge(desk.ends_with("77"), desk.clock() + INVOCATION)

    def out_of_reach(_one: Envelope) -> bool:
        raise QueueUnavailable("S3 did not give a body")

    with pytest.raises(QueueUnavailable):
        desk.letters.purge(out_of_reach, desk.clock() + INVOCATION, sweep)
    sweep = desk.letters.purge(desk.ends_with("77"), desk.clock() + INVOCATION, sweep)

    assert (sweep.over, sweep.done, desk.looked) == (True, 6, 600)


def test_a_count_over_several_invocations_counts_each_letter_once() -> None:
    desk = Desk()
    desk.dead_letter(1000)
    sweep = START
    while not sweep.over:
        sweep = desk.letters.holds(desk.ends_with("77"), desk.clock() + INVOCATION, sweep)

    assert (sweep.matched, len(desk.queue.dead)) == (10, 1000)

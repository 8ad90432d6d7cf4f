"""
Whatever is asked of the queues in SQS (moto) and of their stand-in, in whatever order: the same
messages come, equally often, and the same letters are dead.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, multiple, rule

from shared.errors import QueueUnavailable
from shared.queue.dead_letter import DeadLetterFilter
from shared.queue.replay import Replay
from shared.queue.sqs import DeadLetterReason
from tests.contracts.ports import Ports, memory, webhook

# No sum of a few of them is a whole second: nothing is due at the very moment of a look.
PAUSES = st.sampled_from([4.013, 60.013, 901.013])
NAMES = st.sampled_from(["1", "2", "3"])
CHOICES = st.builds(
    DeadLetterFilter,
    id=st.none() | NAMES,
    reason=st.none() | st.sampled_from(["crashed", "answered"]),
)
Seen = dict[tuple[str, int], tuple[int, str]]


class Queues(RuleBasedStateMachine):
    """Both side by side, and the receipts that were given."""

    on_moto: ClassVar[Callable[[], Ports]]
    receipts: Bundle[tuple[str, str]] = Bundle("receipts")

    def __init__(self) -> None:
        super().__init__()
        ours = type(self).on_moto()
        self.clock = ours.clock
        self.clock.now = math.ceil(self.clock.now)
        self.both = (ours, memory(self.clock))
        self.names = (str(number) for number in itertools.count(1))

    @rule(delay=st.sampled_from([0.0, 3.7, 60.0, 4000.0]))
    def park(self, delay: float) -> None:
        one = webhook(next(self.names))
        for ports in self.both:
            ports.queue.park(one, delay)

    @rule(status=st.none() | st.just(422))
    def dead_letter(self, status: int | None) -> None:
        one = webhook(next(self.names))
        for ports in self.both:
            ports.queue.dead_letter(one, DeadLetterReason(reason="answered", status=status))

    @rule(target=receipts, after=st.sampled_from([0.013, 361.013]))
    def receive(self, after: float) -> Any:
        self.clock.pass_(after)
        ours, theirs = (seen(ports) for ports in self.both)
        assert {name: count for name, (count, _) in ours.items()} == {
            name: count for name, (count, _) in theirs.items()
        }
        return multiple(*((ours[name][1], theirs[name][1]) for name in ours))

    @rule(given=receipts)
    def delete(self, given: tuple[str, str]) -> None:
        for ports, receipt in zip(self.both, given, strict=True):
            ports.delete(receipt)

    @rule(given=receipts)
    def delete_when_it_came_again(self, given: tuple[str, str]) -> None:
        self.receive(361.013)
        self.delete(given)
        self.receive(361.013)

    @rule(seconds=PAUSES)
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_(seconds)

    @rule()
    def the_retry_queue_is_purged(self) -> None:
        ours, theirs = (purged(ports) for ports in self.both)
        assert ours == theirs

    @rule()
    def dead_letters_are_listed(self) -> None:
        self._same()

    @rule(choice=CHOICES, dry=st.booleans())
    def dead_letters_are_replayed(self, choice: DeadLetterFilter, *, dry: bool) -> None:
        ours, theirs = (one.letters.replay(choice, Replay(dry=dry)) for one in self.both)
        assert ours == theirs
        self._same()

    @rule(name=NAMES)
    def dead_letters_are_dropped(self, name: str) -> None:
        ours, theirs = (one.letters.drop(DeadLetterFilter(id=name), dry=False) for one in self.both)
        assert ours == theirs
        self._same()

    @rule(name=NAMES)
    def dead_letters_are_purged(self, name: str) -> None:
        end = self.clock() + 60
        ours, theirs = (one.letters.purge(lambda e: e.id == name, end) for one in self.both)
        assert ours == theirs
        self._same()

    def _same(self) -> None:
        ours, theirs = (
            [(one.id, one.reason, one.status, int(one.died_at)) for one in ports.buried()]
            for ports in self.both
        )
        assert sorted(ours) == sorted(theirs)

    def teardown(self) -> None:
        # Whatever is still there comes out, or is a dead letter in the end.
        for _ in range(6):
            self.receive(1000)
        self._same()


def purged(ports: Ports) -> bool:
    try:
        ports.queue.purge()
    except QueueUnavailable:
        return False
    return True


def seen(ports: Ports) -> Seen:
    """Receive all that is due; by webhook and life, how often it came and its receipt."""
    opened = ((ports.queue.open(one.body), one) for one in ports.every())
    return {(it.id, it.replays): (one.count, one.receipt) for it, one in opened}


@pytest.fixture(scope="module")
def side_by_side(on_moto: Callable[[], Ports]) -> None:
    Queues.on_moto = on_moto


# Not `explain`: it traces every line of moto, and a counterexample would take minutes.
PHASES = [phase for phase in Phase if phase is not Phase.explain]
TestQueues = pytest.mark.usefixtures("side_by_side")(Queues.TestCase)
TestQueues.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, phases=PHASES, derandomize=True
)

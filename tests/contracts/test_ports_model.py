"""
The queues in SQS (moto) and their fake receive the same operations in any order: the same messages
are received, equally often, and there are the same dead letters.
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

# No sum of a few of them is a whole second: no message is due exactly when a test receives.
PAUSES = st.sampled_from([4.013, 60.013, 901.013])
NAMES = st.sampled_from(["1", "2", "3"])
CRITERIA = st.builds(
    DeadLetterFilter,
    ids=st.just(()) | st.tuples(NAMES),
    reason=st.none() | st.sampled_from(["crashed", "answered"]),
)
Seen = dict[tuple[str, int], tuple[int, str]]


class Queues(RuleBasedStateMachine):
    """Both implementations side by side, and the receipts of received messages."""

    on_moto: ClassVar[Callable[[], Ports]]
    receipts: Bundle[tuple[str, str]] = Bundle("receipts")

    def __init__(self) -> None:
        super().__init__()
        moto = type(self).on_moto()
        self.clock = moto.clock
        self.clock.now = math.ceil(self.clock.now)
        self.both = (moto, memory(self.clock))
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
        moto, fake = (seen(ports) for ports in self.both)
        assert {name: count for name, (count, _) in moto.items()} == {
            name: count for name, (count, _) in fake.items()
        }
        return multiple(*((moto[name][1], fake[name][1]) for name in moto))

    @rule(receipt_pair=receipts)
    def delete(self, receipt_pair: tuple[str, str]) -> None:
        for ports, receipt in zip(self.both, receipt_pair, strict=True):
            ports.delete(receipt)

    @rule(receipt_pair=receipts)
    def delete_when_it_came_again(self, receipt_pair: tuple[str, str]) -> None:
        self.receive(361.013)
        self.delete(receipt_pair)
        self.receive(361.013)

    @rule(seconds=PAUSES)
    def advance_clock(self, seconds: float) -> None:
        self.clock.pass_(seconds)

    @rule()
    def the_retry_queue_is_purged(self) -> None:
        moto, fake = (purged(ports) for ports in self.both)
        assert moto == fake

    @rule()
    def dead_letters_are_listed(self) -> None:
        self._same()

    @rule(criteria=CRITERIA, dry=st.booleans())
    def dead_letters_are_replayed(self, criteria: DeadLetterFilter, *, dry: bool) -> None:
        moto, fake = (one.dead_letters.replay(criteria, Replay(dry=dry)) for one in self.both)
        assert moto == fake
        self._same()

    @rule(name=NAMES)
    def dead_letters_are_dropped(self, name: str) -> None:
        moto, fake = (
            one.dead_letters.drop(DeadLetterFilter(ids=(name,)), dry=False) for one in self.both
        )
        assert moto == fake
        self._same()

    @rule(name=NAMES)
    def dead_letters_are_purged(self, name: str) -> None:
        end = self.clock() + 60
        moto, fake = (one.dead_letters.purge(lambda e: e.id == name, end) for one in self.both)
        assert moto == fake
        self._same()

    def _same(self) -> None:
        moto, fake = (
            [
                (one.id, one.reason, one.status, int(one.died_at))
                for one in ports.list_dead_letters()
            ]
            for ports in self.both
        )
        assert sorted(moto) == sorted(fake)

    def teardown(self) -> None:
        # Every message that is left is received, or is a dead letter in the end.
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
    """Receive all due messages; by webhook and replay, the receive count and the receipt."""
    opened = ((ports.queue.open(one.body), one) for one in ports.receive_all())
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

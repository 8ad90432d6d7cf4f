"""A queue and dead letters that record what they receive, or are unavailable."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.errors import QueueUnavailable
from shared.queue.envelope import Envelope
from shared.queue.sqs import DeadLetterReason


@dataclass
class MemoryParking:
    """``parked`` has (envelope, delay in s), ``dead_letters`` (envelope, reason), in order."""

    parked: list[tuple[Envelope, float]] = field(default_factory=list)
    dead_letters: list[tuple[Envelope, DeadLetterReason]] = field(default_factory=list)
    out_of_reach: bool = False

    def park(self, envelope: Envelope, delay: float) -> None:
        self._reach()
        self.parked.append((envelope, delay))

    def dead_letter(self, envelope: Envelope, reason: DeadLetterReason) -> None:
        self._reach()
        self.dead_letters.append((envelope, reason))

    def _reach(self) -> None:
        if self.out_of_reach:
            raise QueueUnavailable("the queue of a test is unavailable")

"""The demo's view of the stack, and its checks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.local.control import Control
from cli.local.screen import Screen
from cli.sandbox.shopify.sender import Sample, Sender

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_POLL_INTERVAL = 0.05


# A step's title, and the function that runs it.
Step = tuple[str, Callable[[], None]]


class Stopped(Exception):
    """Ctrl-C was pressed during the demo."""


def play(scene: Scene, steps: Sequence[Step]) -> bool:
    """Run every step; return whether every check passed. Raise Stopped when interrupted."""
    for number, (title, step) in enumerate(steps, 1):
        scene.screen.show("demo", step=number, text=title)
        step()
    return not scene.failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    The stack as the demo uses it. ``replay`` replays every dead letter, with the logic of
    ``shoprelay dlq replay``, and returns their number; ``failures`` has the text of each failed
    check. The first wait after a failure is at most 6.25 s. What takes longer than ``patience``
    seconds, times the wait scale (at least 1), has failed. ``platforms`` are the merchant's;
    ``platform`` is the one that is checked where any platform will do.
    """

    store: Sender
    platform: str
    control: Control
    sqs: SQSClient = field(repr=False)
    retry_queue: str
    dead_letters: str
    replay: Callable[[], int]
    screen: Screen
    stopped: threading.Event
    wait_scale: float
    patience: float = 120.0
    failures: list[str] = field(default_factory=list)
    shops: int = 1
    platforms: tuple[str, ...] = ("datacue",)

    def expect(self, text: str, passed: bool) -> None:
        """Show a check and whether it passed; record a failure."""
        self.screen.show("demo", text=text, held=passed)
        if not passed:
            self.failures.append(text)

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Wait until a condition is true; return False when that takes too long."""
        end = time.monotonic() + self.patience * max(1.0, self.wait_scale)
        while not condition():
            if time.monotonic() >= end:
                return False
            if self.stopped.wait(_POLL_INTERVAL):
                raise Stopped
        return True

    def expect_outcome(self, sample: Sample, expected: str) -> None:
        """Send a webhook and expect a 200 with this outcome."""
        reply = self.store.send(sample)
        text = f"{sample.topic} {sample.id}: 200 {expected}"
        if (reply.status, reply.outcome) != (200, expected):
            text += f" (was {reply.status} {reply.outcome})"
        self.expect(text, (reply.status, reply.outcome) == (200, expected))

    def expect_drained(self) -> None:
        """Expect the queue to empty, and no dead letter."""
        self.expect("the queue is drained", self.wait_until(lambda: self.waiting() == 0))
        self.expect("there is no dead letter", self.dead() == 0)

    def expect_no_violation(self) -> None:
        """Expect that no call violated the platform's document."""
        broken = [call["violation"] for call in self.control.calls() if call.get("violation")]
        text = "no call violated the platform's document"
        self.expect(" - failed: ".join([text, *broken]), not broken)

    def product(self, name: str) -> str:
        """Return the platform's rows of a product as text; empty without any."""
        rows = self.control.state(self.platform)["products"].get(name)
        return json.dumps(rows, ensure_ascii=False) if rows else ""

    def calls(self) -> int:
        """Return the number of calls to the sandbox."""
        return len(self.control.calls())

    def waiting(self) -> int:
        """Return the number of messages in the retry queue, visible or not."""
        return self._count(self.retry_queue)

    def dead(self) -> int:
        """Return the number of dead letters."""
        return self._count(self.dead_letters)

    def _count(self, queue: str) -> int:
        response = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
        numbers: dict[str, str] = dict(response["Attributes"].items())
        return sum(
            int(numbers[f"ApproximateNumberOfMessages{which}"])
            for which in ("", "NotVisible", "Delayed")
        )

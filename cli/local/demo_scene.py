"""What the demo plays with, and how it checks what it says."""

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


# What a step is called, and what plays it.
Step = tuple[str, Callable[[], None]]


class Stopped(Exception):
    """Somebody pressed Ctrl-C while the demo played."""


def play(scene: Scene, steps: Sequence[Step]) -> bool:
    """Play every step. Gives True when every expectation held; raises Stopped when interrupted."""
    for number, (title, step) in enumerate(steps, 1):
        scene.screen.show("demo", step=number, text=title)
        step()
    return not scene.failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    The stack as the demo sees it. ``replay`` sends every dead letter back, by the logic of
    ``shoprelay dlq replay``, and tells how many; ``failures`` grows by each unmet expectation.
    The first wait after a failure is 5 s and a quarter: what takes longer than ``patience``
    seconds, on the scale of the waits, has failed. ``platforms`` are the merchant's, ``platform``
    the one that is looked at where it does not matter which.
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
    patience: float = 20.0
    failures: list[str] = field(default_factory=list)
    shops: int = 1
    platforms: tuple[str, ...] = ("datacue",)

    def expect(self, text: str, passed: bool) -> None:
        """Say what was expected, and whether it held."""
        self.screen.show("demo", text=text, passed=passed)
        if not passed:
            self.failures.append(text)

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Wait until something is true. Gives False when that takes too long."""
        end = time.monotonic() + self.patience * max(1.0, self.wait_scale)
        while not condition():
            if time.monotonic() >= end:
                return False
            if self.stopped.wait(_POLL_INTERVAL):
                raise Stopped
        return True

    def responses(self, sample: Sample, expected: str) -> None:
        """Send a webhook and expect the door to say so of it."""
        reply = self.store.send(sample)
        text = f"{sample.topic} {sample.id} is answered 200 {expected}"
        if (reply.status, reply.outcome) != (200, expected):
            text += f" (was {reply.status} {reply.outcome})"
        self.expect(text, (reply.status, reply.outcome) == (200, expected))

    def expect_drained(self) -> None:
        """Expect the queue to empty, and no dead letter."""
        self.expect("the queue empties", self.wait_until(lambda: self.waiting() == 0))
        self.expect("there is no dead letter", self.dead() == 0)

    def expect_no_violation(self) -> None:
        """Expect that no call broke a rule."""
        broken = [call["violation"] for call in self.control.calls() if call.get("violation")]
        text = "no call broke a rule of the platform's document"
        self.expect(" - not so: ".join([text, *broken]), not broken)

    def product(self, name: str) -> str:
        """Give what the platform holds of a product, as text; empty when nothing."""
        rows = self.control.state(self.platform)["products"].get(name)
        return json.dumps(rows, ensure_ascii=False) if rows else ""

    def calls(self) -> int:
        """Count the calls that the sandbox has had."""
        return len(self.control.calls())

    def waiting(self) -> int:
        """Count what is in the retry queue, hidden or not."""
        return self._count(self.retry_queue)

    def dead(self) -> int:
        """Count the dead letters."""
        return self._count(self.dead_letters)

    def _count(self, queue: str) -> int:
        response = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
        numbers: dict[str, str] = dict(response["Attributes"].items())
        return sum(
            int(numbers[f"ApproximateNumberOfMessages{which}"])
            for which in ("", "NotVisible", "Delayed")
        )

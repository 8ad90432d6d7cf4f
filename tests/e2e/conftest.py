from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from cli.local.stack import Stack, StackOptions, running
from shared import wiring
from tests.e2e.shop import SECRETS, Shop, merchant

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "shopify"


class RecordingScreen:
    """A screen that records every event."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, Any]]] = []

    def show(self, event: str, **facts: Any) -> None:
        self.events.append((event, facts))

    def close(self) -> None:
        pass


@dataclass(slots=True)
class StackHarness:
    """A running stack, its shop, and its sandbox."""

    stack: Stack
    shop: Shop

    def state(self) -> Any:
        return self.stack.control.state("datacue")

    def violations(self) -> list[Any]:
        response = requests.get(f"{self.stack.sandbox}/_sandbox/violations", timeout=10).json()
        return list(response if isinstance(response, list) else response["violations"])

    def calls(self) -> list[Any]:
        return list(self.stack.control.calls())

    def fault(self, **fault: Any) -> None:
        response = requests.post(
            f"{self.stack.sandbox}/_sandbox/faults",
            json={"platform": "datacue", **fault},
            timeout=10,
        )
        assert response.ok, response.text

    def clear_faults(self) -> None:
        self.stack.control.clear_faults()

    def count_messages(self, queue: str) -> int:
        attributes = self.stack.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
        numbers: dict[str, str] = dict(attributes["Attributes"].items())
        return sum(
            int(numbers[f"ApproximateNumberOfMessages{which}"])
            for which in ("", "NotVisible", "Delayed")
        )

    def waiting(self) -> int:
        return self.count_messages(self.stack.resources.retry_queue)

    def dead(self) -> int:
        return self.count_messages(self.stack.resources.dead_letters)

    def settled(self, seconds: float = 90) -> bool:
        """Wait until the queue is empty; return False after ``seconds``."""
        return until(lambda: self.waiting() == 0, seconds)


def until(condition: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def running_stack(
    text: str, *, wait_scale: float = 0.02, secrets: Mapping[str, Any] = SECRETS
) -> Iterator[StackHarness]:
    wiring.reset()
    options = StackOptions(
        merchant=text, secrets=json.dumps(secrets), port=0, wait_scale=wait_scale
    )
    with running(options, RecordingScreen()) as stack:
        yield StackHarness(stack=stack, shop=Shop(stack.gateway))
    wiring.reset()


@pytest.fixture
def acme() -> Iterator[StackHarness]:
    with running_stack(merchant(unsure=2)) as one:
        yield one

"""Inputs through the door, and what was parked through the worker: a complaint is a find."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from shared.queue.replay import renewed
from tests.fuzz.aws import DEAD, RETRY
from tests.fuzz.captured_output import CapturedOutput
from tests.fuzz.harness import InMemoryStack, build
from tests.fuzz.inputs import SHARED, Input, make_input, choose_config
from tests.fuzz.checks import response_problems, store_problems, log_problems
from tests.fuzz.webhooks import timed

# What is parked goes round so often; then it is let go.
ROUNDS = 4
REMAINING = 55.0


@dataclass(slots=True, kw_only=True)
class Counterexample:
    """An input that something is wrong with."""

    input: Input
    complaints: list[str]


@dataclass(slots=True, kw_only=True)
class Tally:
    """
    What was tried, and what came of it. ``real`` went through the real handler; ``worked`` are the
    messages that the worker took; ``slowest`` in seconds.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    bends: Counter[str] = field(default_factory=Counter)
    responses: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    worked: int = 0
    real: int = 0
    slowest: float = 0.0
    slowest_real: float = 0.0
    found: list[Counterexample] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in another tally."""
        for name in ("kinds", "bends", "answers", "deaths"):
            getattr(self, name).update(getattr(other, name))
        self.worked += other.worked
        self.real += other.real
        self.slowest = max(self.slowest, other.slowest)
        self.slowest_real = max(self.slowest_real, other.slowest_real)
        self.found += other.found


def run(seed: int, numbers: range, heard: CapturedOutput) -> Tally:
    """Run inputs, each block of them in a house of its own."""
    tally = Tally()
    house: InMemoryStack | None = None
    for number in numbers:
        if house is None or number % SHARED == 0:
            house = build(choose_config(seed, number // SHARED))
        one = make_input(seed, number)
        complaints = run_input(house, one, heard, tally)
        if complaints:
            tally.found.append(Counterexample(input=one, complaints=complaints))
            house = None
    return tally


def run_input(house: InMemoryStack, one: Input, heard: CapturedOutput, tally: Tally) -> list[str]:
    """Run one input to its end, and give the complaints."""
    heard.take()
    tally.kinds[one.kind] += 1
    tally.bends[one.bend] += 1
    started = time.perf_counter()
    try:
        response = house.door.receive(timed(one.event, house.clock.now))
        tally.slowest = max(tally.slowest, time.perf_counter() - started)
        tally.responses[response_label(response)] += 1
        complaints = list(response_problems(response))
        tally.worked += run_worker(house)
        house.observer.flush()
    except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
        complaints = [f"{type(error).__name__} escaped"]
        house.sqs.queues[RETRY].clear()
    complaints += [*log_problems(heard.take()), *store_problems(house)]
    _bury(house, tally)
    return sorted(set(complaints))


def response_label(response: dict[str, Any]) -> str:
    """Name an answer by its status, and by what it says."""
    status = response["statusCode"]
    return f"200 {json.loads(response['body'])['status']}" if status == 200 else str(status)


def run_worker(house: InMemoryStack) -> int:
    """Give what is parked to the worker when it is due, and some dead letters again."""
    done = 0
    for turn in range(ROUNDS):
        waiting, house.sqs.queues[RETRY][:] = list(house.sqs.queues[RETRY]), []
        for message in waiting:
            house.clock.pass_(message.delay + 1)
            house.worker.handle(message.body, REMAINING)
            done += 1
        if turn == 0:
            _replay(house)
    house.sqs.queues[RETRY].clear()
    return done


def _replay(house: InMemoryStack) -> None:
    """Send the last dead letter back."""
    for letter in house.sqs.queues[DEAD][-1:]:
        house.queue.park(renewed(house.queue.open(letter.body), force=True), 0)


def _bury(house: InMemoryStack, tally: Tally) -> None:
    for letter in house.sqs.queues[DEAD]:
        if '"replays"' in letter.body:
            continue  # it died before
        tally.deaths[reason_class(letter.attributes["reason"])] += 1
    house.sqs.queues[DEAD].clear()
    house.stage.broken.clear()
    house.stage.sent.clear()
    house.ledger.unwritable.clear()
    house.ledger.items.clear()
    house.s3.objects.clear()
    house.s3.metadata.clear()


def reason_class(reason: str) -> str:
    """Leave out what is of one webhook alone."""
    return "".join("n" if sign.isdigit() else sign for sign in reason)[:60]

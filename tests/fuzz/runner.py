"""Runs inputs through the receiver, and parked messages through the worker; finds problems."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from shared.queue.replay import renewed
from tests.fuzz.aws import DEAD, RETRY
from tests.fuzz.captured_output import CapturedOutput
from tests.fuzz.checks import log_problems, response_problems, store_problems
from tests.fuzz.harness import InMemoryStack, build
from tests.fuzz.inputs import INPUTS_PER_STACK, Input, choose_config, make_input
from tests.fuzz.webhooks import timed

# A parked message is processed this many times at most; then it is dropped.
ROUNDS = 4
REMAINING = 55.0


@dataclass(slots=True, kw_only=True)
class Counterexample:
    """An input with problems."""

    input: Input
    problems: list[str]


@dataclass(slots=True, kw_only=True)
class Tally:
    """
    The numbers of inputs and of their results. ``real`` inputs ran through the real handler;
    ``handled`` messages ran through the worker; ``slowest`` is in seconds.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    request_mutations: Counter[str] = field(default_factory=Counter)
    responses: Counter[str] = field(default_factory=Counter)
    dead_letter_reasons: Counter[str] = field(default_factory=Counter)
    handled: int = 0
    real: int = 0
    slowest: float = 0.0
    slowest_real: float = 0.0
    found: list[Counterexample] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        for name in ("kinds", "request_mutations", "responses", "dead_letter_reasons"):
            getattr(self, name).update(getattr(other, name))
        self.handled += other.handled
        self.real += other.real
        self.slowest = max(self.slowest, other.slowest)
        self.slowest_real = max(self.slowest_real, other.slowest_real)
        self.found += other.found


def run(seed: int, numbers: range, output: CapturedOutput) -> Tally:
    """Run inputs, each block of them in a new stack."""
    tally = Tally()
    stack: InMemoryStack | None = None
    for number in numbers:
        if stack is None or number % INPUTS_PER_STACK == 0:
            stack = build(choose_config(seed, number // INPUTS_PER_STACK))
        one = make_input(seed, number)
        problems = run_input(stack, one, output, tally)
        if problems:
            tally.found.append(Counterexample(input=one, problems=problems))
            stack = None
    return tally


def run_input(stack: InMemoryStack, one: Input, output: CapturedOutput, tally: Tally) -> list[str]:
    """Run one input to its end; return its problems."""
    output.take()
    tally.kinds[one.kind] += 1
    tally.request_mutations[one.request_mutation] += 1
    started = time.perf_counter()
    try:
        response = stack.receiver.receive(timed(one.event, stack.clock.now))
        tally.slowest = max(tally.slowest, time.perf_counter() - started)
        tally.responses[response_label(response)] += 1
        problems = list(response_problems(response))
        tally.handled += run_worker(stack)
        stack.observer.flush()
    except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
        problems = [f"{type(error).__name__} escaped"]
        stack.sqs.queues[RETRY].clear()
    problems += [*log_problems(output.take()), *store_problems(stack)]
    _clear_stores(stack, tally)
    return sorted(set(problems))


def response_label(response: dict[str, Any]) -> str:
    """Return a response's status, and the outcome in its body."""
    status = response["statusCode"]
    return f"200 {json.loads(response['body'])['status']}" if status == 200 else str(status)


def run_worker(stack: InMemoryStack) -> int:
    """Run the worker on parked messages when they are due, and on a replayed dead letter."""
    done = 0
    for turn in range(ROUNDS):
        waiting, stack.sqs.queues[RETRY][:] = list(stack.sqs.queues[RETRY]), []
        for message in waiting:
            stack.clock.pass_(message.delay + 1)
            stack.worker.handle(message.body, REMAINING)
            done += 1
        if turn == 0:
            _replay(stack)
    stack.sqs.queues[RETRY].clear()
    return done


def _replay(stack: InMemoryStack) -> None:
    """Replay the last dead letter."""
    for message in stack.sqs.queues[DEAD][-1:]:
        stack.queue.park(renewed(stack.queue.open(message.body), force=True), 0)


def _clear_stores(stack: InMemoryStack, tally: Tally) -> None:
    for message in stack.sqs.queues[DEAD]:
        if '"replays"' in message.body:
            continue  # counted before
        tally.dead_letter_reasons[reason_class(message.attributes["reason"])] += 1
    stack.sqs.queues[DEAD].clear()
    stack.platform.violations.clear()
    stack.platform.sent.clear()
    stack.ledger.unwritable.clear()
    stack.ledger.items.clear()
    stack.s3.objects.clear()
    stack.s3.metadata.clear()


def reason_class(reason: str) -> str:
    """Return a reason without the details of a single webhook."""
    return "".join("n" if sign.isdigit() else sign for sign in reason)[:60]

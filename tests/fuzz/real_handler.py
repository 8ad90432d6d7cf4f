"""Runs inputs through the real handler, with moto's AWS and the sandbox over HTTP."""

from __future__ import annotations

import itertools
import time

from functions.webhook.app import handler
from shared.queue.dead_letter import CRASHED
from tests.e2e.conftest import StackHarness, running_stack
from tests.e2e.shop import merchant
from tests.fuzz.captured_output import CapturedOutput
from tests.fuzz.checks import log_problems, response_problems
from tests.fuzz.inputs import Input, choose_config, make_input
from tests.fuzz.runner import Counterexample, Tally, reason_class, response_label
from tests.fuzz.webhooks import timed

SECRET = "old-secret"
# Each of these scans all dead letters, of which there are hundreds here, and waits for other scans:
# they are tested in memory, and by `tests/e2e/test_privacy.py`.
_SLOW = frozenset({"customers/redact", "customers/data_request", "shop/redact"})
# The offset of the numbers of their replacements.
_REPLACEMENT_OFFSET = 1_000_000_000


def run(seed: int, numbers: range, output: CapturedOutput) -> Tally:
    """Run inputs in one stack; at the end the queue must be empty, without violations."""
    tally = Tally()
    chosen = choose_config(seed, numbers.start)
    with running_stack(merchant(profile=chosen.profile, carts=chosen.carts, unsure=0)) as acme:
        for number in numbers:
            _run_one(_input(seed, number), output, tally)
        problems = list(_final_problems(acme, tally))
    # The worker's output does not belong to a single input.
    problems += log_problems(output.take())
    if problems:
        last = _input(seed, numbers[-1])
        tally.found.append(Counterexample(input=last, problems=["in a stack", *problems]))
    return tally


def _input(seed: int, number: int) -> Input:
    tried = (
        make_input(seed, number + turn * _REPLACEMENT_OFFSET, SECRET) for turn in itertools.count()
    )
    return next(one for one in tried if one.topic not in _SLOW)


def _run_one(one: Input, output: CapturedOutput, tally: Tally) -> None:
    tally.real += 1
    tally.kinds[one.kind] += 1
    tally.request_mutations[one.request_mutation] += 1
    started = time.perf_counter()
    try:
        response = handler(timed(one.event, time.time()), None)
        problems = list(response_problems(response))
        tally.responses[response_label(response)] += 1
    except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
        problems = [f"{type(error).__name__} escaped"]
    tally.slowest_real = max(tally.slowest_real, time.perf_counter() - started)
    problems += log_problems(output.take())
    if problems:
        tally.found.append(Counterexample(input=one, problems=sorted(set(problems))))


def _final_problems(acme: StackHarness, tally: Tally) -> list[str]:
    problems = [] if acme.settled() else ["the queue is not drained"]
    problems += [f"a violation at the platform: {one['violation']}" for one in acme.violations()]
    for reason in _reasons(acme):
        tally.dead_letter_reasons[reason_class(reason)] += 1
        if reason.startswith("internal error"):
            problems.append(f"a dead letter of {reason}")
    return problems


def _reasons(acme: StackHarness) -> list[str]:
    found: list[str] = []
    while messages := acme.stack.sqs.receive_message(
        QueueUrl=acme.stack.resources.dead_letters,
        MessageAttributeNames=["All"],
        MaxNumberOfMessages=10,
        VisibilityTimeout=600,
    ).get("Messages", []):
        for one in messages:
            reason = one.get("MessageAttributes", {}).get("reason")
            found.append(reason["StringValue"] if reason else CRASHED)
    return found

"""Inputs through the real handler, on AWS played by moto and the sandbox over HTTP."""

from __future__ import annotations

import itertools
import time

from functions.webhook.app import handler
from shared.queue.dead_letter import CRASHED
from tests.e2e.conftest import StackHarness, running_stack
from tests.e2e.shop import merchant
from tests.fuzz.captured_output import CapturedOutput
from tests.fuzz.inputs import Input, make_input, choose_config
from tests.fuzz.checks import response_problems, log_problems
from tests.fuzz.runner import Counterexample, Tally, response_label, reason_class
from tests.fuzz.webhooks import timed

SECRET = "old-secret"
# Each of these looks through all dead letters, of which there are hundreds here, and waits for the
# others that look: what they do is tried in memory, and by `tests/e2e/test_privacy.py`.
_SLOW = frozenset({"customers/redact", "customers/data_request", "shop/redact"})
# Inputs instead of those are numbered so far away.
_ELSEWHERE = 1_000_000_000


def run(seed: int, numbers: range, heard: CapturedOutput) -> Tally:
    """Run inputs in one stack. At the end nothing waits, and the platform complains of nothing."""
    tally = Tally()
    chosen = choose_config(seed, numbers.start)
    with running_stack(merchant(profile=chosen.profile, carts=chosen.carts, unsure=0)) as acme:
        for number in numbers:
            _attempted(_made(seed, number), heard, tally)
        complaints = list(_left(acme, tally))
    # What the worker said meanwhile has no input of its own.
    complaints += log_problems(heard.take())
    if complaints:
        last = _made(seed, numbers[-1])
        tally.found.append(Counterexample(input=last, complaints=["in a stack", *complaints]))
    return tally


def _made(seed: int, number: int) -> Input:
    tried = (make_input(seed, number + turn * _ELSEWHERE, SECRET) for turn in itertools.count())
    return next(one for one in tried if one.topic not in _SLOW)


def _attempted(one: Input, heard: CapturedOutput, tally: Tally) -> None:
    tally.real += 1
    tally.kinds[one.kind] += 1
    tally.bends[one.bend] += 1
    started = time.perf_counter()
    try:
        response = handler(timed(one.event, time.time()), None)
        complaints = list(response_problems(response))
        tally.responses[response_label(response)] += 1
    except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
        complaints = [f"{type(error).__name__} escaped"]
    tally.slowest_real = max(tally.slowest_real, time.perf_counter() - started)
    complaints += log_problems(heard.take())
    if complaints:
        tally.found.append(Counterexample(input=one, complaints=sorted(set(complaints))))


def _left(acme: StackHarness, tally: Tally) -> list[str]:
    complaints = [] if acme.settled() else ["something waits for ever"]
    complaints += [f"the platform complains: {one['violation']}" for one in acme.violations()]
    for reason in _reasons(acme):
        tally.deaths[reason_class(reason)] += 1
        if reason.startswith("internal error"):
            complaints.append(f"a dead letter of {reason}")
    return complaints


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

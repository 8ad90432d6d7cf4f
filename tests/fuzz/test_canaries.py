"""
A distinct canary in every field that may be personal data, in every free text and in every secret;
then each body through the receiver, the worker, the dead letters and a replay, with every failure
of the platform. Afterwards only the webhook's own body in an envelope may contain one.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from shared.destinations.contract import Destination, KnownState, Plan
from shared.errors import NotUnderstood
from shared.http.call import Call
from shared.http.verdict import Response, Verdict
from shared.model.change import Change
from shared.model.value import replace
from shared.queue.envelope import Envelope
from shared.sources.contract import Source, Translated
from tests.fakes.platform import planned
from tests.fuzz.aws import DEAD, RETRY
from tests.fuzz.canaries import CanaryRegistry, canary, find_canaries, walk
from tests.fuzz.captured_output import CapturedOutput, capture_output
from tests.fuzz.fake_platform import FAILURES
from tests.fuzz.harness import SECRET, InMemoryStack, StackConfig, build
from tests.fuzz.leak_search import OutputText, collect_output
from tests.fuzz.runner import run_worker
from tests.fuzz.samples import Sample, corpus, events
from tests.fuzz.webhooks import event, headers, timed

AVIARY = CanaryRegistry()
BODIES = tuple(AVIARY.plant(one) for one in (*events(), *corpus()))


def process(stack: InMemoryStack, sample: Sample, output: CapturedOutput) -> OutputText:
    """Run a body through the receiver, the worker, and a replay of its dead letters."""
    body, number = sample.body, f"delivery-{sample.name}"
    sent = headers(sample.topic, number, body, SECRET)
    whole = timed(event(body, sent, encoded=False), stack.clock.now)
    response = stack.receiver.receive(whole)
    parked = list(stack.sqs.queues[RETRY])
    run_worker(stack)
    stack.sqs.queues[RETRY] += parked
    stack.observer.flush()
    return collect_output(stack, response, output)


def leaks(setting: StackConfig, bodies: tuple[Sample, ...]) -> dict[str, Any]:
    """Return the canaries found outside of each body, by place."""
    leaked: dict[str, Any] = {}
    # Not a fixture: pytest restores its own standard output before a test begins.
    with capture_output() as output:
        for sample in bodies:
            stack = build(setting)
            if found_there := process(stack, sample, output).leaks(sample.body):
                leaked[sample.name] = found_there
    return leaked


@pytest.mark.parametrize("profile", ["2018-09", "2021-02"])
def test_no_canary_leaves_its_body_when_every_call_succeeds(profile: str) -> None:
    assert leaks(StackConfig(profile=profile), BODIES) == {}


@pytest.mark.parametrize("failure", sorted(FAILURES))
def test_no_canary_leaves_its_body_when_the_platform_fails_or_echoes_it(failure: str) -> None:
    assert leaks(StackConfig(failures=(failure,), failure_rate=1.0), BODIES[::2]) == {}


@pytest.mark.parametrize("turn", range(3))
def test_no_canary_leaves_a_body_that_cannot_be_translated(turn: int) -> None:
    mangled = tuple(_mangled(one, turn) for one in BODIES)

    assert leaks(StackConfig(), mangled) == {}


def _mangled(sample: Sample, turn: int) -> Sample:
    """Put canaries in place of ids, amounts, times and objects: in every third leaf."""
    seen = [turn]

    def leaf(_path: str, key: str, value: Any) -> Any:
        seen[0] += 1
        if seen[0] % 3:
            return value
        text = canary(900_000 + seen[0], key)
        return text if seen[0] % 2 else {text: [text]}

    try:
        document = json.loads(sample.body)
    except (ValueError, RecursionError):
        return sample
    return dataclasses.replace(sample, body=json.dumps(walk(document, leaf)).encode())


def _raising_source(source: Source) -> Source:
    def translate(envelope: Envelope, deadline: float) -> Translated:
        source.translate(envelope, deadline)
        raise KeyError(envelope.body.decode(errors="replace"))

    return replace(source, translate=translate)


def _raising_plan(destination: Destination) -> Destination:
    def plan(change: Change, memory: KnownState) -> Plan:
        raise KeyError(repr(change), memory)

    return replace(destination, plans=planned(plan))


def _raising_judge(destination: Destination) -> Destination:
    def judge(call: Call, response: Response, now: float) -> Verdict:
        raise ValueError(call.body, call.url, response.body, now)

    return replace(destination, judge=judge)


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param(StackConfig(wrap_source=_raising_source), id="a translation raises"),
        pytest.param(StackConfig(wrap_destination=_raising_plan), id="a plan raises"),
        pytest.param(StackConfig(wrap_destination=_raising_judge), id="a judge raises"),
    ],
)
def test_a_bug_of_ours_leaks_no_personal_data(setting: StackConfig) -> None:
    assert leaks(setting, BODIES[::3]) == {}


def test_a_bug_becomes_a_dead_letter_with_its_class() -> None:
    stack = build(StackConfig(wrap_source=_raising_source))
    with capture_output() as output:
        process(stack, BODIES[0], output)

    reasons = {envelope.attributes["reason"] for envelope in stack.sqs.queues[DEAD]}
    assert reasons == {"internal error: KeyError"}


def test_the_canaries_reach_the_platform() -> None:
    stack = build(StackConfig())
    for name in ("orders__create__guest.json", "customers__create__new_account.json"):
        (sample,) = (one for one in BODIES if one.name == name)
        with capture_output() as output:
            process(stack, sample, output)

    sent = b"".join(call.url.encode() + call.body for call in stack.platform.sent).decode()
    places = {AVIARY.locations[_number(one)].rpartition(" ")[2] for one in find_canaries(sent)}
    assert {"$.email", "$.first_name", "$.last_name"} <= places
    assert {one for one in places if one.endswith((".city", ".browser_ip"))} != set()


def _number(one: str) -> int:
    digits = one.lower().removeprefix("zqkanari")
    return int(one.rpartition(":")[2], 16) if ":" in one else int(digits)


EMPTY = Envelope(
    id="delivery",
    source="shopify",
    topic="",
    triggered_at="2026-11-21T09:00:00.000000000Z",
    received_at="2026-11-21T09:00:00.000000000Z",
    headers={},
    body=b"",
)


def test_an_error_text_has_a_path_and_no_value() -> None:
    source = build(StackConfig()).receiver.sources["shopify"]
    messages: list[str] = []
    for sample in BODIES:
        for turn in range(3):
            body = _mangled(sample, turn).body
            envelope = replace(EMPTY, topic=sample.topic, body=body)
            try:
                source.translate(envelope, 0.0)
            except NotUnderstood as error:
                messages.append(f"{error!r} {error.reason} {error.path}")

    assert messages
    assert find_canaries(" ".join(messages)) == set()

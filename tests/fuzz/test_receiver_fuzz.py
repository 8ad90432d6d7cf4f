"""
A part of ``make fuzz``: malformed bodies and headers get a 200, 400, 401 or 404, leak no personal
data, cause no internal error, and are handled by the worker.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.model.value import replace
from shared.queue.envelope import Envelope
from shared.sources.contract import Source, Translated
from shared.sources.shopify.topics import HANDLED
from tests.fuzz import real_handler, runner
from tests.fuzz.bodies import KINDS
from tests.fuzz.captured_output import capture_output
from tests.fuzz.harness import SECRET, InMemoryStack, StackConfig, build
from tests.fuzz.inputs import Input, make_input
from tests.fuzz.runner import Tally, run_input
from tests.fuzz.shrink import shrink
from tests.fuzz.webhooks import MUTATIONS, event, headers

SEED = 3
TOPICS = st.sampled_from(sorted(HANDLED))
FEW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
KEYS = ("id", "token", "line_items", "variants", "customer", "email", "price", "quantity", "title")


def found_problems(tally: Tally) -> list[tuple[int, list[str]]]:
    return [(one.input.number, one.problems) for one in tally.found]


@pytest.mark.parametrize("start", [0, 500, 1000])
def test_no_mutated_input_is_answered_5xx_or_leaves_a_trace(start: int) -> None:
    with capture_output() as output:
        tally = runner.run(SEED, range(start, start + 500), output)

    assert found_problems(tally) == []
    assert sum(tally.responses.values()) == 500


def test_no_mutated_input_fails_in_the_real_handler() -> None:
    with capture_output() as output:
        tally = real_handler.run(SEED, range(40), output)

    assert found_problems(tally) == []
    assert tally.responses["200 delivered"] > 0


def test_every_mutation_is_used_and_every_response_occurs() -> None:
    with capture_output() as output:
        tally = runner.run(SEED + 1, range(600), output)

    assert set(tally.kinds) | {"large"} == set(KINDS)
    assert set(tally.request_mutations) == {"none", "signature", "event", *MUTATIONS}
    assert {"200 delivered", "200 dead_letter", "200 queued", "400", "401", "404"} <= set(
        tally.responses
    )
    assert tally.handled > 0


def _problems_of(body: bytes, topic: str, more: dict[str, Any] | None = None) -> list[str]:
    sent = headers(topic, str(uuid.uuid4()), body, SECRET) | (more or {})
    whole = event(body, sent, encoded=False)
    one = Input(number=0, kind="hypothesis", request_mutation="none", topic=topic, event=whole)
    with capture_output() as output:
        return run_input(build(StackConfig()), one, output, Tally())


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**40),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner),
    max_leaves=20,
)


@FEW
@given(body=st.binary(max_size=300), topic=TOPICS)
def test_any_bytes_are_answered(body: bytes, topic: str) -> None:
    assert _problems_of(body, topic) == []


@FEW
@given(value=JSON, topic=TOPICS)
def test_any_json_is_answered(value: Any, topic: str) -> None:
    assert _problems_of(json.dumps(value).encode(), topic) == []


@FEW
@given(
    more=st.dictionaries(
        st.sampled_from(["x-shopify-topic", "x-shopify-webhook-id", "x-shopify-triggered-at"])
        | st.text(max_size=20),
        st.text(max_size=200),
    ),
    topic=TOPICS,
)
def test_any_headers_are_answered(more: dict[str, str], topic: str) -> None:
    assert _problems_of(b'{"id": 1}', topic, more) == []


def _event(**changed: Any) -> dict[str, Any]:
    body = b'{"id": 1}'
    return event(body, headers("products/delete", "d-1", body, SECRET), encoded=False) | changed


def _answer(whole: dict[str, Any]) -> dict[str, Any]:
    return build(StackConfig()).receiver.receive(whole)


def test_a_header_that_no_queue_accepts_is_not_a_permanent_500() -> None:
    stack = build(StackConfig(mode="queued"))
    whole = _event()
    whole["headers"]["x-shopify-name"] = "a name of \ufffe and \ud800"

    assert stack.receiver.receive(whole)["statusCode"] == 200


def test_text_flagged_as_base64_is_no_crash() -> None:
    assert _answer(_event(body="Ünïcode", isBase64Encoded=True))["statusCode"] == 401


@pytest.mark.parametrize("moment", [10**400, float("nan"), float("inf"), -1, "soon", None, True])
def test_an_invalid_request_time_is_no_crash(moment: Any) -> None:
    assert _answer(_event(requestContext={"timeEpoch": moment}))["statusCode"] == 200


def test_invented_topics_make_one_metric_and_one_log_line_of_an_ignored_topic() -> None:
    # A topic is not signed: whoever has one delivery can invent as many as they like.
    stack = build(StackConfig())
    topics = [f"invented/{number}" for number in range(200)]
    with capture_output() as output:
        for topic in [*topics, "čapka\u2028" + "x" * 9000, "themes/update"]:
            whole = _event()
            whole["headers"]["x-shopify-topic"] = topic
            assert stack.receiver.receive(whole)["statusCode"] == 200
        logged = [json.loads(line) for line in output.take().split("\n") if line]
        stack.observer.flush()
        counted = [json.loads(line) for line in output.take().split("\n") if line]

    metrics = {(line.get("of"), name) for line in counted for name in _metrics(line)}
    assert metrics == {
        ("shopify", "Webhook"),
        ("unknown", "unknown_topic"),
        ("unknown", "Ignored"),
        ("themes/update", "Ignored"),
    }
    ignored = [line["topic"] for line in logged if line["message"] == "ignored"]
    assert ignored == ["invented/0", "themes/update"]


def _metrics(line: Any) -> list[str]:
    return [one["Name"] for one in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]


def _bug(source: Source) -> Source:
    def translate(envelope: Envelope, _: float) -> Translated:
        raise KeyError(envelope.topic)

    return replace(source, translate=translate)


def _printing(source: Source) -> Source:
    def translate(envelope: Envelope, deadline: float) -> Translated:
        print(json.dumps({"body": envelope.body.decode()}))  # noqa: T201 - the planted leak
        return source.translate(envelope, deadline)

    return replace(source, translate=translate)


@pytest.mark.parametrize(
    ("wrap_source", "problem"),
    [(_bug, "an internal error was logged"), (_printing, "personal data in the log")],
)
def test_a_planted_bug_is_found(wrap_source: Callable[[Source], Source], problem: str) -> None:
    problems: set[str] = set()
    with capture_output() as output:
        for number in range(60):
            stack = build(StackConfig(wrap_source=wrap_source))
            problems |= set(run_input(stack, make_input(SEED, number), output, Tally()))

    assert problem in problems


def test_a_failing_input_is_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"id": 1, "title": "\ufffe", "vendor": "x"}).encode()
    sent = headers("products/create", "d-1", body, SECRET)
    one = Input(
        number=0,
        kind="k",
        request_mutation="b",
        topic="products/create",
        event=event(body, sent, encoded=False),
    )

    def fails(_: InMemoryStack, tried: Input, *__: Any) -> list[str]:
        return ["bad"] if "title" in tried.event["body"] else []

    monkeypatch.setattr("tests.fuzz.shrink.run_input", fails)
    found = runner.Counterexample(input=one, problems=["bad"])

    assert json.loads(shrink(SEED, found)["event"]["body"]) == {"title": "\ufffe"}

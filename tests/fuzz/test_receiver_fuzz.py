"""
A share of what ``make fuzz`` does: bodies and headers that no shop sends are answered 200, 400, 401
or 404, leave no trace of anybody, end as no internal error, and are taken by the worker.
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


def met(tally: Tally) -> list[tuple[int, list[str]]]:
    return [(one.input.number, one.complaints) for one in tally.found]


@pytest.mark.parametrize("start", [0, 500, 1000])
def test_no_mutated_input_is_answered_5xx_or_leaves_a_trace(start: int) -> None:
    with capture_output() as heard:
        tally = runner.run(SEED, range(start, start + 500), heard)

    assert met(tally) == []
    assert sum(tally.responses.values()) == 500


def test_no_mutated_input_fails_in_the_real_handler() -> None:
    with capture_output() as heard:
        tally = real_handler.run(SEED, range(40), heard)

    assert met(tally) == []
    assert tally.responses["200 delivered"] > 0


def test_every_way_of_bending_is_used_and_every_answer_is_met() -> None:
    with capture_output() as heard:
        tally = runner.run(SEED + 1, range(600), heard)

    assert set(tally.kinds) | {"large"} == set(KINDS)
    assert set(tally.bends) == {"none", "signature", "event", *MUTATIONS}
    assert {"200 delivered", "200 dead_letter", "200 queued", "400", "401", "404"} <= set(
        tally.responses
    )
    assert tally.worked > 0


def _posted(body: bytes, topic: str, more: dict[str, Any] | None = None) -> list[str]:
    sent = headers(topic, str(uuid.uuid4()), body, SECRET) | (more or {})
    whole = event(body, sent, encoded=False)
    one = Input(number=0, kind="hypothesis", bend="none", topic=topic, event=whole)
    with capture_output() as heard:
        return run_input(build(StackConfig()), one, heard, Tally())


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**40),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner),
    max_leaves=20,
)


@FEW
@given(body=st.binary(max_size=300), topic=TOPICS)
def test_any_bytes_are_answered(body: bytes, topic: str) -> None:
    assert _posted(body, topic) == []


@FEW
@given(value=JSON, topic=TOPICS)
def test_any_json_is_answered(value: Any, topic: str) -> None:
    assert _posted(json.dumps(value).encode(), topic) == []


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
    assert _posted(b'{"id": 1}', topic, more) == []


def _event(**changed: Any) -> dict[str, Any]:
    body = b'{"id": 1}'
    return event(body, headers("products/delete", "d-1", body, SECRET), encoded=False) | changed


def _answer(whole: dict[str, Any]) -> dict[str, Any]:
    return build(StackConfig()).door.receive(whole)


def test_a_header_that_no_queue_can_carry_is_no_500_for_ever() -> None:
    house = build(StackConfig(mode="queued"))
    whole = _event()
    whole["headers"]["x-shopify-name"] = "a name of \ufffe and \ud800"

    assert house.door.receive(whole)["statusCode"] == 200


def test_text_under_the_flag_of_base64_is_no_crash() -> None:
    assert _answer(_event(body="Ünïcode", isBase64Encoded=True))["statusCode"] == 401


@pytest.mark.parametrize("moment", [10**400, float("nan"), float("inf"), -1, "soon", None, True])
def test_a_request_time_that_is_none_is_no_crash(moment: Any) -> None:
    assert _answer(_event(requestContext={"timeEpoch": moment}))["statusCode"] == 200


def test_a_topic_that_nobody_knows_is_counted_by_a_name_that_cloudwatch_takes() -> None:
    house = build(StackConfig())
    whole = _event()
    whole["headers"]["x-shopify-topic"] = "čapka\u2028" + "x" * 9000
    with capture_output() as heard:
        house.door.receive(whole)
        heard.take()
        house.observer.flush()
        counted = [json.loads(line) for line in heard.take().split("\n") if line]

    assert {line.get("of") for line in counted} == {"?apka?" + "x" * 94, "shopify"}


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
    ("alter", "complaint"),
    [(_bug, "an internal error"), (_printing, "the log names somebody")],
)
def test_a_planted_bug_is_found(alter: Callable[[Source], Source], complaint: str) -> None:
    seen: set[str] = set()
    with capture_output() as heard:
        for number in range(60):
            house = build(StackConfig(alter=alter))
            seen |= set(run_input(house, make_input(SEED, number), heard, Tally()))

    assert complaint in seen


def test_a_failing_input_becomes_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"id": 1, "title": "\ufffe", "vendor": "x"}).encode()
    sent = headers("products/create", "d-1", body, SECRET)
    one = Input(
        number=0,
        kind="k",
        bend="b",
        topic="products/create",
        event=event(body, sent, encoded=False),
    )

    def fails(_: InMemoryStack, tried: Input, *__: Any) -> list[str]:
        return ["bad"] if "title" in tried.event["body"] else []

    monkeypatch.setattr("tests.fuzz.shrink.attempted", fails)
    found = runner.Counterexample(input=one, complaints=["bad"])

    assert json.loads(shrink(SEED, found)["event"]["body"]) == {"title": "\ufffe"}

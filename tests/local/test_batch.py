from __future__ import annotations

from typing import Any

import pytest

from cli.local.batch import failures

IDS = ["a", "b"]


@pytest.mark.parametrize(
    "response", [None, {}, {"batchItemFailures": None}, {"batchItemFailures": []}]
)
def test_an_empty_answer_is_a_success(response: Any) -> None:
    assert failures(response, IDS) == frozenset()


def test_what_is_named_has_failed() -> None:
    response = {"batchItemFailures": [{"itemIdentifier": "b"}]}

    assert failures(response, IDS) == {"b"}


@pytest.mark.parametrize(
    "response",
    [
        "not an answer",
        {"batchItemFailures": "b"},
        {"batchItemFailures": [{"itemIdentifier": "unheard of"}]},
        {"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "unheard of"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"wrong": "a"}]},
        {"batchItemFailures": [["a"]]},
    ],
)
def test_an_answer_of_another_form_fails_the_whole_batch(response: Any) -> None:
    assert failures(response, IDS) == {"a", "b"}

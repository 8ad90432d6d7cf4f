from __future__ import annotations

from typing import Any

import pytest

from cli.local.batch import failures

IDS = ["a", "b"]


@pytest.mark.parametrize(
    "response", [None, {}, {"batchItemFailures": None}, {"batchItemFailures": []}]
)
def test_an_empty_response_is_a_success(response: Any) -> None:
    assert failures(response, IDS) == frozenset()


def test_a_listed_message_has_failed() -> None:
    response = {"batchItemFailures": [{"itemIdentifier": "b"}]}

    assert failures(response, IDS) == {"b"}


@pytest.mark.parametrize(
    "response",
    [
        "not a response",
        {"batchItemFailures": "b"},
        {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
        {"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "unknown"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"wrong": "a"}]},
        {"batchItemFailures": [["a"]]},
    ],
)
def test_an_invalid_response_fails_the_whole_batch(response: Any) -> None:
    assert failures(response, IDS) == {"a", "b"}

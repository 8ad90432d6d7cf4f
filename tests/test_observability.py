"""Logs and metrics: lines of JSON, and metrics in EMF."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from shared import wiring
from shared.observability import Observer

Read = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Read:
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]


def metrics(line: dict[str, Any]) -> dict[str, Any]:
    """Return the counters of an EMF line, with their dimensions."""
    (described,) = line["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == "Shoprelay"
    names = [one["Name"] for one in described["Metrics"]]
    (dimensions,) = described["Dimensions"]
    return {name: line[name] for name in (*names, *dimensions) if name != "service"}


def test_counts_are_written_once_per_dimension(written: Read) -> None:
    observer = Observer("acme")
    observer.count("Webhook", "shopify")
    observer.count("Webhook", "shopify")
    observer.count("DeadLetter", "datacue")
    observer.count("InternalError")

    observer.flush()

    assert [metrics(line) for line in written()] == [
        {"InternalError": [1.0], "merchant": "acme"},
        {"DeadLetter": [1.0], "merchant": "acme", "of": "datacue"},
        {"Webhook": [2.0], "merchant": "acme", "of": "shopify"},
    ]


def test_counters_are_reset_after_a_flush(written: Read) -> None:
    observer = Observer("acme")
    observer.count("Webhook", "shopify")
    observer.flush()
    written()

    observer.flush()

    assert written() == []


def test_two_observers_do_not_mix(written: Read) -> None:
    one, other = Observer("acme"), Observer("other")
    one.count("Webhook")
    other.count("DeadLetter")

    one.flush()

    assert [metrics(line) for line in written()] == [{"Webhook": [1.0], "merchant": "acme"}]


def test_a_dimension_is_text_that_cloudwatch_accepts(written: Read) -> None:
    observer = Observer("acme")
    observer.count("Webhook", "čapka\u2028" + "x" * 9000)

    observer.flush()

    assert [line["of"] for line in written()] == ["?apka?" + "x" * 94]


def test_entries_that_the_journal_lost_are_counted_once(written: Read) -> None:
    app = SimpleNamespace(merchant=SimpleNamespace(name="acme"), journal=SimpleNamespace(lost=2))

    for _ in range(2):
        with wiring._observer(app):  # type: ignore[arg-type]  # noqa: SLF001 - a part of it
            pass

    assert [line["JournalEntryLost"] for line in written()] == [[2.0]]


def test_more_metrics_than_fit_in_one_line_are_all_written(written: Read) -> None:
    observer = Observer("acme")
    for number in range(150):
        observer.count(f"Metric{number}")

    observer.flush()

    names = [name for line in written() for name in line if name.startswith("Metric")]
    assert len(set(names)) == 150

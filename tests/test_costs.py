"""docs/costs.md is the output of its script, and the script's sums are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.costs.model import Assumed, Webhook, at_rest, billed_ms, cost, read_inputs
from bench.costs.page import TEMPLATE, by_month, page
from bench.costs.prices import CENTRAL, EAST, PRICES, TABLE
from tests.stack.template import of

ROOT = Path(__file__).parents[1]
INLINE = Webhook(
    kind="order",
    mode="inline",
    body_bytes=5600,
    cpu_ms=4.0,
    writes=2,
    reads=1,
    row_bytes=1025,
    calls=1,
    call_bytes=900,
    log_lines=4,
    log_bytes=1000,
)
QUEUED = Webhook(
    kind="order",
    mode="queued",
    body_bytes=600_000,
    cpu_ms=4.0,
    writes=2,
    reads=0,
    row_bytes=1024,
    calls=1,
    call_bytes=900,
    log_lines=4,
    log_bytes=1000,
    message_bytes=70_000,
)
PLAIN = Assumed(
    memory_mb=1769,
    ledger_ms=5.0,
    queue_ms=10.0,
    platform_ms=100.0,
    store_ms=500.0,
    cold_share=0.01,
    cold_ms=1000.0,
)


def test_the_page_is_what_the_script_prints() -> None:
    printed = page(read_inputs(), TEMPLATE.read_text(encoding="utf-8"))

    assert (ROOT / "docs" / "costs.md").read_text(encoding="utf-8") == printed, "run `make costs`"


def test_an_inline_webhook_is_priced_part_by_part() -> None:
    found = cost(INLINE, EAST, PLAIN)

    # 4 ms of CPU on a whole processor, three round trips, one call, a hundredth of a cold start
    assert billed_ms(INLINE, PLAIN) == pytest.approx(4 + 15 + 100 + 10)
    assert found["gateway"] == pytest.approx(1.0)
    assert found["Lambda"] == pytest.approx(0.2 + 0.129 * 1769 / 1024 * 13.3334)
    # a row of 1,025 bytes takes two units
    assert found["ledger"] == pytest.approx(4 * 0.625 + 0.125)
    # the row once more, and an entry of two units in a transaction and one in its index
    assert found["journal"] == pytest.approx((2 + 2 + 1) * 0.625)
    assert found["SQS"] == 0
    # ours 1,000 and 4 x 26; Lambda's 900 and 3 x 26; the gateway's 400 and 26
    assert found["logs"] == pytest.approx(2508e6 / 1e9 * 0.5)
    assert found["data out"] == pytest.approx(3000e6 / 1e9 * 0.09)


def test_a_queued_webhook_runs_twice_and_pays_for_its_message() -> None:
    found = cost(QUEUED, EAST, PLAIN)

    assert found["gateway"] == pytest.approx(2.0)  # over 512 KB
    assert found["SQS"] == pytest.approx(5 * 0.4)  # sent and received as two chunks, deleted as one
    assert billed_ms(QUEUED, PLAIN) == pytest.approx(4 * 4 / 3 + 10 + 100 + 10 + 20)
    assert found["ledger"] == pytest.approx(2 * 0.625)


def test_a_small_memory_makes_cpu_time_longer_and_a_large_one_no_shorter_than_one_processor() -> (
    None
):
    assert billed_ms(INLINE, Assumed(memory_mb=512)) > billed_ms(INLINE, Assumed(memory_mb=1024))
    assert billed_ms(INLINE, Assumed(memory_mb=3008)) == billed_ms(INLINE, Assumed(memory_mb=1769))


def test_a_read_of_the_store_costs_its_time_and_its_bytes() -> None:
    plain, store = cost(QUEUED, EAST, PLAIN), cost(QUEUED, EAST, PLAIN, store=True)

    assert store["Lambda"] - plain["Lambda"] == pytest.approx(0.5 * 1769 / 1024 * 13.3334)
    assert store["data out"] - plain["data out"] == pytest.approx(2100e6 / 1e9 * 0.09)


def test_a_merchant_at_rest_pays_for_what_stands_there() -> None:
    lines = {
        what: dollars
        for what, _, dollars in at_rest(EAST, alarms=[1] * 6 + [4], dashboards=1, keys=1, metrics=3)
    }

    assert lines["secret"] == pytest.approx(0.4)
    assert lines["polling of the retry queue"] == pytest.approx(0.2592)
    assert lines["alarms"] == pytest.approx(1.0)
    assert lines["dashboard"] == pytest.approx(3.0)
    assert lines["custom metrics"] == pytest.approx(0.9)


def test_alarms_are_priced_by_the_metrics_that_the_templates_alarms_look_at() -> None:
    watched = [
        sum("MetricStat" in metric for metric in one.get("Metrics", [])) or 1
        for one in of("CloudWatch::Alarm").values()
    ]

    [line] = [one for one in by_month(read_inputs(), TEMPLATE.read_text()) if one[0] == "alarms"]

    assert line[1] == f"{len(watched)}, of {sum(watched)} metrics"
    assert line[2] == f"{sum(watched) * PRICES[EAST]['alarm']:.2f}"


def test_the_sum_at_rest_is_that_of_its_lines() -> None:
    *lines, (what, _, east, central) = by_month(read_inputs(), TEMPLATE.read_text())

    assert what == "**in all**"
    for total, column in ((east, 2), (central, 3)):
        # Each line is rounded.
        assert float(total.strip("*")) == pytest.approx(
            sum(float(line[column]) for line in lines), abs=0.005 * len(lines)
        )


def test_the_measured_webhooks_are_of_every_kind_in_both_modes() -> None:
    measured = read_inputs().webhooks
    kinds = {one.kind for one in measured}

    assert len(kinds) == 5
    assert {(one.kind, one.mode) for one in measured} == {
        (kind, mode) for kind in kinds for mode in ("inline", "queued")
    }
    assert [one.kind for one in measured if one.mode == "queued" and not one.message_bytes] == []
    # as docs/delivery.md states for a webhook of one entity
    assert {one.writes for one in measured} == {2.0}


def test_no_price_of_frankfurt_is_below_that_of_virginia() -> None:
    assert [key for key in PRICES[EAST] if PRICES[CENTRAL][key] < PRICES[EAST][key]] == []


def test_every_price_has_a_key_of_its_own_a_unit_and_a_page() -> None:
    assert len(PRICES[EAST]) == len(TABLE)
    assert [row for row in TABLE if not (row["what"] and row["per"] and row["page"])] == []


def test_the_memory_that_is_priced_is_the_templates() -> None:
    template = TEMPLATE.read_text(encoding="utf-8")

    assert f"  FunctionMemory:\n    Type: Number\n    Default: {Assumed().memory_mb}\n" in template

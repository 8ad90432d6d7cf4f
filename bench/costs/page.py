"""docs/costs.md, from the inputs, the prices and the template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from bench.costs.model import (
    ENTRY,
    FULL_CPU_MB,
    INDEXED,
    KIB,
    MILLION,
    Assumed,
    Inputs,
    Webhook,
    at_rest,
    billed_ms,
    cost,
    logged_bytes,
    sent_bytes,
)
from bench.costs.prices import CENTRAL, EAST, PRICES, TABLE
from cli.stack.alarms import ALARMS

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
INTRODUCTION = """# What it costs

Written by `make costs`. Operations, bytes and CPU time are measured, through the local stack and
the harness of `make bench` (`bench/results/costs-inputs.json`, {measured}; `make costs MEASURE=1`
measures them again); the prices are AWS's list. **No invoice has been seen**: nothing of this has
run on AWS. Free tiers, discounts and taxes are not included.
"""
MODES = """
* **inline**: the platform is called before the response to the shop. Shopify's default.
* **queued**: the webhook is parked first, and delivered by the retry function.
* **WooCommerce** was not measured. Its rows are a *model*: the queued webhook of the same size, and
  one read of the store that takes {store:g} ms.
"""
ASSUMPTIONS = """
What could not be measured here is assumed: the platform responds in {platform_ms:g} ms, including
the connection; the ledger in {ledger_ms:g} ms, SQS in {queue_ms:g} ms; {cold:g} % of the runs are
cold starts of {cold_ms:g} ms; the functions have {memory_mb} MB, which is {share:.0f} % of a
processor, so that work takes {factor:.2f} times as long as on a whole one; Lambda's own log lines
have {platform_log} bytes per run, the gateway's {access_log}; a call has headers of {call_head}
bytes, and its connection a handshake of {handshake}.
"""
METRICS = """
An alarm is billed by the metrics that it looks at (`cli/stack/alarms.py`): one about all functions
has four. A custom metric is a name with one set of dimensions. Without failures, {metrics} are
sent. Each metric that failures add (`Waiting` of a reason, `duplicate` of a topic) costs 0.30 USD a
month, in proportion to the hours in which it is sent. A shop with duplicates of every topic and
each kind of failure all month would send about forty: 12 USD. The first three dashboards and ten
alarm metrics of an account are free.
"""


THINKS = (50, 200, 1000, 2500)


def page(inputs: Inputs, template: str) -> str:
    """Return the whole page as Markdown."""
    assumed, first = Assumed(), inputs.webhooks[0]
    return "\n".join([
        INTRODUCTION.format(measured=inputs.measured),
        "## A million webhooks\n",
        *table(
            ("webhook", "mode", *cost(first, EAST, assumed), f"**{EAST}**", CENTRAL),
            rows(inputs, assumed),
        ),
        "\nIn US dollars.", MODES.format(store=assumed.store_ms),
        "### The arithmetic of the first row\n",
        *arithmetic(first, assumed),
        ASSUMPTIONS.format(
            **asdict(assumed),
            cold=assumed.cold_share * 100,
            share=assumed.memory_mb / FULL_CPU_MB * 100,
            factor=FULL_CPU_MB / assumed.memory_mb,
        ),
        "## What slow platforms cost\n",
        "Lambda also bills the wait for a platform. For the first row, in US dollars per million:",
        "",
        *table(("memory", *(f"{ms} ms" for ms in THINKS)), by_memory(first, assumed)),
        "\n## A merchant at rest\n",
        "Per month, without any webhook:\n",
        *table(("what", "how many", EAST, CENTRAL), by_month(inputs, template)),
        METRICS.format(metrics=inputs.metrics),
        "## The prices\n",
        *table(
            ("what", "per", EAST, CENTRAL, "page", "read"),
            ([one["what"], one["per"], one[EAST], one[CENTRAL], f"<{one['page']}>",
              one["read"] or "*unread*"] for one in TABLE),
        ),
        "\n*unread*: a price from memory. All prices of eu-central-1 (Frankfurt) are from memory.",
    ]) + "\n"  # fmt: skip


def table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield "|---" * len(names) + "|"
    yield from (f"| {' | '.join(line)} |" for line in lines)


def rows(inputs: Inputs, assumed: Assumed) -> Iterator[list[str]]:
    """Yield a row for each kind and mode, and then the model of WooCommerce."""
    queued = [one for one in inputs.webhooks if one.mode == "queued"]
    cases = [(one, one.kind, one.mode, False, "**", "") for one in inputs.webhooks]
    cases += [(one, f"WooCommerce, {one.kind}", "*model*", True, "*", "*") for one in queued]
    for one, kind, mode, store, east, central in cases:
        parts = cost(one, EAST, assumed, store=store).values()
        there = sum(cost(one, CENTRAL, assumed, store=store).values())
        totals = [f"{east}{sum(parts):.2f}{east}", f"{central}{there:.2f}{central}"]
        yield [kind, mode, *(f"{part:.2f}" for part in parts), *totals]


def arithmetic(one: Webhook, assumed: Assumed) -> Iterator[str]:
    """Yield the sums of one row, written out."""
    found, took = cost(one, EAST, assumed), billed_ms(one, assumed)
    share = FULL_CPU_MB / assumed.memory_mb
    yield f"{one.kind[0].upper()}{one.kind[1:]}, {one.mode}, {EAST}:\n"
    yield f"* gateway: 1 request of {one.body_bytes:,} bytes = {found['gateway']:.2f}"
    yield (
        f"* Lambda: {one.cpu_ms:.1f} ms of CPU x {share:.2f} + {one.writes + one.reads:g} round "
        f"trips x {assumed.ledger_ms:g} ms + {one.calls:g} calls x {assumed.platform_ms:g} ms + "
        f"cold starts {assumed.cold_share * assumed.cold_ms:g} ms = {took:.0f} ms; x "
        f"{assumed.memory_mb / KIB:g} GB x {PRICES[EAST]['gb_second']:.10f} x {MILLION:,} + 0.20 = "
        f"{found['Lambda']:.2f}"
    )
    yield (
        f"* ledger: {one.writes:g} writes of a row of {one.row_bytes} bytes, 1 unit each, and "
        f"{one.reads:g} reads = {found['ledger']:.2f}"
    )
    yield (
        f"* journal: the commit becomes a transaction, which writes the row ({one.row_bytes} "
        f"bytes) once more; the note counts {ENTRY} units in it, and {INDEXED} in its index = "
        f"{found['journal']:.2f}. With `journal_days = 0` there is none"
    )
    yield f"* logs: {logged_bytes(one, assumed):,.0f} bytes = {found['logs']:.2f}"
    yield f"* data out: {sent_bytes(one, assumed):,.0f} bytes = {found['data out']:.2f}"


def by_memory(one: Webhook, assumed: Assumed) -> Iterator[list[str]]:
    """Yield the totals for several memory sizes and response times of the platform."""
    for memory in (512, 1024, 1769):
        cases = (replace(assumed, memory_mb=memory, platform_ms=float(ms)) for ms in THINKS)
        yield [f"{memory} MB", *(f"{sum(cost(one, EAST, case).values()):.2f}" for case in cases)]


def by_month(inputs: Inputs, template: str) -> Iterator[list[str]]:
    """Yield a row for everything that costs by the month, and their sum."""
    kinds = ("CloudWatch::Dashboard", "KMS::Key")
    alarms = [len(one.metrics) for one in ALARMS]
    dashboards, keys = (
        len(re.findall(rf"^    Type: AWS::{kind}$", template, re.MULTILINE)) for kind in kinds
    )
    here, there = (
        at_rest(region, alarms=alarms, dashboards=dashboards, keys=keys, metrics=inputs.metrics)
        for region in (EAST, CENTRAL)
    )
    for (what, count, east), (_, _, central) in zip(here, there, strict=True):
        yield [what, count, f"{east:.2f}", f"{central:.2f}"]
    sums = (sum(dollars for _, _, dollars in lines) for lines in (here, there))
    yield ["**in all**", "", *(f"**{total:.2f}**" for total in sums)]

"""docs/costs.md, from the inputs, the prices and the template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.costs.inputs import Inputs, Webhook
from bench.costs.model import (
    FULL_CPU_MB,
    INDEXED,
    KIB,
    MILLION,
    NOTE,
    Assumed,
    Cost,
    Standing,
    billed_ms,
    cost,
    fixed,
    logged,
    sent,
)
from bench.costs.prices import CENTRAL, EAST, GB_SECOND, PRICES, Price
from shared.model.value import replace

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
INTRODUCTION = """# What it costs

Written by `make costs`. Operations, bytes and CPU time are measured, through the local stack and
the harness of `make bench` (`bench/results/costs-inputs.json`, {measured}; `make costs MEASURE=1`
takes them anew); the prices are AWS's list. **No invoice has been seen**: nothing of this has run
on AWS. Free tiers, discounts and taxes are left out.
"""
MODES = """
* **inline**: the platform is called before the shop is answered. Shopify's default.
* **queued**: the webhook is parked first, and delivered by the retry function.
* **WooCommerce** was not measured. Its rows are a *model*: the queued webhook of the same size, and
  one read of the store that takes {store:g} ms.
"""
ASSUMPTIONS = """
What could not be measured here, and is assumed: the platform answers in {platform_ms:g} ms, a
connection included; the ledger in {ledger_ms:g} ms, SQS in {queue_ms:g} ms; {cold:g} % of the runs
begin cold, for {cold_ms:g} ms; the functions have {memory_mb} MB, which is {share:.0f} % of a
processor, so CPU time takes {factor:.2f} times as long as on a whole one; Lambda's own lines are
{platform_log} bytes a run, the gateway's {access_log}; a call has a head of {call_head} bytes, and
its connection a handshake of {handshake}.
"""
METRICS = """
A metric is a name with one set of dimensions. {metrics} are sent while all goes well; each that
appears in trouble (`Waiting` of a reason, `duplicate` of a topic) costs its 0.30 USD by the hours
in which it is sent. A shop with duplicates of every topic and some of each kind of trouble, all
month, would send about forty: 12 USD. Of an account, the first three dashboards and ten alarms are
free.
"""


def page(inputs: Inputs, template: str) -> str:
    """Write the whole page as Markdown."""
    assumed = Assumed()
    return "\n".join([
        INTRODUCTION.format(measured=inputs.measured),
        "## A million webhooks\n",
        *table(
            ("webhook", "mode", "gateway", "Lambda", "ledger", "journal", "SQS", "logs", "data out",
             f"**{EAST.name}**", CENTRAL.name),
            rows(inputs, assumed),
        ),
        "\nIn US dollars.", MODES.format(store=assumed.store_ms),
        "### The arithmetic of the first row\n",
        *arithmetic(inputs.webhooks[0], assumed),
        _assumptions(assumed),
        "## What the platform's patience costs\n",
        "While a platform thinks, Lambda's clock runs. The first row, in US dollars per million:\n",
        *table(
            ("memory", *(f"{ms} ms" for ms in THINKS)),
            patience(inputs.webhooks[0], assumed),
        ),
        "\n## A merchant at rest\n",
        "By the month, with no webhook at all:\n",
        *table(("what", "how many", EAST.name, CENTRAL.name), resting(inputs, template)),
        METRICS.format(metrics=inputs.metrics),
        "## The prices\n",
        *table(("what", "per", EAST.name, CENTRAL.name, "page", "read"), map(_price, PRICES)),
        "\n*unread*: from memory. Frankfurt's prices are from memory throughout.",
    ]) + "\n"  # fmt: skip


def table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> Iterator[str]:
    """Give the lines of a table."""
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield "|---" * len(names) + "|"
    for line in lines:
        yield f"| {' | '.join(line)} |"


def rows(inputs: Inputs, assumed: Assumed) -> Iterator[list[str]]:
    """Give a row for each kind and mode, and the model of WooCommerce behind them."""
    for one in inputs.webhooks:
        here, there = cost(one, EAST, assumed), cost(one, CENTRAL, assumed)
        yield [one.kind, one.mode, *_parts(here), f"**{here.total:.2f}**", f"{there.total:.2f}"]
    for one in inputs.webhooks:
        if one.mode == "queued":
            here = cost(one, EAST, assumed, store=True)
            there = cost(one, CENTRAL, assumed, store=True)
            totals = [f"*{here.total:.2f}*", f"*{there.total:.2f}*"]
            yield [f"WooCommerce, {one.kind}", "*model*", *_parts(here), *totals]


def _parts(found: Cost) -> list[str]:
    told = (found.gateway, found.lambda_, found.ledger, found.journal)
    return [f"{part:.2f}" for part in (*told, found.queue, found.logs, found.out)]


def arithmetic(one: Webhook, assumed: Assumed) -> Iterator[str]:
    """Write the first row's sums out."""
    found, took = cost(one, EAST, assumed), billed_ms(one, assumed)
    share = FULL_CPU_MB / assumed.memory_mb
    yield f"{one.kind[0].upper()}{one.kind[1:]}, {one.mode}, {EAST.name}:\n"
    yield f"* gateway: 1 request of {one.body_bytes:,} bytes = {found.gateway:.2f}"
    yield (
        f"* Lambda: {one.cpu_ms:.1f} ms of CPU x {share:.2f} + {one.writes + one.reads:g} round "
        f"trips x {assumed.ledger_ms:g} ms + {one.calls:g} calls x {assumed.platform_ms:g} ms + "
        f"cold starts {assumed.cold_share * assumed.cold_ms:g} ms = {took:.0f} ms; x "
        f"{assumed.memory_mb / KIB:g} GB x {GB_SECOND.east:.10f} x {MILLION:,} + 0.20 = "
        f"{found.lambda_:.2f}"
    )
    yield (
        f"* ledger: {one.writes:g} writes of a row of {one.row_bytes} bytes, 1 unit each, and "
        f"{one.reads:g} reads = {found.ledger:.2f}"
    )
    yield (
        f"* journal: the commit becomes a transaction, which writes the row ({one.row_bytes} "
        f"bytes) once more; the note counts {NOTE} units in it, and {INDEXED} in its index = "
        f"{found.journal:.2f}. With `journal_days = 0` there is none"
    )
    yield f"* logs: {logged(one, assumed, 1):,.0f} bytes = {found.logs:.2f}"
    yield f"* data out: {sent(one, assumed):,.0f} bytes = {found.out:.2f}"


def _assumptions(assumed: Assumed) -> str:
    values = {name: getattr(assumed, name) for name in assumed.__slots__}
    return ASSUMPTIONS.format(
        **values,
        cold=assumed.cold_share * 100,
        share=assumed.memory_mb / FULL_CPU_MB * 100,
        factor=FULL_CPU_MB / assumed.memory_mb,
    )


THINKS = (50, 200, 1000, 2500)


def patience(one: Webhook, assumed: Assumed) -> Iterator[list[str]]:
    """Give the total for several sizes of memory and times of the platform."""
    for memory in (512, 1024, 1769):
        cases = (replace(assumed, memory_mb=memory, platform_ms=float(ms)) for ms in THINKS)
        yield [f"{memory} MB", *(f"{cost(one, EAST, case).total:.2f}" for case in cases)]


def resting(inputs: Inputs, template: str) -> Iterator[list[str]]:
    """Give a line for everything that costs by the month, and their sum."""
    standing = Standing(
        alarms=_count("CloudWatch::Alarm", template),
        dashboards=_count("CloudWatch::Dashboard", template),
        keys=_count("KMS::Key", template),
        metrics=inputs.metrics,
    )
    here, there = fixed(EAST, standing), fixed(CENTRAL, standing)
    for one, other in zip(here, there, strict=True):
        yield [one.name, one.count, f"{one.dollars:.2f}", f"{other.dollars:.2f}"]
    sums = (sum(line.dollars for line in lines) for lines in (here, there))
    yield ["**in all**", "", *(f"**{whole:.2f}**" for whole in sums)]


def _count(kind: str, template: str) -> int:
    return len(re.findall(rf"^    Type: AWS::{kind}$", template, re.MULTILINE))


def _price(one: Price) -> list[str]:
    shown = [f"{dollars:.10f}".rstrip("0") for dollars in (one.east, one.central)]
    shown = [text + "0" * max(0, 2 - len(text.partition(".")[2])) for text in shown]
    return [one.name, one.unit, *shown, f"<{one.page}>", one.read or "*unread*"]

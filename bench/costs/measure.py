"""
``python -m bench.costs.measure``: send a few webhooks of each kind through the local stack, inline
and queued, and write their operations and bytes (rows, calls, messages, logs) to costs-inputs.json.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import msgspec
import requests
from rich.console import Console

from bench import demo
from bench.bodies import bodies
from bench.costs.model import INPUTS, Inputs, Webhook
from bench.mapping import calls
from bench.processes import loopback, run_json
from cli.local.aws import TABLE
from cli.local.log_tap import tapped
from cli.local.screen import JsonLines
from cli.local.stack import Stack, StackOptions, running
from shared import wiring
from shared.state.shop_ports import Pauses

COUNT = 8
READS = {"GetItem", "BatchGetItem", "Query", "Scan"}


def main() -> None:
    """Measure, and write the inputs."""
    with loopback() as environment:
        cpu = run_json(environment, "bench.receiver", "milliseconds", "5", "30")
    lines: list[str] = []
    with tapped(Path(os.devnull), lines.append):
        found = [one for mode in ("inline", "queued") for one in _webhooks(mode, cpu, lines)]
    inputs = Inputs(
        measured=datetime.now(UTC).strftime("%Y-%m-%d"),
        metrics=len(set().union(*(names for _, names in found))),
        webhooks=tuple(webhook for webhook, _ in found),
    )
    INPUTS.write_bytes(msgspec.json.format(msgspec.json.encode(inputs), indent=2) + b"\n")
    sys.stderr.write(f"{INPUTS.name}: {len(inputs.webhooks)} kinds\n")


def _webhooks(
    mode: str, cpu: Mapping[str, float], lines: list[str]
) -> Iterator[tuple[Webhook, set[str]]]:
    """Measure every kind in a mode; yield it with the names of its metrics."""
    text = demo.merchant_text()
    text = text.replace('delivery_mode = "inline"', f'delivery_mode = "{mode}"')
    wish = StackOptions(merchant=text, secrets=demo.secrets_text(), port=0)
    wiring.reset()
    with running(wish, JsonLines(Console(file=io.StringIO()))) as stack:
        counted = _requests_to_aws()
        for body in bodies():
            before = _rows()
            webhooks = demo.webhooks(body)[: COUNT + 1]
            _send(stack, webhooks[:1])  # the first opens connections
            counted.clear()
            lines.clear()
            _send(stack, webhooks[1:])
            logged = [line for line in lines if line.startswith("{")]
            planned = [call for plan in calls(body)() for call in plan.calls]
            webhook = Webhook(
                kind=body.name,
                mode=mode,
                body_bytes=len(body.copies[0]),
                cpu_ms=cpu[body.name],
                writes=counted["writes"] / COUNT,
                reads=counted["reads"] / COUNT,
                row_bytes=max(size for key, size in _rows().items() if before.get(key) != size),
                calls=len(planned),
                call_bytes=sum(len(call.body or b"") for call in planned),
                log_lines=len(logged) / COUNT,
                log_bytes=sum(len(line.encode()) for line in logged) // COUNT,
                message_bytes=counted["message bytes"] // COUNT,
            )
            yield webhook, set().union(*map(_metrics, logged))
    wiring.reset()


def _requests_to_aws() -> Counter[str]:
    """Return a counter of both functions' reads, writes and bytes of messages."""
    counted: Counter[str] = Counter()

    def to_table(model: Any, **_: Any) -> None:
        counted["reads" if model.name in READS else "writes"] += 1

    def to_queue(model: Any, params: Mapping[str, Any], **_: Any) -> None:
        if model.name.startswith("SendMessage"):
            counted["message bytes"] += len(params["body"])

    for fail_fast in (True, False):
        app = wiring.app(fail_fast=fail_fast)
        # How often the paused destinations are looked up depends on the traffic, not on a webhook.
        app.pauses = Pauses(app.ledger, ("datacue",), 3600, time.time)
        app.pauses()
        app.shop_ports.pseudonym("nobody@shop.example")
        app.clients.dynamodb.meta.events.register("before-call.dynamodb", to_table)
        app.clients.sqs.meta.events.register("before-call.sqs", to_queue)
    return counted


def _send(stack: Stack, webhooks: list[tuple[bytes, dict[str, str]]]) -> None:
    """Send webhooks and wait until the retry queue is empty."""
    for raw, headers in webhooks:
        url = f"{stack.gateway}/webhooks/shopify"
        status = requests.post(url, raw, headers=headers, timeout=30).json()["status"]
        if status not in {"delivered", "queued"}:
            raise ValueError(f"unexpected response {status}")
    while _is_waiting(stack):
        time.sleep(0.05)
    time.sleep(0.2)  # the last log line comes after the message is deleted


def _is_waiting(stack: Stack) -> bool:
    """Return whether the retry queue has messages, visible or not."""
    url = stack.resources.retry_queue
    found = stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return any(found[name] != "0" for name in found if name.startswith("ApproximateNumberOf"))


def _metrics(line: str) -> set[str]:
    """Return the custom metrics in a line of the log: each name with each set of dimensions."""
    facts = json.loads(line)
    return {
        "|".join([metric["Name"], *(str(facts[name]) for name in names)])
        for directive in facts.get("_aws", {}).get("CloudWatchMetrics", [])
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
    }


def _rows() -> dict[str, int]:
    """Return the size of every row of the ledger by its key."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    return {row["pk"]["S"]: _size(row) for page in pages for row in page["Items"]}


def _size(value: Any) -> int:
    """Return the bytes of an item as DynamoDB counts them (Developer Guide, "Item sizes")."""
    match value:
        case {"S": str(text)}:
            return len(text.encode())
        case {"N": str(number)}:
            return len(number) // 2 + 2
        case {"BOOL": _} | {"NULL": _}:
            return 1
        case {"M": inner}:
            return 3 + _size(inner) + len(inner)
        case {"L": items}:
            return 3 + sum(_size(one) + 1 for one in items)
        case {"SS": items}:
            return sum(len(one.encode()) for one in items)
        case _:
            return sum(len(key.encode()) + _size(one) for key, one in value.items())


if __name__ == "__main__":
    main()

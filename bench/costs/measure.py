"""
``python -m bench.costs.measure``: send a few webhooks of each kind through the local stack, inline
and queued, and write down what they cost it: operations, bytes of rows, calls, messages and logs.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import requests

from bench.bodies import Body, bodies
from bench.costs.cpu import times
from bench.costs.inputs import FILE, Inputs, Webhook
from bench.costs.log import Log, lines, metrics
from bench.costs.rows import rows
from bench.demo import MERCHANTS
from bench.demo import text as demo
from bench.mapping import SECRET, SHOP, ours, signed
from cli.local.stack import Stack, Wish, running
from shared import wiring
from shared.state.shop_ports import Pauses

COUNT = 8
READS = {"GetItem", "BatchGetItem", "Query", "Scan"}


class _Quiet:
    """A screen that shows nothing."""

    def tell(self, event: str, **facts: Any) -> None:
        """Hear an event."""

    def close(self) -> None:
        """End."""


@contextmanager
def _counted() -> Iterator[Counter[str]]:
    """Count the requests of both functions: writes, reads, messages and their bytes."""
    counted: Counter[str] = Counter()

    def table(model: Any, **_: Any) -> None:
        counted["reads" if model.name in READS else "writes"] += 1

    def queue(model: Any, params: Mapping[str, Any], **_: Any) -> None:
        if model.name.startswith("SendMessage"):
            counted["messages"] += 1
            counted["message bytes"] += len(params["body"])

    for hasty in (True, False):
        app = wiring.app(hasty=hasty)
        # How often paused destinations are looked up depends on the traffic, not on a webhook.
        app.pauses = Pauses(app.ledger, ("datacue",), 3600, time.time)
        app.pauses()
        app.outside.pseudonym("nobody@shop.example")
        app.clients.dynamodb.meta.events.register("before-call.dynamodb", table)
        app.clients.sqs.meta.events.register("before-call.sqs", queue)
    yield counted


def measured(mode: str, log: Log, cpu: Mapping[str, float]) -> Iterator[tuple[Webhook, set[str]]]:
    """Measure every kind in a mode; with the metrics that it counted."""
    text = demo()
    text = text.replace('delivery_mode = "inline"', f'delivery_mode = "{mode}"')
    secrets = json.dumps(
        json.loads((MERCHANTS / "demo.secrets.json").read_bytes())
        | {"shopify": {"webhook_secrets": [SECRET]}}
    )
    wiring.reset()
    with running(Wish(merchant=text, secrets=secrets, port=0), _Quiet()) as stack, _counted() as n:
        for body in bodies():
            yield _one(stack, body, mode, n, log, cpu)
    wiring.reset()


def _one(  # noqa: PLR0913, PLR0917 - the parts of one measurement, in one place
    stack: Stack, body: Body, mode: str, counted: Counter[str], log: Log, cpu: Mapping[str, float]
) -> tuple[Webhook, set[str]]:
    before = rows()
    webhooks = signed(body, SHOP, SECRET)[: COUNT + 1]
    _sent(stack, webhooks[:1])  # the first opens connections
    counted.clear()
    log.since()
    _sent(stack, webhooks[1:])
    logged = list(lines(log.since().decode()))
    after = rows()
    calls = [call for plan in ours(body)() for call in plan.calls]  # type: ignore[attr-defined]  # a list of plans
    found = Webhook(
        kind=body.name,
        mode=mode,
        body_bytes=len(body.copies[0]),
        cpu_ms=cpu[body.name],
        writes=counted["writes"] / COUNT,
        reads=counted["reads"] / COUNT,
        row_bytes=max(size for key, size in after.items() if before.get(key) != size),
        calls=len(calls),
        call_bytes=sum(len(call.body or b"") for call in calls),
        log_lines=len(logged) / COUNT,
        log_bytes=sum(len(line.encode()) for line in logged) // COUNT,
        message_bytes=counted["message bytes"] // COUNT,
    )
    return found, metrics(logged)


def _sent(stack: Stack, webhooks: list[tuple[bytes, dict[str, str]]]) -> None:
    for raw, headers in webhooks:
        answer = requests.post(
            f"{stack.gateway}/webhooks/shopify", raw, headers=headers, timeout=30
        )
        if answer.json()["status"] not in {"delivered", "queued"}:
            raise ValueError(f"answered {answer.json()['status']}")
    while _waiting(stack):
        time.sleep(0.05)
    time.sleep(0.2)  # the last line of the log comes after the message is gone


def _waiting(stack: Stack) -> int:
    url = stack.resources.retry_queue
    answer = stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    names = ("", "NotVisible", "Delayed")
    attributes: dict[str, str] = dict(answer["Attributes"].items())
    return sum(int(attributes[f"ApproximateNumberOfMessages{name}"]) for name in names)


def main() -> None:
    """Measure, and write the inputs."""
    cpu = times()
    log = Log()
    found = [one for mode in ("inline", "queued") for one in measured(mode, log, cpu)]
    inputs = Inputs(
        measured=datetime.now(UTC).strftime("%Y-%m-%d"),
        metrics=len(set().union(*(names for _, names in found))),
        webhooks=tuple(webhook for webhook, _ in found),
    )
    raw = msgspec.json.format(msgspec.json.encode(inputs), indent=2)
    FILE.write_bytes(raw + b"\n")
    sys.stderr.write(f"{FILE.name}: {len(inputs.webhooks)} kinds\n")


if __name__ == "__main__":
    main()

"""
(b) The CPU time of the whole webhook function per event, against two bare calls of botocore and one
of requests; (e) its memory after a thousand events.

It runs in a process of its own, which learns the addresses of its servers from the environment, and
prints JSON.

    python -m bench.receiver rounds 31 48
    python -m bench.receiver milliseconds 5 30
    python -m bench.receiver memory 1000
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count, cycle
from pathlib import Path
from statistics import median
from typing import Any

import boto3
import requests

from bench import demo
from bench.bodies import Body, bodies
from bench.measure import Effort, Work, alternate, microseconds
from cli.local.request import Request, event
from functions.webhook.app import handler

# A row of the table -> the kind of body, and whether the floor keeps its session.
ROWS = {
    "receiver: product of 8 kB (2 writes, 1 call)": ("product of 8 kB, 8 variants", False),
    "receiver: order of 5.6 kB (2 writes, 1 read, 1 call)": ("order of 5.6 kB", False),
    "receiver: product, against a session that is kept": ("product of 8 kB, 8 variants", True),
}
ROUTE = "POST /webhooks/{source}"


def events(body: Body) -> Callable[[], dict[str, Any]]:
    """Return a function that returns the events of a body's copies, each as a new delivery."""
    webhooks = cycle(demo.webhooks(body))
    numbers = count()

    def next_event() -> dict[str, Any]:
        raw, headers = next(webhooks)
        headers = headers | {"x-shopify-webhook-id": f"delivery-{next(numbers)}"}
        now = time.time()
        request = Request(
            method="POST", path="/webhooks/shopify", body=raw, at=now, headers=headers
        )
        return event(request, ROUTE, {"source": "shopify"})

    return next_event


def receive(body: Body) -> Work[Any]:
    """Return the handler's work on the events of a body."""
    next_event = events(body)

    def work() -> Any:
        response = handler(next_event(), None)
        if '"delivered"' not in response["body"]:
            raise ValueError(f"unexpected response {response}")
        return response

    return work


def floor(body: Body, platform: str, *, keep_session: bool) -> Work[bytes]:
    """
    Return the least work of two writes and a call: no validation, no log.

    ``keep_session`` keeps the session and its connection. A function cannot rely on that, because
    it is frozen between events.
    """
    next_event = events(body)
    client = boto3.client("dynamodb")
    post = requests.Session().post if keep_session else requests.post

    def work() -> bytes:
        name = next_event()["headers"]["x-shopify-webhook-id"]
        for _ in range(2):
            client.update_item(
                TableName="shoprelay-ledger",
                Key={"pk": {"S": name}},
                UpdateExpression="SET lease = :token",
                ExpressionAttributeValues={":token": {"S": name}},
            )
        return post(platform, data=body.copies[0], timeout=5).content

    return work


def rounds(effort: Effort) -> dict[str, list[tuple[float, float]]]:
    """Return the rounds of each row: (ours, floor)."""
    kinds = {body.name: body for body in bodies()}
    platform = os.environ["AWS_ENDPOINT_URL"] + "/v1/products"
    return {
        name: alternate(
            receive(kinds[kind]), floor(kinds[kind], platform, keep_session=kept), effort
        )
        for name, (kind, kept) in ROWS.items()
    }


def milliseconds(effort: Effort) -> dict[str, float]:
    """Return the CPU time by kind of body, after a warm-up round."""
    found = {}
    for body in bodies():
        work = receive(body)
        with suppress(ValueError):
            work()  # The first call wires the function; on a busy machine it runs out of time.
        taken = [microseconds(work, effort.calls) for _ in range(effort.rounds + 1)]
        found[body.name] = round(median(taken[1:]) / 1000, 2)
    return found


def memory(events: int) -> float:
    """Return the peak memory in MB after so many events of all kinds."""
    works = cycle([receive(body) for body in bodies()])
    for _ in range(events):
        next(works)()
    # Not ru_maxrss: a child process inherits the value of its parent.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) * 1024 / 1e6


def main(mode: str, *numbers: str) -> None:
    """Measure and print JSON. The log of the function is discarded."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if mode == "memory":
        found: object = memory(int(numbers[0]))
    else:
        effort = Effort(rounds=int(numbers[0]), calls=int(numbers[1]))
        found = rounds(effort) if mode == "rounds" else milliseconds(effort)
    with out:
        json.dump(found, out)


if __name__ == "__main__":
    main(*sys.argv[1:])

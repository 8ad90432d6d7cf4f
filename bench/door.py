"""
(b) What the whole webhook door costs its process, in CPU time per event, against two bare calls of
botocore and one of requests; (e) its memory after a thousand events. A process of its own, told
where the servers are by its environment; it prints JSON.

    python -m bench.door rounds 31 48
    python -m bench.door memory 1000
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import boto3
import requests

from bench.bodies import Body, bodies
from bench.mapping import SECRET, SHOP, signed
from bench.measure import Effort, Work, by_turns
from cli.local.request import Request, event
from functions.webhook.app import handler

# A row of the table -> the kind of body, and whether the floor keeps its session.
ROWS = {
    "door: product of 8 kB (2 writes, 1 call)": ("product of 8 kB, 8 variants", False),
    "door: order of 5.6 kB (2 writes, 1 read, 1 call)": ("order of 5.6 kB", False),
    "door: product, against a session that is kept": ("product of 8 kB, 8 variants", True),
}
ROUTE = "POST /webhooks/{source}"


def events(body: Body) -> Callable[[], dict[str, Any]]:
    """Give the events of a body's copies in turn, each time as a new delivery."""
    webhooks = cycle(signed(body, SHOP, SECRET))
    count = iter(range(sys.maxsize))

    def following() -> dict[str, Any]:
        raw, headers = next(webhooks)
        now = time.time()
        told = headers | {"x-shopify-webhook-id": f"delivery-{next(count)}"}
        request = Request(method="POST", path="/webhooks/shopify", body=raw, at=now, headers=told)
        return event(request, ROUTE, {"source": "shopify"})

    return following


def door(body: Body) -> Work:
    """Give the handler's work on events of a kind."""
    following = events(body)

    def work() -> object:
        answer = handler(following(), None)
        if '"delivered"' not in answer["body"]:
            raise ValueError(f"answered {answer}")
        return answer

    return work


def bare(body: Body, platform: str, *, kept: bool) -> Work:
    """
    Give the least that two writes and a call cost: no thought, no check, no log. ``kept`` keeps
    the session and its connection, which a function that is frozen between events cannot trust.
    """
    following = events(body)
    client = boto3.client("dynamodb")
    post = requests.Session().post if kept else requests.post

    def work() -> object:
        name = following()["headers"]["x-shopify-webhook-id"]
        for _ in range(2):
            client.update_item(
                TableName="shoprelay-ledger",
                Key={"pk": {"S": name}},
                UpdateExpression="SET lease = :token",
                ExpressionAttributeValues={":token": {"S": name}},
            )
        return post(platform, data=body.copies[0], timeout=5).content

    return work


def compared(effort: Effort, platform: str) -> dict[str, list[tuple[float, float]]]:
    """Measure each row by turns with its floor."""
    kinds = {body.name: body for body in bodies()}
    return {
        name: by_turns(door(kinds[kind]), bare(kinds[kind], platform, kept=kept), effort)
        for name, (kind, kept) in ROWS.items()
    }


def memory(count: int) -> float:
    """Serve so many events of all kinds and give the most memory that was used, in MB."""
    works = cycle([door(body) for body in bodies()])
    for _ in range(count):
        next(works)()
    # Not ru_maxrss: a child inherits that of the process that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) * 1024 / 1e6


def main(arguments: list[str]) -> None:
    """Do what the arguments say. The function's own log goes nowhere."""
    told = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if arguments[0] == "memory":
        answer: object = memory(int(arguments[1]))
    else:
        effort = Effort(rounds=int(arguments[1]), calls=int(arguments[2]))
        answer = compared(effort, os.environ["AWS_ENDPOINT_URL"] + "/v1/products")
    json.dump(answer, told)
    told.close()


if __name__ == "__main__":
    main(sys.argv[1:])

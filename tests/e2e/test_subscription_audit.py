"""
Silence about people, on the whole stack: whatever becomes of a webhook, nothing but the body in its
envelope names anybody. Tables, buckets, queues, logs, the screen and the operator's commands are
searched for canaries. The same without a stack, for every body: ``tests/fuzz/test_canaries.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from typer.testing import CliRunner

from cli.commands.dlq import app
from cli.local.aws import BUCKET, TABLE
from cli.local.screen import format_line
from cli.local.stack import StackOptions, running
from shared import wiring
from tests.e2e.conftest import RecordingScreen, StackHarness, until
from tests.e2e.shop import Shop, merchant
from tests.fuzz.canaries import MARK, CanaryRegistry, find_canaries
from tests.fuzz.captured_output import CapturedOutput, capture_output
from tests.fuzz.samples import Sample, events

SECRETS = {
    "shopify": {"webhook_secrets": [f"{MARK}-new-secret", f"{MARK}-secret"]},
    "datacue": {"api_key": f"{MARK}-key", "api_secret": f"{MARK}-api-secret"},
    "pseudonym_key": f"{MARK}-pseudonym-key",
}
# It empties the queues that are looked at.
PURGES = "shop/redact"
AVIARY = CanaryRegistry()
BODIES = tuple(
    AVIARY.plant(one)
    for one in {one.topic: one for one in events() if one.topic != PURGES}.values()
)
ECHO = " ".join(sorted(find_canaries(b" ".join(one.body for one in BODIES).decode())))


@contextmanager
def staged() -> Iterator[tuple[StackHarness, RecordingScreen, CapturedOutput]]:
    wiring.reset()
    screen = RecordingScreen()
    text = merchant(carts="cart-token", unsure=1)
    wish = StackOptions(merchant=text, secrets=json.dumps(SECRETS), port=0, wait_scale=0.02)
    with capture_output() as heard, running(wish, screen) as stack:
        shop = Shop(stack.gateway, secret=f"{MARK}-secret")
        yield StackHarness(stack=stack, shop=shop), screen, heard
    wiring.reset()


def _post(acme: StackHarness, bodies: tuple[Sample, ...], night: str) -> set[str]:
    replies = {}
    for number, one in enumerate(bodies):
        reply = acme.shop.post(one.topic, one.body, delivery=f"{night}-{number}")
        replies[one.name] = reply
    assert {reply.code for reply in replies.values()} == {200}
    return {reply.status for reply in replies.values()}


def _messages(acme: StackHarness) -> list[str]:
    """Everything of every message but the webhook's body."""
    sqs, told = acme.stack.sqs, []
    for queue in (acme.stack.resources.retry_queue, acme.stack.resources.dead_letters):
        while messages := sqs.receive_message(
            QueueUrl=queue,
            MessageAttributeNames=["All"],
            MaxNumberOfMessages=10,
            VisibilityTimeout=60,
        ).get("Messages", []):
            for one in messages:
                around = json.loads(one["Body"])
                around.pop("body", None)
                told.append(json.dumps([around, one.get("MessageAttributes", {})]))
    return told


def _stores() -> str:
    """Everything that the table holds, and all of the bucket but the bodies."""
    rows = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    s3 = boto3.client("s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    heads = [s3.head_object(Bucket=BUCKET, Key=key)["Metadata"] for key in keys]
    records = [
        s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
        for key in keys
        if key.startswith("privacy/")
    ]
    return json.dumps([rows, keys, heads, records], default=str)


def _commands(acme: StackHarness) -> str:
    """What ``shoprelay dlq`` prints, for people and for programs."""
    listed = _dlq(acme, "list", "--json")
    (first, *_) = json.loads(listed)["letters"]
    return listed + "".join(
        _dlq(acme, *words)
        for words in (["list"], ["show", first["id"]], ["show", first["id"], "--json"])
    )


def _dlq(acme: StackHarness, *words: str) -> str:
    told = CliRunner().invoke(app, [*words, "--endpoint-url", acme.stack.resources.endpoint])
    assert told.exit_code == 0, told.output
    return told.output


def _screened(screen: RecordingScreen) -> str:
    lines = [format_line(event, facts) for event, facts in screen.told if event != "up"]
    return json.dumps(screen.told, default=str) + "\n".join(lines)


NIGHTS: dict[str, dict[str, Any]] = {
    "422": {"status": 422, "body": ECHO[:4000]},
    "503": {"status": 503, "body": ECHO[:4000], "count": 5},
    "ok": {},
}
# Each of these looks through all dead letters: once is enough.
DUTIES = frozenset({"customers/redact", "customers/data_request"})


def test_nobody_is_named_outside_a_body() -> None:
    with staged() as (acme, screen, heard):
        met: set[str] = set()
        for night, fault in NIGHTS.items():
            if fault:
                acme.fault(**fault)
            wanted = (one for one in BODIES if night == "ok" or one.topic not in DUTIES)
            met |= _post(acme, tuple(wanted), night)
            acme.clear_faults()
        assert until(lambda: acme.waiting() == 0, 60)
        told = {
            "commands": _commands(acme),
            "messages": " ".join(_messages(acme)),
            "stores": _stores(),
            "screen": _screened(screen),
            "said": heard.take(),
        }

    assert {name: find_canaries(text) for name, text in told.items() if find_canaries(text)} == {}
    assert {"dead_letter", "delivered", "queued"} <= met
    assert all(told.values())

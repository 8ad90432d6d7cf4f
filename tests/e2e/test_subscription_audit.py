"""
No personal data outside of bodies, on the whole stack: whatever the fate of a webhook, only the
body in its envelope has personal data. Tables, buckets, queues, logs, the screen and the operator's
commands are searched for canaries. The same without a stack, for every body:
``tests/fuzz/test_canaries.py``.
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
# It empties the queues that are searched.
PURGES = "shop/redact"
REGISTRY = CanaryRegistry()
BODIES = tuple(
    REGISTRY.plant(one)
    for one in {one.topic: one for one in events() if one.topic != PURGES}.values()
)
ECHO = " ".join(sorted(find_canaries(b" ".join(one.body for one in BODIES).decode())))


@contextmanager
def running_audit() -> Iterator[tuple[StackHarness, RecordingScreen, CapturedOutput]]:
    wiring.reset()
    screen = RecordingScreen()
    text = merchant(carts="cart-token", unsure=1)
    options = StackOptions(merchant=text, secrets=json.dumps(SECRETS), port=0, wait_scale=0.02)
    with capture_output() as output, running(options, screen) as stack:
        shop = Shop(stack.gateway, secret=f"{MARK}-secret")
        yield StackHarness(stack=stack, shop=shop), screen, output
    wiring.reset()


def _post(acme: StackHarness, bodies: tuple[Sample, ...], fault_name: str) -> set[str]:
    replies = {}
    for number, one in enumerate(bodies):
        reply = acme.shop.post(one.topic, one.body, delivery=f"{fault_name}-{number}")
        replies[one.name] = reply
    assert {reply.code for reply in replies.values()} == {200}
    return {reply.status for reply in replies.values()}


def _messages(acme: StackHarness) -> list[str]:
    """Return every message without the webhook's body."""
    sqs, texts = acme.stack.sqs, []
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
                texts.append(json.dumps([around, one.get("MessageAttributes", {})]))
    return texts


def _stores() -> str:
    """Return the contents of the table, and of the bucket without the bodies."""
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
    """Return the output of ``shoprelay dlq``, as text and as JSON."""
    listed = _dlq(acme, "list", "--json")
    (first, *_) = json.loads(listed)["letters"]
    return listed + "".join(
        _dlq(acme, *words)
        for words in (["list"], ["show", first["id"]], ["show", first["id"], "--json"])
    )


def _dlq(acme: StackHarness, *words: str) -> str:
    texts = CliRunner().invoke(app, [*words, "--endpoint-url", acme.stack.resources.endpoint])
    assert texts.exit_code == 0, texts.output
    return texts.output


def _screen_text(screen: RecordingScreen) -> str:
    lines = [format_line(event, facts) for event, facts in screen.events if event != "up"]
    return json.dumps(screen.events, default=str) + "\n".join(lines)


FAULTS: dict[str, dict[str, Any]] = {
    "422": {"status": 422, "body": ECHO[:4000]},
    "503": {"status": 503, "body": ECHO[:4000], "count": 5},
    "ok": {},
}
# Each of these scans all dead letters: once is enough.
SCANNING_TOPICS = frozenset({"customers/redact", "customers/data_request"})


def test_there_is_no_personal_data_outside_a_body() -> None:
    with running_audit() as (acme, screen, output):
        outcomes: set[str] = set()
        for fault_name, fault in FAULTS.items():
            if fault:
                acme.fault(**fault)
            wanted = (
                one for one in BODIES if fault_name == "ok" or one.topic not in SCANNING_TOPICS
            )
            outcomes |= _post(acme, tuple(wanted), fault_name)
            acme.clear_faults()
        assert until(lambda: acme.waiting() == 0, 60)
        texts = {
            "commands": _commands(acme),
            "messages": " ".join(_messages(acme)),
            "stores": _stores(),
            "screen": _screen_text(screen),
            "log": output.take(),
        }

    assert {name: find_canaries(text) for name, text in texts.items() if find_canaries(text)} == {}
    assert {"dead_letter", "delivered", "queued"} <= outcomes
    assert all(texts.values())

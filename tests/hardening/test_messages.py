"""The retry function with messages that Shoprelay did not write."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cli.local.function import Context
from functions.retry.app import handler
from shared.errors import NotUnderstood
from shared.model.version import instant_at
from shared.queue.envelope import Envelope, decode, encode
from tests.e2e.conftest import StackHarness, running_stack, until
from tests.e2e.shop import SHOP, merchant, product
from tests.hardening.memory import MIB, peak
from tests.queue.test_envelope import envelope, packed, wire

# 1 GiB in 1 MiB: 64 members of 16 MiB each.
BOMB = gzip.compress(b"\0" * 16 * MIB, 9) * 64


@pytest.fixture(scope="module")
def acme() -> Iterator[StackHarness]:
    with running_stack(merchant(unsure=2)) as one:
        yield one


def parked(number: int, **more: Any) -> Envelope:
    """An envelope as the receiver would have parked it."""
    headers = {"shopify-topic": "products/create", "shopify-shop-domain": SHOP}
    body = json.dumps(product(number)).encode()
    return envelope(
        id=f"parked-{number}",
        topic="products/create",
        body=body,
        headers=headers,
        **{"destination": "datacue", **more},
    )


def failed(*bodies: str) -> list[str]:
    """Pass messages to the real handler; return those that return to the queue."""
    records = [
        {"messageId": str(number), "body": body, "eventSource": "aws:sqs", "receiptHandle": "r"}
        for number, body in enumerate(bodies)
    ]
    context = Context(
        function_name="retry",
        memory_limit_in_mb=1024,
        aws_request_id="a",
        invoked_function_arn="arn",
        deadline=time.time() + 60,
    )
    response = handler({"Records": records}, context)  # type: ignore[arg-type]  # all that it reads
    return [one["itemIdentifier"] for one in response["batchItemFailures"]]


def text(one: Envelope, **more: Any) -> str:
    return json.dumps(json.loads(encode(one)) | more)


INVALID = [
    "",
    "{}",
    "null",
    "\x00" * 100,
    "[" * 100_000,
    wire(body=packed(BOMB)).decode(),
    wire(body=packed(gzip.compress(b"{}", mtime=0)[:-5])).decode(),
    wire(body=packed(b"no gzip")).decode(),
    wire(body=packed(gzip.compress(b"{}", mtime=0)) + "====").decode(),
    wire(body="\u20ac").decode(),
    wire(not_before="tomorrow").decode(),
    '{"pointer": "bodies/2026-01-01/gone"}',
    '{"pointer": "privacy/w1.json"}',
    '{"pointer": "bodies/../privacy/w1.json"}',
    '{"pointer": "/bodies/x"}',
    '{"pointer": ""}',
]


@pytest.mark.parametrize("body", INVALID, ids=lambda body: body[:20] + body[-30:])
def test_an_invalid_message_returns_to_the_queue_and_blocks_no_other(
    acme: StackHarness, body: str
) -> None:
    number = 300 + INVALID.index(body)

    assert failed(body, text(parked(number))) == ["0"]
    assert str(number) in acme.state()["products"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"destination": "evil"}, "the destination evil is not configured"),
        ({"destination": ""}, "the destination  is not configured"),
        ({"source": "magento"}, "the source magento is not configured"),
    ],
)
def test_a_message_for_an_unknown_destination_is_a_dead_letter(
    acme: StackHarness, more: dict[str, str], reason: str
) -> None:
    before = len(acme.calls())

    assert failed(text(parked(350), **more)) == []
    assert until(lambda: reason in reasons(acme), 10)
    assert len(acme.calls()) == before


def reasons(acme: StackHarness) -> set[str]:
    found = acme.stack.sqs.receive_message(
        QueueUrl=acme.stack.resources.dead_letters,
        MessageAttributeNames=["All"],
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
    ).get("Messages", [])
    return {one["MessageAttributes"]["reason"]["StringValue"] for one in found}


def test_a_message_that_is_due_in_the_year_9999_is_delivered(acme: StackHarness) -> None:
    mad = parked(351, not_before="9999-01-01T00:00:00.000000000Z")

    assert failed(text(mad)) == []
    assert "351" in acme.state()["products"]


def test_a_message_that_is_due_in_some_hours_is_parked_again(acme: StackHarness) -> None:
    waiting = acme.waiting()

    assert failed(text(parked(352, not_before=instant_at(time.time() + 7 * 3600)))) == []
    assert "352" not in acme.state()["products"]
    assert acme.waiting() == waiting + 1


def test_a_compression_bomb_of_a_gigabyte_needs_little_memory() -> None:
    data = wire(body=packed(BOMB))

    def decode_bomb() -> str:
        with pytest.raises(NotUnderstood) as caught:
            decode(data)
        return caught.value.reason

    reason, most = peak(decode_bomb)

    assert reason == "this message is not an envelope"
    assert most < 64 * MIB

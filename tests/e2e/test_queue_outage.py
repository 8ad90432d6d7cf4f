"""SQS accepts nothing: through the real handler, nothing is lost, and nothing has effect twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from cli.local.aws import BUCKET
from shared import wiring
from shared.queue.sqs import UNSENT
from tests.e2e.conftest import StackHarness, running_stack, until
from tests.e2e.shop import merchant, order, product, triggered
from tests.e2e.woo_shop import WooStack, running_woo_stack
from tests.queue.test_fallback import Outage
from tests.sources import woo


def fail(service: str, operation: str) -> Outage:
    """Let the receiver's client answer an operation with 503 while ``left`` is above zero."""
    outage = Outage(left=10_000)
    # The local functions share one interpreter, and have more patience than the template's.
    os.environ["SHOPRELAY_DOOR_PATIENCE"] = "0.9"
    client = getattr(wiring.app(fail_fast=True).clients, service)
    client.meta.events.register(f"before-call.{service}.{operation}", outage.answer)
    return outage


def stored() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=UNSENT).get("Contents", [])
    return [one["Key"] for one in found]


@pytest.fixture
def shop() -> Iterator[WooStack]:
    with running_woo_stack() as one:
        yield one


def send(shop: WooStack, number: int) -> tuple[int, dict[str, Any]]:
    shop.held.products[number] = woo.product(id=number)
    response = shop.sender.send("product.updated", woo.product(id=number))
    return response.status_code, response.json()


def delivered(shop: WooStack, *numbers: int) -> Callable[[], bool]:
    return lambda: all(shop.rows(number) for number in numbers)


def test_one_503_of_sqs_costs_a_woocommerce_store_nothing(shop: WooStack) -> None:
    sqs = fail("sqs", "SendMessage")
    sqs.left = 1

    code, body = send(shop, 11)

    assert (code, body["status"], sqs.tried, stored()) == (200, "queued", 2, [])
    assert until(delivered(shop, 11))


def test_webhooks_of_an_outage_of_sqs_are_delivered_after_it(shop: WooStack) -> None:
    sqs = fail("sqs", "SendMessage")

    codes = [send(shop, number)[0] for number in (12, 13)]

    assert codes == [200, 200]
    assert len(stored()) == 2
    # The schedule of the local stack; the retry function has a client of its own.
    assert until(delivered(shop, 12, 13))
    assert until(lambda: not stored())
    assert sqs.left > 0


def test_without_sqs_and_s3_a_queued_webhook_is_delivered_at_once(shop: WooStack) -> None:
    fail("sqs", "SendMessage")
    fail("s3", "PutObject")

    code, body = send(shop, 14)

    assert (code, body["status"]) == (200, "delivered")
    assert shop.rows(14)


def test_without_sqs_s3_and_the_platform_the_shop_gets_a_500(shop: WooStack) -> None:
    fail("sqs", "SendMessage")
    fail("s3", "PutObject")
    shop.harness.fault(status=503)

    code, body = send(shop, 15)

    assert (code, body["error"]) == (500, "could not be parked")


def test_what_an_inline_delivery_parks_is_stored_and_sent_once() -> None:
    with running_stack(merchant(unsure=0)) as acme:
        fail("sqs", "SendMessage")
        acme.fault(status=429, count=2)

        replies = [
            acme.shop.send("products/create", product(21), at=triggered(1)),
            acme.shop.send("orders/create", order(22), at=triggered(2)),
        ]

        assert [reply.status for reply in replies] == ["queued", "queued"]
        assert len(stored()) == 2
        assert until(lambda: not stored())
        assert acme.settled()
        assert until(lambda: accepted(acme) == 2)
        assert "21" in acme.state()["products"]


def accepted(acme: StackHarness) -> int:
    return sum(call["status"] < 300 for call in acme.calls())


def test_a_rejection_without_sqs_becomes_one_dead_letter_later() -> None:
    with running_stack(merchant(unsure=0)) as acme:
        fail("sqs", "SendMessage")
        acme.fault(status=422)

        reply = acme.shop.send("products/create", product(23), at=triggered(1))

        assert reply.status == "dead_letter"
        assert until(lambda: acme.dead() == 1)
        assert stored() == []

"""The responses to the shop, by the real handler behind the gateway."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
import requests

from tests.e2e.conftest import StackHarness, running_stack
from tests.e2e.shop import SHOP, merchant, product, triggered


@pytest.fixture(scope="module")
def acme() -> Iterator[StackHarness]:
    with running_stack(merchant(unsure=2)) as one:
        yield one


def _signed(body: bytes, **changed: str | None) -> dict[str, str]:
    signature = base64.b64encode(hmac.new(b"new-secret", body, hashlib.sha256).digest()).decode()
    headers: dict[str, str | None] = {
        "content-type": "application/json",
        "x-shopify-hmac-sha256": signature,
        "x-shopify-topic": "products/create",
        "x-shopify-shop-domain": SHOP,
        "x-shopify-api-version": "2026-10",
        "x-shopify-webhook-id": "an-id",
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    return {name: value for name, value in headers.items() if value is not None}


def _post(
    acme: StackHarness, body: bytes, headers: dict[str, str], source: str = "shopify"
) -> requests.Response:
    url = f"{acme.shop.url}/webhooks/{source}"
    return requests.post(url, data=body, headers=headers, timeout=10)


def test_a_wrong_signature_is_answered_401_with_an_empty_body_and_leaves_nothing(
    acme: StackHarness,
) -> None:
    before = len(acme.calls())
    response = _post(acme, b'{"id": 1}', _signed(b'{"id": 2}'))

    assert (response.status_code, response.content) == (401, b"")
    assert len(acme.calls()) == before
    assert acme.waiting() == 0


def test_a_missing_signature_is_answered_401(acme: StackHarness) -> None:
    response = _post(acme, b"{}", _signed(b"{}", x_shopify_hmac_sha256=None))

    assert (response.status_code, response.content) == (401, b"")


def test_another_shops_domain_is_answered_401(acme: StackHarness) -> None:
    headers = _signed(b"{}", x_shopify_shop_domain="another.myshopify.com")

    assert _post(acme, b"{}", headers).status_code == 401


def test_a_missing_required_header_is_answered_400_after_a_good_signature(
    acme: StackHarness,
) -> None:
    response = _post(acme, b"{}", _signed(b"{}", x_shopify_topic=None))

    assert response.status_code == 400
    assert "topic" in response.json()["error"]


def test_an_unknown_source_is_answered_404(acme: StackHarness) -> None:
    assert _post(acme, b"{}", _signed(b"{}"), source="magento").status_code == 404


def test_both_secrets_of_a_rotation_are_valid(acme: StackHarness) -> None:
    body = json.dumps(product(101)).encode()
    headers = _signed(body, x_shopify_webhook_id="rotation-1")

    assert _post(acme, body, headers).json() == {"id": "rotation-1", "status": "delivered"}
    assert acme.shop.post("products/update", body).code == 200


def test_a_repeated_delivery_is_a_duplicate(acme: StackHarness) -> None:
    first = acme.shop.send("products/create", product(102), delivery="same")
    second = acme.shop.send("products/create", product(102), delivery="same")

    assert (first.status, second.status) == ("delivered", "duplicate")


def test_the_same_content_under_another_id_is_not_sent_again(acme: StackHarness) -> None:
    acme.shop.send("products/create", product(103))
    before = len(acme.calls())
    again = acme.shop.send("products/update", product(103))

    assert again.status == "delivered"
    assert len(acme.calls()) == before


def test_an_older_update_is_superseded(acme: StackHarness) -> None:
    acme.shop.send("products/create", product(104, second=20), at=triggered(20))

    assert acme.shop.send("products/update", product(104, second=10), at=triggered(10)).status == (
        "superseded"
    )


def test_an_unknown_topic_is_answered_200_ignored(acme: StackHarness) -> None:
    assert acme.shop.send("weather/changed", {"id": 1}).status == "ignored"


def test_an_invalid_body_is_a_dead_letter_with_its_path(acme: StackHarness) -> None:
    mangled = product(105) | {"variants": [{"id": 1, "price": {"a": "word"}}]}
    reply = acme.shop.send("products/create", mangled, delivery="mangled")
    dead_letters = acme.stack.sqs.receive_message(
        QueueUrl=acme.stack.resources.dead_letters,
        MessageAttributeNames=["All"],
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
    )["Messages"]
    facts = {
        name: one["StringValue"]
        for dead_letter in dead_letters
        if dead_letter["MessageAttributes"]["id"]["StringValue"] == "mangled"
        for name, one in dead_letter["MessageAttributes"].items()
    }

    assert reply.status == "dead_letter"
    assert facts["path"] == "$.variants[0].price"
    assert facts["topic"] == "products/create"


def test_a_webhook_for_a_platform_that_is_down_is_queued_and_delivered_later(
    acme: StackHarness,
) -> None:
    acme.fault(status=503, count=1)
    reply = acme.shop.send("products/create", product(106))

    assert reply.status == "queued"
    assert acme.settled()
    assert "106" in acme.state()["products"]


def test_a_binary_body_is_verified_as_the_bytes_that_were_sent(acme: StackHarness) -> None:
    body = json.dumps(product(107, title="Čapka")).encode("utf-8")
    headers = _signed(body, content_type="application/octet-stream", x_shopify_webhook_id="b64")

    assert _post(acme, body, headers).json()["status"] == "delivered"
    assert acme.state()["products"]["107"]["1071"]["name"] == "Čapka"

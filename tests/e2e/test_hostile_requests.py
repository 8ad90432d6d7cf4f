"""Requests that no honest shop sends, through the real handler and the whole stack."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from shared.model.version import instant_at
from shared.queue.sqs import pointer_of
from tests.e2e.conftest import StackHarness, running_stack
from tests.e2e.shop import SHOP, customer, merchant, order, product, triggered
from tests.hardening.request import answer

LATE = "2026-11-21T09:00:00.000000000Z"
FAR_FUTURE = "9999-12-31T23:59:59Z"
NUMBERS = itertools.count(3000)


@pytest.fixture(scope="module")
def acme() -> Iterator[StackHarness]:
    with running_stack(merchant(unsure=2)) as one:
        yield one


def product_body(number: int, **fields: Any) -> bytes:
    return json.dumps(product(number, **fields)).encode()


def names(acme: StackHarness, number: int) -> set[str]:
    rows = acme.state()["products"].get(str(number), {})
    return {row["name"] for row in rows.values()}


def find_dead_letter(acme: StackHarness, delivery: str) -> Any:
    """Return the dead letter of a delivery. Raise LookupError without one."""
    for _ in range(20):
        found = acme.stack.sqs.receive_message(
            QueueUrl=acme.stack.resources.dead_letters,
            MessageAttributeNames=["All"],
            MaxNumberOfMessages=10,
            VisibilityTimeout=1,
        ).get("Messages", [])
        for one in found:
            if one["MessageAttributes"]["id"]["StringValue"] == delivery:
                return one
    raise LookupError(delivery)


# Old deliveries, replayed.


def test_an_old_delivery_replayed_under_a_fresh_id_changes_nothing(acme: StackHarness) -> None:
    old, new = product_body(201, second=10), product_body(201, second=20, title="New")
    acme.shop.post("products/create", old, at=triggered(10))
    acme.shop.post("products/update", new, at=triggered(20))
    before = len(acme.calls())

    replies = [
        acme.shop.post("products/create", old, at=when, delivery=f"replayed-{when}")
        for when in (triggered(10), LATE, "", "9999-01-01T00:00:00Z")
    ]

    assert [reply.status for reply in replies] == ["superseded"] * 4
    assert (len(acme.calls()), names(acme, 201)) == (before, {"New"})


def test_an_old_delivery_restores_nothing_that_was_deleted(acme: StackHarness) -> None:
    acme.shop.send("products/create", product(202, second=10), at=triggered(10))
    acme.shop.send("products/delete", {"id": 202}, at=triggered(30))

    reply = acme.shop.send("products/create", product(202, second=10), at=LATE)

    assert reply.status == "superseded"
    assert names(acme, 202) == set()


# The topic and the shop are not signed.


@pytest.mark.parametrize("topic", ["products/delete", "shop/redact", "customers/delete"])
def test_a_signed_product_under_a_topic_that_deletes_deletes_nothing(
    acme: StackHarness, topic: str
) -> None:
    body = product_body(203)
    acme.shop.post("products/create", body, at=triggered(10))

    reply = acme.shop.post(topic, body, at=LATE, delivery=f"confused-{topic}")

    assert reply.status == "dead_letter"
    assert names(acme, 203) == {"Product 203"}
    assert acme.waiting() == 0


def test_an_order_under_a_topic_of_products_writes_no_product(acme: StackHarness) -> None:
    reply = acme.shop.send("products/create", order(204), at=LATE, delivery="order-as-product")

    assert reply.status == "dead_letter"
    assert (
        find_dead_letter(acme, "order-as-product")["MessageAttributes"]["path"]["StringValue"]
        == "$.title"
    )
    assert names(acme, 204) == set()


def test_a_redaction_of_one_person_under_the_topic_of_the_shop_purges_nothing(
    acme: StackHarness,
) -> None:
    acme.shop.send("customers/create", customer(205), at=triggered(10))
    body = {"shop_domain": SHOP, "customer": {"id": 9}, "orders_to_redact": []}

    reply = acme.shop.send("shop/redact", body, at=LATE, delivery="purge")

    assert reply.status == "dead_letter"
    assert (
        find_dead_letter(acme, "purge")["MessageAttributes"]["path"]["StringValue"] == "$.customer"
    )
    assert acme.waiting() == 0
    assert "205" in acme.state()["users"]


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        (SHOP, 200),
        (SHOP.upper(), 200),
        (f" {SHOP} ", 200),
        (f"{SHOP}.", 401),
        (f"{SHOP}:443", 401),
        (f"https://{SHOP}", 401),
        (f"{SHOP},{SHOP}", 401),
        (f"x.{SHOP}", 401),
        (f"{SHOP}\x00", 401),
        ("аcme.myshopify.com", 401),  # noqa: RUF001 - a Cyrillic letter is the point
        ("acme", 401),
        ("*", 401),
    ],
)
def test_only_the_domain_of_our_shop_is_accepted(
    acme: StackHarness, domain: str, code: int
) -> None:
    before = len(acme.calls())
    result = answer(
        product_body(206), {"x-shopify-shop-domain": domain, "x-shopify-webhook-id": "domain"}
    )

    assert result[0] == code
    if code == 401:
        assert (result[1], len(acme.calls())) == ({}, before)


# Floods of headers. API Gateway joins repeated ones with commas.


@pytest.mark.usefixtures("acme")
def test_two_thousand_headers_are_read_and_not_stored() -> None:
    flood = {f"x-flood-{number}": "y" * 30 for number in range(2000)}

    code, parsed = answer(product_body(207), flood | {"x-shopify-webhook-id": "flood"})

    assert (code, parsed["status"]) == (200, "delivered")


@pytest.mark.usefixtures("acme")
def test_an_id_of_sixty_kilobytes_is_shortened_in_the_row_of_its_product() -> None:
    long = {"x-shopify-webhook-id": "i" * 60_000}

    first = answer(product_body(208), long)
    again = answer(product_body(208), long)
    other = answer(product_body(208), {"x-shopify-webhook-id": "i" * 59_999})

    assert (first[1]["status"], again[1]["status"]) == ("delivered", "duplicate")
    assert other[1]["status"] == "delivered"
    assert len(first[1]["id"]) == 64


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("name", "value", "code", "status"),
    [
        ("x-shopify-topic", "t" * 60_000, 200, "ignored"),
        ("x-shopify-topic", "products/create,products/create", 200, "ignored"),
        ("x-shopify-topic", "products/create/../delete", 200, "ignored"),
        ("x-shopify-topic", "PRODUCTS/CREATE", 200, "delivered"),
        ("x-shopify-topic", "\x00", 200, "ignored"),
        ("x-shopify-topic", " ", 400, None),
        ("x-shopify-api-version", "9999-99", 200, "delivered"),
        ("x-shopify-triggered-at", "2026-11-21T08:00:00Z,2026-11-21T08:00:00Z", 200, "delivered"),
        ("x-shopify-triggered-at", "9" * 60_000, 200, "delivered"),
        ("x-shopify-test", "true,false", 200, "delivered"),
        ("x-shopify-hmac-sha256", "A" * 60_000, 401, None),
        ("x-shopify-hmac-sha256", "", 401, None),
        ("cookie", "c" * 60_000, 200, "delivered"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_huge_repeated_or_invalid_header_has_a_response(
    name: str, value: str, code: int, status: str | None
) -> None:
    fresh = {"x-shopify-webhook-id": f"{name}-{value[:60]}"}

    result = answer(product_body(next(NUMBERS)), fresh | {name: value})

    assert (result[0], result[1].get("status")) == (code, status)


# Clocks.


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    "epoch", [0, -1, 10**20, 4102444800000, float("nan"), float("inf"), "now", None, [], True]
)
def test_a_request_with_any_time_has_a_response(epoch: Any) -> None:
    result = answer(product_body(210), {"x-shopify-webhook-id": f"epoch-{epoch}"}, timeEpoch=epoch)

    assert result[0] == 200
    assert result[1]["status"] in {"delivered", "queued"}


def test_a_delete_from_the_year_9999_does_not_block_its_product_for_ever(
    acme: StackHarness,
) -> None:
    acme.shop.send("products/create", product(211, second=10), at=triggered(10))
    acme.shop.send("products/delete", {"id": 211}, at=FAR_FUTURE)
    assert names(acme, 211) == set()

    soon = instant_at(time.time() + 3600)
    reply = acme.shop.send("products/update", product(211) | {"updated_at": soon}, at=soon)

    assert (reply.status, names(acme, 211)) == ("delivered", {"Product 211"})


def test_a_state_from_the_year_9999_does_not_supersede_every_later_one(acme: StackHarness) -> None:
    acme.shop.send(
        "products/create", product(214, title="Mad") | {"updated_at": FAR_FUTURE}, at=FAR_FUTURE
    )
    assert names(acme, 214) == {"Mad"}

    soon = instant_at(time.time() + 3600)
    sane = product(214, title="Sane") | {"updated_at": soon}
    reply = acme.shop.send("products/update", sane, at=soon)

    assert (reply.status, names(acme, 214)) == ("delivered", {"Sane"})


# Bodies.


def test_a_body_of_six_megabytes_with_little_mapped_data_is_delivered(acme: StackHarness) -> None:
    body = product_body(212, metafields=[{"value": "m" * 1000}] * 5900)
    assert 5_900_000 < len(body) < 6_291_456

    code, parsed = answer(body, {"x-shopify-webhook-id": "six"})

    assert (code, parsed["status"]) == (200, "delivered")
    assert names(acme, 212) == {"Product 212"}


def test_a_description_of_six_megabytes_is_a_dead_letter_with_its_reason(
    acme: StackHarness,
) -> None:
    body = product_body(213, body_html="d" * 6_000_000)

    _, parsed = answer(body, {"x-shopify-webhook-id": "long-description"})

    assert parsed["status"] == "dead_letter"
    facts = find_dead_letter(acme, "long-description")["MessageAttributes"]
    assert facts["reason"]["StringValue"] == "larger than 5 MiB"


def test_random_bytes_with_a_valid_signature_are_a_dead_letter_in_the_bucket(
    acme: StackHarness,
) -> None:
    body = random.Random(3).randbytes(4_500_000)

    _, parsed = answer(body, {"x-shopify-webhook-id": "random"})

    found = find_dead_letter(acme, "random")
    assert parsed["status"] == "dead_letter"
    assert found["MessageAttributes"]["reason"]["StringValue"] == "the body is not JSON"
    assert (pointer_of(found["Body"]) or "").startswith("bodies/")

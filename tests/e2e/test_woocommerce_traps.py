"""The traps of WooCommerce's webhooks, each on the whole stack with a store that can be queried."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from cli.local.aws import TABLE
from functions.replay.app import handler
from shared import wiring
from tests.e2e.conftest import until
from tests.e2e.shop import product as shopify_product
from tests.e2e.test_dead_letters import Remaining
from tests.e2e.woo_shop import KEYS, WooStack, running_woo_stack, secrets
from tests.sources.woo import customer, order, product, variable, variation

SIMPLE: dict[str, Any] = {"categories": []}
TEE = {"no-variants": "Tee"}
# Every test has its own objects in a store that runs for all tests.
IDS = itertools.count(1001)


@pytest.fixture(scope="module")
def running() -> Iterator[WooStack]:
    with running_woo_stack() as one:
        yield one


@pytest.fixture
def shop(running: WooStack) -> Iterator[WooStack]:
    yield running
    running.double.clear_faults()


def _tee(shop: WooStack) -> int:
    """Add a simple product to the store; return its id."""
    number = next(IDS)
    shop.held.put(product(id=number, **SIMPLE))
    return number


def _shirt(shop: WooStack) -> tuple[int, int, int]:
    """Add a variable product with two variations to the store; return the ids."""
    parent, first, second = next(IDS), next(IDS), next(IDS)
    shop.held.put(
        variable(id=parent, variations=[], **SIMPLE),
        variation(id=first, parent_id=parent),
        variation(id=second, parent_id=parent),
    )
    return parent, first, second


def _now(shop: WooStack, number: int) -> Any:
    return dict(shop.held.products[number])


def _counted(out: str, metric: str) -> int:
    return sum(line.count(f'"{metric}":[') for line in out.splitlines() if '"_aws"' in line)


def _deliver(shop: WooStack, topic: str, body: object) -> None:
    """Send a webhook, and wait until the queue is empty."""
    assert shop.sender.send(topic, body).status_code == 200
    assert shop.harness.settled()


def test_a_ping_is_answered_exactly_200_without_any_effect() -> None:
    with running_woo_stack() as shop:
        url = f"{shop.harness.stack.gateway}/webhooks/woocommerce"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        response = shop.sender.session.post(url, data=b"webhook_id=7", headers=kind, timeout=30)

        assert (response.status_code, response.content) == (200, b"")
        assert shop.harness.waiting() == 0
        assert boto3.client("dynamodb").scan(TableName=TABLE)["Items"] == []
        assert (shop.double.requests, shop.harness.calls()) == ([], [])


def test_two_bodies_with_one_delivery_id_are_both_delivered(shop: WooStack) -> None:
    tee, cap = next(IDS), next(IDS)
    both = (product(id=tee, **SIMPLE), product(id=cap, name="Cap", **SIMPLE))
    shop.held.put(*both)
    for one in both:
        response = shop.sender.send(
            "product.updated", one, **{"X-WC-Webhook-Delivery-ID": "a" * 32}
        )
        assert response.status_code == 200
    assert shop.harness.settled()

    assert (shop.rows(tee), shop.rows(cap)) == (TEE, {"no-variants": "Cap"})


def test_an_order_updated_before_its_create_ends_with_its_newest_state(shop: WooStack) -> None:
    newer = order(id=next(IDS), date_modified_gmt="2026-11-20T08:00:09")
    shop.held.orders[newer["id"]] = {**newer, "status": "cancelled"}
    _deliver(shop, "order.updated", {**newer, "status": "cancelled"})
    _deliver(shop, "order.created", {**newer, "date_modified_gmt": "2026-11-20T08:00:01"})

    assert shop.harness.state()["orders"][str(newer["id"])]["order_status"] == "cancelled"


def test_with_a_key_the_order_is_delivered_as_the_store_has_it(shop: WooStack) -> None:
    placed = order(id=next(IDS), status="cancelled")
    shop.held.orders[placed["id"]] = {**placed, "status": "processing"}
    _deliver(shop, "order.updated", placed)

    assert shop.harness.state()["orders"][str(placed["id"])]["order_status"] == "completed"


def test_a_staging_copy_with_the_same_secret_is_rejected_and_counted(
    shop: WooStack, capsys: pytest.CaptureFixture[str]
) -> None:
    tee = _tee(shop)
    answers = [
        shop.sender.send("product.updated", _now(shop, tee), **{"X-WC-Webhook-Source": home})
        for home in ("https://staging.shop.example/", f"{shop.double.url}/")
    ]

    assert [one.status_code for one in answers] == [401, 200]
    assert shop.harness.settled()
    assert _counted(capsys.readouterr().out, "NotOurs") == 1


def test_trash_restore_trash_ends_with_the_product_deleted(shop: WooStack) -> None:
    tee = _tee(shop)
    _deliver(shop, "product.created", _now(shop, tee))
    shop.held.trash(tee)
    _deliver(shop, "product.deleted", {"id": tee})
    gone = shop.rows(tee)
    shop.held.restore(tee)
    _deliver(shop, "product.restored", _now(shop, tee))
    back = shop.rows(tee)
    shop.held.trash(tee)
    _deliver(shop, "product.deleted", {"id": tee})

    assert (gone, back, shop.rows(tee)) == ({}, TEE, {})


def test_the_delete_of_a_page_or_coupon_changes_nothing_at_the_platform_and_is_counted(
    shop: WooStack, capsys: pytest.CaptureFixture[str]
) -> None:
    tee = _tee(shop)
    _deliver(shop, "product.created", _now(shop, tee))
    calls = len(shop.harness.calls())
    capsys.readouterr()
    _deliver(shop, "product.deleted", {"id": next(IDS)})
    _deliver(shop, "coupon.deleted", {"id": tee})

    assert shop.rows(tee) == TEE
    assert len(shop.harness.calls()) == calls
    assert _counted(capsys.readouterr().out, "phantom_delete") == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503},
        {"status": 200, "body": "<html>Just a moment</html>"},
        {"status": 301, "headers": {"Location": "https://elsewhere.example/"}},
        {"reset": True},
    ],
    ids=["down", "HTML", "a redirect", "cut"],
)
def test_a_delete_waits_while_the_store_is_unavailable_and_is_then_applied(
    shop: WooStack, fault: Any
) -> None:
    tee = _tee(shop)
    _deliver(shop, "product.created", _now(shop, tee))
    shop.held.trash(tee)
    shop.double.fault(**fault)
    requests_before = len(shop.double.requests)
    assert shop.sender.send("product.deleted", {"id": tee}).status_code == 200
    assert until(lambda: len(shop.double.requests) >= requests_before + 2)

    assert shop.rows(tee) == TEE
    # For a moment both the old and the new message exist.
    assert until(lambda: shop.harness.waiting() == 1)
    assert shop.harness.dead() == 0
    shop.double.clear_faults()
    assert shop.harness.settled()
    assert shop.rows(tee) == {}


def test_a_key_that_the_store_rejects_raises_an_alarm_and_the_webhook_waits(
    shop: WooStack, capsys: pytest.CaptureFixture[str]
) -> None:
    tee = _tee(shop)
    body = '{"code":"woocommerce_rest_cannot_view","message":"No.","data":{"status":401}}'
    shop.double.fault(status=401, body=body)
    requests_before = len(shop.double.requests)
    assert shop.sender.send("product.deleted", {"id": tee}).status_code == 200
    assert until(lambda: len(shop.double.requests) >= requests_before + 2)

    # For a moment both the old and the new message exist.
    assert until(lambda: shop.harness.waiting() == 1)
    assert shop.harness.dead() == 0
    assert _counted(capsys.readouterr().out, "StoreRefused") >= 1
    shop.double.clear_faults()
    assert shop.harness.settled()
    assert shop.rows(tee) == TEE


def test_a_deleted_variation_is_removed_from_its_product(shop: WooStack) -> None:
    shirt, first, second = _shirt(shop)
    _deliver(shop, "product.created", _now(shop, shirt))
    before = shop.rows(shirt)
    shop.held.delete(second)
    action = "woocommerce_delete_product_variation"
    _deliver(shop, f"action.{action}", {"action": action, "arg": second})

    assert before == {str(first): "Tee", str(second): "Tee"}
    assert shop.rows(shirt) == {str(first): "Tee"}


def test_a_body_from_before_the_deletion_does_not_restore_a_product(shop: WooStack) -> None:
    tee = _tee(shop)
    late = _now(shop, tee)
    shop.held.delete(tee)
    action = "woocommerce_before_delete_product"
    _deliver(shop, f"action.{action}", {"action": action, "arg": tee})
    _deliver(shop, "product.created", late)

    assert shop.rows(tee) == {}


def test_without_a_key_only_the_signed_action_removes_a_product() -> None:
    with running_woo_stack(keys={}) as shop:
        tee = _tee(shop)
        _deliver(shop, "product.created", _now(shop, tee))
        _deliver(shop, "product.deleted", {"id": tee})
        there = shop.rows(tee)
        action = "woocommerce_before_delete_product"
        _deliver(shop, f"action.{action}", {"action": action, "arg": tee})

        assert (there, shop.rows(tee), shop.double.requests) == (TEE, {}, [])
        assert shop.harness.violations() == []


def test_without_a_key_a_state_that_comes_back_in_the_same_second_is_sent_again() -> None:
    with running_woo_stack(keys={}) as shop:
        first = product(id=next(IDS), **SIMPLE)
        _deliver(shop, "product.updated", first)
        _deliver(shop, "product.updated", {**first, "name": "Tea"})
        between = shop.rows(first["id"])
        _deliver(shop, "product.updated", first)

        assert between == {"no-variants": "Tea"}
        assert shop.rows(first["id"]) == TEE


def test_without_a_key_a_copy_changes_nothing_and_purchases_nothing_again() -> None:
    with running_woo_stack(keys={}) as shop:
        placed = order(id=next(IDS))
        _deliver(shop, "order.created", placed)
        calls = len(shop.harness.calls())
        for topic in ("order.created", "order.updated", "order.restored"):
            _deliver(shop, topic, placed)

        assert len(shop.harness.calls()) == calls


def test_without_a_key_a_variable_product_is_a_dead_letter_until_there_is_a_key() -> None:
    with running_woo_stack(keys={}) as shop:
        shirt, first, second = _shirt(shop)
        _deliver(shop, "product.created", _now(shop, shirt))
        (dead_letter,) = _dead_letters(shop)
        _add_key(shop)
        assert handler({"dry_run": False}, Remaining())["replayed"] == 1

        assert dead_letter["reason"]["StringValue"] == (
            "the store must be queried for its variations, and the secret has no consumer key"
        )
        assert dead_letter["path"]["StringValue"] == "$.variations"
        assert until(lambda: shop.rows(shirt) == {str(first): "Tee", str(second): "Tee"})
        assert shop.harness.dead() == 0


def _dead_letters(shop: WooStack) -> list[Any]:
    response = shop.harness.stack.sqs.receive_message(
        QueueUrl=shop.harness.stack.resources.dead_letters,
        MessageAttributeNames=["All"],
        VisibilityTimeout=0,
    )
    return [one["MessageAttributes"] for one in response.get("Messages", [])]


def _add_key(shop: WooStack) -> None:
    """Write the key to the secret, for newly started containers."""
    boto3.client("secretsmanager").put_secret_value(
        SecretId=shop.harness.stack.resources.secret, SecretString=json.dumps(secrets(KEYS))
    )
    wiring.reset()


def test_inline_a_slow_store_does_not_delay_the_response() -> None:
    with running_woo_stack(mode="inline") as shop:
        shirt, first, second = _shirt(shop)
        # Once: a second query would succeed, but the shop's deadline does not allow it.
        shop.double.fault(delay=5, count=1)
        response = shop.sender.send("product.created", _now(shop, shirt))

        assert response.json()["status"] == "queued"
        assert shop.harness.settled()
        assert shop.rows(shirt) == {str(first): "Tee", str(second): "Tee"}


def test_a_merchant_may_have_stores_of_both_kinds() -> None:
    with running_woo_stack(sources=("shopify", "woocommerce")) as shop:
        tee = _tee(shop)
        _deliver(shop, "product.created", _now(shop, tee))
        shop.held.customers[61] = customer()
        _deliver(shop, "customer.created", customer())
        assert shop.harness.shop.send("products/create", shopify_product(7)).status == "delivered"

        assert (shop.rows(tee), shop.rows(7)) == (TEE, {"71": "Product 7", "72": "Product 7"})
        assert shop.harness.state()["users"].keys() == {"61"}
        assert shop.harness.violations() == []

"""The traps of WooCommerce's webhooks, each on the whole stack with a store that can be asked."""

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
from tests.e2e.woo_shop import KEYS, WooStack, secrets, running_woo_stack
from tests.sources.woo import customer, order, product, variable, variation

SIMPLE: dict[str, Any] = {"categories": []}
TEE = {"no-variants": "Tee"}
# Every test has things of its own in a store that runs for all of them.
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
    """Put a simple product into the store."""
    number = next(IDS)
    shop.held.put(product(id=number, **SIMPLE))
    return number


def _shirt(shop: WooStack) -> tuple[int, int, int]:
    """Put a variable product with two variations into the store."""
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


def _says(shop: WooStack, topic: str, body: object) -> None:
    """Send a webhook, and wait until it is done."""
    assert shop.sends.send(topic, body).status_code == 200
    assert shop.world.settled()


def test_a_ping_is_answered_exactly_200_and_nothing_follows() -> None:
    with running_woo_stack() as shop:
        url = f"{shop.world.stack.gateway}/webhooks/woocommerce"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        response = shop.sends.session.post(url, data=b"webhook_id=7", headers=kind, timeout=30)

        assert (response.status_code, response.content) == (200, b"")
        assert shop.world.waiting() == 0
        assert boto3.client("dynamodb").scan(TableName=TABLE)["Items"] == []
        assert (shop.double.requests, shop.world.calls()) == ([], [])


def test_two_bodies_under_one_delivery_id_both_arrive(shop: WooStack) -> None:
    tee, cap = next(IDS), next(IDS)
    for one in (product(id=tee, **SIMPLE), product(id=cap, name="Cap", **SIMPLE)):
        response = shop.sends.send("product.updated", one, **{"X-WC-Webhook-Delivery-ID": "a" * 32})
        assert response.status_code == 200
    assert shop.world.settled()

    assert (shop.rows(tee), shop.rows(cap)) == (TEE, {"no-variants": "Cap"})


def test_an_order_that_is_updated_before_it_is_created_ends_as_it_is(shop: WooStack) -> None:
    newer = order(id=next(IDS), date_modified_gmt="2026-11-20T08:00:09")
    _says(shop, "order.updated", {**newer, "status": "cancelled"})
    _says(shop, "order.created", {**newer, "date_modified_gmt": "2026-11-20T08:00:01"})

    assert shop.world.state()["orders"][str(newer["id"])]["order_status"] == "cancelled"


def test_trash_restore_trash_ends_in_gone(shop: WooStack) -> None:
    tee = _tee(shop)
    _says(shop, "product.created", _now(shop, tee))
    shop.held.trash(tee)
    _says(shop, "product.deleted", {"id": tee})
    gone = shop.rows(tee)
    shop.held.restore(tee)
    _says(shop, "product.restored", _now(shop, tee))
    back = shop.rows(tee)
    shop.held.trash(tee)
    _says(shop, "product.deleted", {"id": tee})

    assert (gone, back, shop.rows(tee)) == ({}, TEE, {})


def test_the_end_of_a_page_or_coupon_changes_nothing_at_the_platform_and_is_counted(
    shop: WooStack, capsys: pytest.CaptureFixture[str]
) -> None:
    tee = _tee(shop)
    _says(shop, "product.created", _now(shop, tee))
    calls = len(shop.world.calls())
    capsys.readouterr()
    _says(shop, "product.deleted", {"id": next(IDS)})
    _says(shop, "coupon.deleted", {"id": tee})

    assert shop.rows(tee) == TEE
    assert len(shop.world.calls()) == calls
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
def test_while_the_store_cannot_be_asked_nothing_is_guessed_and_then_it_is_told(
    shop: WooStack, fault: Any
) -> None:
    tee = _tee(shop)
    _says(shop, "product.created", _now(shop, tee))
    shop.held.trash(tee)
    shop.double.fault(**fault)
    asked = len(shop.double.requests)
    assert shop.sends.send("product.deleted", {"id": tee}).status_code == 200
    assert until(lambda: len(shop.double.requests) >= asked + 2)

    assert shop.rows(tee) == TEE
    # For a moment the old message and the new one are both there.
    assert until(lambda: shop.world.waiting() == 1)
    assert shop.world.dead() == 0
    shop.double.clear_faults()
    assert shop.world.settled()
    assert shop.rows(tee) == {}


def test_a_key_that_the_store_refuses_is_an_alarm_and_the_webhook_waits(
    shop: WooStack, capsys: pytest.CaptureFixture[str]
) -> None:
    tee = _tee(shop)
    body = '{"code":"woocommerce_rest_cannot_view","message":"No.","data":{"status":401}}'
    shop.double.fault(status=401, body=body)
    asked = len(shop.double.requests)
    assert shop.sends.send("product.deleted", {"id": tee}).status_code == 200
    assert until(lambda: len(shop.double.requests) >= asked + 2)

    # For a moment the old message and the new one are both there.
    assert until(lambda: shop.world.waiting() == 1)
    assert shop.world.dead() == 0
    assert _counted(capsys.readouterr().out, "StoreRefused") >= 1
    shop.double.clear_faults()
    assert shop.world.settled()
    assert shop.rows(tee) == TEE


def test_a_variation_that_is_deleted_for_good_leaves_its_product_without_it(shop: WooStack) -> None:
    shirt, first, second = _shirt(shop)
    _says(shop, "product.created", _now(shop, shirt))
    before = shop.rows(shirt)
    shop.held.delete(second)
    action = "woocommerce_delete_product_variation"
    _says(shop, f"action.{action}", {"action": action, "arg": second})

    assert before == {str(first): "Tee", str(second): "Tee"}
    assert shop.rows(shirt) == {str(first): "Tee"}


def test_a_body_from_before_the_end_does_not_bring_a_product_back(shop: WooStack) -> None:
    tee = _tee(shop)
    late = _now(shop, tee)
    shop.held.delete(tee)
    action = "woocommerce_before_delete_product"
    _says(shop, f"action.{action}", {"action": action, "arg": tee})
    _says(shop, "product.created", late)

    assert shop.rows(tee) == {}


def test_without_a_key_a_hint_removes_only_what_the_ledger_knows() -> None:
    with running_woo_stack(keys={}) as shop:
        tee = _tee(shop)
        _says(shop, "product.created", _now(shop, tee))
        calls = len(shop.world.calls())
        _says(shop, "product.deleted", {"id": next(IDS)})
        untouched = len(shop.world.calls()) == calls
        _says(shop, "product.deleted", {"id": tee})

        assert untouched
        assert (shop.rows(tee), shop.double.requests) == ({}, [])
        assert shop.world.violations() == []


def test_without_a_key_a_variable_product_is_a_dead_letter_that_the_key_heals() -> None:
    with running_woo_stack(keys={}) as shop:
        shirt, first, second = _shirt(shop)
        _says(shop, "product.created", _now(shop, shirt))
        (letter,) = _letters(shop)
        _gets_a_key(shop)
        assert handler({"dry_run": False}, Remaining())["replayed"] == 1

        assert letter["reason"]["StringValue"] == (
            "the store must be asked for its variations, and the secret has no consumer key"
        )
        assert letter["path"]["StringValue"] == "$.variations"
        assert until(lambda: shop.rows(shirt) == {str(first): "Tee", str(second): "Tee"})
        assert shop.world.dead() == 0


def _letters(shop: WooStack) -> list[Any]:
    response = shop.world.stack.sqs.receive_message(
        QueueUrl=shop.world.stack.resources.dead_letters,
        MessageAttributeNames=["All"],
        VisibilityTimeout=0,
    )
    return [one["MessageAttributes"] for one in response.get("Messages", [])]


def _gets_a_key(shop: WooStack) -> None:
    """Put the key into the secret, for containers that start anew."""
    boto3.client("secretsmanager").put_secret_value(
        SecretId=shop.world.stack.resources.secret, SecretString=json.dumps(secrets(KEYS))
    )
    wiring.reset()


def test_inline_a_store_that_is_too_slow_does_not_keep_the_shop_waiting() -> None:
    with running_woo_stack(mode="inline") as shop:
        shirt, first, second = _shirt(shop)
        # Once; it would be asked again at once, and answer, were it not for the shop's time.
        shop.double.fault(delay=5, count=1)
        response = shop.sends.send("product.created", _now(shop, shirt))

        assert response.json()["status"] == "queued"
        assert shop.world.settled()
        assert shop.rows(shirt) == {str(first): "Tee", str(second): "Tee"}


def test_a_merchant_may_have_stores_of_both_kinds() -> None:
    with running_woo_stack(sources=("shopify", "woocommerce")) as shop:
        tee = _tee(shop)
        _says(shop, "product.created", _now(shop, tee))
        _says(shop, "customer.created", customer())
        assert shop.world.shop.send("products/create", shopify_product(7)).status == "delivered"

        assert (shop.rows(tee), shop.rows(7)) == (TEE, {"71": "Product 7", "72": "Product 7"})
        assert shop.world.state()["users"].keys() == {"61"}
        assert shop.world.violations() == []

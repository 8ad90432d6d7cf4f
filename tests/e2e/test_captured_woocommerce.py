"""
What one captured WooCommerce delivery can do without the secret: its body is signed, and whoever
sends it again chooses every header. The rows of docs/security.md, on the whole stack.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.woo_shop import WooStack, running_woo_stack
from tests.sources.woo import customer, order, product

SIMPLE: dict[str, Any] = {"categories": []}
TOPICS = [
    f"{kind}.{event}"
    for kind in ("product", "order")
    for event in ("created", "updated", "restored", "deleted")
]
BEFORE_DELETE = "woocommerce_before_delete_product"
IDS = itertools.count(3001)


@pytest.fixture(scope="module")
def keyless() -> Iterator[WooStack]:
    with running_woo_stack(keys={}) as one:
        yield one


def _deliver(shop: WooStack, topic: str, body: object) -> None:
    assert shop.sender.send(topic, body).status_code == 200
    assert shop.harness.settled()


def _state(shop: WooStack) -> str:
    return json.dumps(shop.harness.state(), sort_keys=True, default=str)


def test_without_a_key_an_old_body_changes_nothing_under_any_topic(keyless: WooStack) -> None:
    number = next(IDS)
    old = product(id=number, **SIMPLE)
    new = {**old, "name": "New", "date_modified_gmt": "2026-11-20T09:00:00"}
    for body in (old, new):
        _deliver(keyless, "product.updated", body)
    before = _state(keyless)
    for topic in TOPICS:
        _deliver(keyless, topic, old)

    assert _state(keyless) == before


def test_without_a_key_a_restored_product_of_before_does_not_come_back(keyless: WooStack) -> None:
    old = product(id=next(IDS), **SIMPLE)
    _deliver(keyless, "product.restored", old)
    _deliver(keyless, f"action.{BEFORE_DELETE}", {"action": BEFORE_DELETE, "arg": old["id"]})
    _deliver(keyless, "product.restored", old)

    assert keyless.rows(old["id"]) == {}


def test_without_a_key_the_bare_id_of_one_thing_removes_no_other(keyless: WooStack) -> None:
    number = next(IDS)
    _deliver(keyless, "product.created", product(id=number, **SIMPLE))
    _deliver(keyless, "order.created", order(id=number))
    _deliver(keyless, "customer.created", customer(id=number))
    before = _state(keyless)
    for kind in ("product", "order", "customer"):
        _deliver(keyless, f"{kind}.deleted", {"id": number})

    assert _state(keyless) == before


def test_without_a_key_a_body_of_the_same_modified_time_is_put_back(keyless: WooStack) -> None:
    # This is possible: nothing that is signed says which of both was later.
    first = product(id=next(IDS), **SIMPLE)
    for body in (first, {**first, "name": "Later"}, first):
        _deliver(keyless, "product.updated", body)

    assert keyless.rows(first["id"]) == {"no-variants": "Tee"}


def test_with_a_key_no_body_under_any_topic_changes_what_the_store_holds() -> None:
    with running_woo_stack() as shop:
        number = next(IDS)
        now = product(id=number, name="Now", **SIMPLE)
        placed = order(id=number, status="completed")
        shop.held.put(now)
        shop.held.orders[number] = placed
        _deliver(shop, "product.updated", now)
        _deliver(shop, "order.updated", placed)
        before = _state(shop)
        captured: tuple[Any, ...] = (
            product(id=number, **SIMPLE),
            product(id=number, status="trash", **SIMPLE),
            order(id=number, status="cancelled"),
            {"id": number},
        )
        for topic, body in itertools.product(TOPICS, captured):
            assert shop.sender.send(topic, body).status_code == 200
        assert shop.harness.settled()

        assert _state(shop) == before
        assert shop.harness.dead() == 0


def test_with_a_key_the_action_of_a_deletion_removes_nothing_that_is_there() -> None:
    with running_woo_stack() as shop:
        now = product(id=next(IDS), **SIMPLE)
        shop.held.put(now)
        _deliver(shop, "product.updated", now)
        _deliver(shop, f"action.{BEFORE_DELETE}", {"action": BEFORE_DELETE, "arg": now["id"]})

        assert shop.rows(now["id"]) == {"no-variants": "Tee"}


def test_no_body_that_a_store_signs_erases_a_person(keyless: WooStack) -> None:
    person = customer(id=next(IDS))
    _deliver(keyless, "customer.created", person)
    before = _state(keyless)
    for body in (person, {"id": person["id"]}, order(customer_id=person["id"])):
        _deliver(keyless, "shoprelay.redact", body)

    assert _state(keyless) == before

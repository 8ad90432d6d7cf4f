"""
A body of another topic with a valid signature, which covers only the body. A body that shows that
it is of another topic is a dead letter with the path; bodies that do not show it are listed here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shared.errors import NotUnderstood
from shared.sources.contract import Translated
from shared.sources.shopify.topics import HANDLED
from tests.sources.shop import EVENTS, SHOP, translate

OTHER = "the body is of another topic"
PRODUCT: dict[str, Any] = json.loads(
    (EVENTS / "shopify" / "products__update__on_sale.json").read_bytes()
)
ORDER: dict[str, Any] = json.loads(
    (EVENTS / "shopify" / "orders__create__registered.json").read_bytes()
)
CUSTOMER: dict[str, Any] = json.loads(
    (EVENTS / "shopify" / "customers__update__moved.json").read_bytes()
)
CART: dict[str, Any] = json.loads(
    (EVENTS / "shopify" / "carts__update__two_lines.json").read_bytes()
)
CHECKOUT: dict[str, Any] = json.loads(
    (EVENTS / "shopify" / "checkouts__update__customer_known.json").read_bytes()
)
REDACT: dict[str, Any] = json.loads(
    (EVENTS / "shopify" / "customers__redact__with_orders.json").read_bytes()
)
REQUEST: dict[str, Any] = json.loads(
    (EVENTS / "shopify" / "customers__data_request__one_customer.json").read_bytes()
)
# The bodies that two resources have in common. The ids of different resources are different in one
# shop, so that nothing that exists is changed.
SIMILAR = {
    ("products/delete", "orders/delete"),
    ("products/delete", "customers/delete"),
    ("orders/delete", "products/delete"),
    ("orders/delete", "customers/delete"),
}


def rejection(topic: str, body: Any) -> tuple[str, str]:
    with pytest.raises(NotUnderstood) as caught:
        translate(topic, body)
    return caught.value.reason, caught.value.path


@pytest.mark.parametrize(
    ("body", "topic", "path"),
    [
        (ORDER, "products/create", "$.admin_graphql_api_id"),
        (ORDER, "customers/update", "$.admin_graphql_api_id"),
        (ORDER, "customers/delete", "$.created_at"),
        (ORDER, "customers/redact", "$.orders_to_redact"),
        (ORDER, "customers/data_request", "$.orders_requested"),
        (ORDER, "shop/redact", "$.shop_domain"),
        (ORDER, "carts/update", "$.cart_token"),
        (ORDER, "checkouts/create", "$.checkout_token"),
        (PRODUCT, "products/delete", "$.created_at"),
        (PRODUCT, "orders/create", "$.admin_graphql_api_id"),
        (PRODUCT, "orders/delete", "$.admin_graphql_api_id"),
        (PRODUCT, "customers/create", "$.admin_graphql_api_id"),
        (PRODUCT, "variants/out_of_stock", "$.admin_graphql_api_id"),
        (PRODUCT, "shop/redact", "$.shop_domain"),
        (CUSTOMER, "customers/delete", "$.created_at"),
        (CUSTOMER, "customers/redact", "$.customer"),
        (CUSTOMER, "products/update", "$.admin_graphql_api_id"),
        (CUSTOMER, "shop/redact", "$.shop_domain"),
        (CART, "checkouts/create", "$.currency"),
        (CART, "products/delete", "$.created_at"),
        (CHECKOUT, "carts/create", "$.cart_token"),
        (CHECKOUT, "orders/create", "$"),
        (REDACT, "shop/redact", "$.customer"),
        (REDACT, "customers/data_request", "$.orders_requested"),
        (REDACT, "customers/delete", "$.shop_domain"),
        (REQUEST, "customers/redact", "$.orders_to_redact"),
        (REQUEST, "shop/redact", "$.customer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_signed_body_under_another_topic_is_not_understood(
    body: Any, topic: str, path: str
) -> None:
    assert rejection(topic, body)[1] == path


def test_a_signed_body_of_another_topic_does_not_purge_the_shop() -> None:
    assert rejection("shop/redact", CUSTOMER) == (OTHER, "$.shop_domain")
    assert rejection("shop/redact", REDACT) == (OTHER, "$.customer")


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("shop/redact", {"shop_id": 1}),
        ("customers/redact", {"customer": {"id": 1}, "orders_to_redact": []}),
        ("customers/data_request", {"customer": {"id": 1}, "orders_requested": []}),
    ],
)
def test_a_redaction_of_another_shop_of_the_same_app_is_not_understood(
    topic: str, body: dict[str, Any]
) -> None:
    another = body | {"shop_domain": "other.myshopify.com"}

    assert rejection(topic, another) == ("the body is about another shop", "$.shop_domain")
    assert translate(topic, body | {"shop_domain": SHOP.upper()}).notice


def events() -> list[tuple[str, Path]]:
    return [
        ("/".join(path.stem.split("__")[:2]), path)
        for path in sorted((EVENTS / "shopify").glob("*.json"))
    ]


@pytest.mark.parametrize("topic", sorted(HANDLED))
def test_an_event_under_a_topic_of_another_resource_changes_nothing(topic: str) -> None:
    changed = {
        (own, topic)
        for own, path in events()
        if own.partition("/")[0] != topic.partition("/")[0] and _changes(topic, path)
    }

    assert changed <= SIMILAR


def _changes(topic: str, path: Path) -> bool:
    try:
        found = translate(topic, path.read_bytes())
    except NotUnderstood:
        return False
    return bool(found.changes or (found.notice and topic != "app/uninstalled"))


def test_an_order_under_another_order_topic_is_the_same_order() -> None:
    created, paid = translate("orders/create", ORDER), translate("orders/paid", ORDER)

    assert _order(created) == _order(paid)


def _order(found: Translated) -> object:
    return found.changes[-1].entity

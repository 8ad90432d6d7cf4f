"""The stand-in of the Admin API rejects what the real one rejects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from cli.sandbox.shopify.double import AdminDouble

ADDRESS = "https://hooks.example/x"
CREATE = """mutation($topic: WebhookSubscriptionTopic!, $input: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $input) {
    webhookSubscription { id topic uri format } userErrors { field message } } }"""
UPDATE = """mutation($id: ID!, $input: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $input) {
    webhookSubscription { id } userErrors { field message } } }"""
DELETE = """mutation($id: ID!) { webhookSubscriptionDelete(id: $id) {
    deletedWebhookSubscriptionId userErrors { field message } } }"""
PAGE = """query($after: String) { webhookSubscriptions(first: 2, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture
def shop() -> Iterator[AdminDouble]:
    with AdminDouble() as double:
        yield double


def query_api(
    shop: AdminDouble,
    query: str,
    *,
    token: str = "shpat_demo",
    version: str = "2026-10",
    **variables: Any,
) -> requests.Response:
    return requests.post(
        f"{shop.url}/admin/api/{version}/graphql.json",
        json={"query": query, "variables": variables},
        headers={"X-Shopify-Access-Token": token},
        timeout=5,
    )


def codes(response: requests.Response) -> list[str]:
    assert response.status_code == 200
    return [one["extensions"]["code"] for one in response.json()["errors"]]


def user_errors(response: requests.Response) -> list[tuple[list[str], str]]:
    [payload] = response.json()["data"].values()
    return [(one["field"], one["message"]) for one in payload["userErrors"]]


CALLBACK = ["webhookSubscription", "callbackUrl"]


def test_the_same_address_for_a_topic_is_accepted_once(shop: AdminDouble) -> None:
    arguments: dict[str, Any] = {"topic": "ORDERS_CREATE", "input": {"uri": ADDRESS}}

    assert user_errors(query_api(shop, CREATE, **arguments)) == []
    assert user_errors(query_api(shop, CREATE, **arguments)) == [
        (CALLBACK, "Address for this topic has already been taken")
    ]
    filtered: dict[str, Any] = {
        "topic": "ORDERS_CREATE",
        "input": {"uri": ADDRESS, "filter": "id:1"},
    }
    assert user_errors(query_api(shop, CREATE, **filtered)) == []


@pytest.mark.parametrize("query", [UPDATE, DELETE])
def test_an_unknown_subscription_is_a_user_error(shop: AdminDouble, query: str) -> None:
    arguments = {"id": "gid://shopify/WebhookSubscription/9"}
    more: dict[str, Any] = {"input": {"uri": ADDRESS}} if query is UPDATE else {}

    assert user_errors(query_api(shop, query, **arguments, **more)) == [
        (["id"], "Webhook subscription does not exist")
    ]


def test_pages_end_as_page_info_states(shop: AdminDouble) -> None:
    for number in range(3):
        shop.held.subscribe("ORDERS_CREATE", f"{ADDRESS}{number}")

    first = query_api(shop, PAGE).json()["data"]["webhookSubscriptions"]
    after = first["pageInfo"]["endCursor"]
    second = query_api(shop, PAGE, after=after).json()["data"]["webhookSubscriptions"]

    assert (len(first["nodes"]), first["pageInfo"]["hasNextPage"]) == (2, True)
    assert (len(second["nodes"]), second["pageInfo"]["hasNextPage"]) == (1, False)


@pytest.mark.parametrize("topic", ["CUSTOMERS_REDACT", "orders/create", "ORDERS_UPDATE"])
def test_an_unknown_topic_is_an_invalid_variable(shop: AdminDouble, topic: str) -> None:
    assert codes(query_api(shop, CREATE, topic=topic, input={"uri": ADDRESS})) == [
        "INVALID_VARIABLE"
    ]


def test_an_input_of_an_older_schema_is_an_invalid_variable(shop: AdminDouble) -> None:
    response = query_api(shop, CREATE, topic="ORDERS_CREATE", input={"address": ADDRESS})

    assert codes(response) == ["INVALID_VARIABLE"]


def test_an_unknown_field_is_an_error(shop: AdminDouble) -> None:
    assert codes(query_api(shop, "query { shop { moon } }")) == ["undefinedField"]


def test_an_empty_bucket_throttles_and_returns_the_cost(shop: AdminDouble) -> None:
    shop.held.available = 9.0

    response = query_api(shop, CREATE, topic="ORDERS_CREATE", input={"uri": ADDRESS})

    assert codes(response) == ["THROTTLED"]
    assert response.json()["extensions"]["cost"] == {
        "requestedQueryCost": 10.0,
        "throttleStatus": {
            "maximumAvailable": 2000.0,
            "currentlyAvailable": 9.0,
            "restoreRate": 100.0,
        },
    }
    assert shop.held.subscriptions == []


def test_an_unknown_token_and_an_unknown_version_are_rejected(shop: AdminDouble) -> None:
    assert query_api(shop, PAGE, token="shpat_other").status_code == 401
    assert query_api(shop, PAGE, version="2024-01").status_code == 404

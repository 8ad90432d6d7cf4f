"""
The few operations that the double supports. It does not parse GraphQL: it finds the requested
field, and checks that every word of a query and every key of an input is in the schema (2026-10).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from cli.sandbox.exchange import Response
from cli.sandbox.shopify import responses
from cli.sandbox.shopify.store_data import TOPICS, Json, StoreData

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FIRST = re.compile(r"webhookSubscriptions\s*\(\s*first:\s*(\d+)")
_ARGUMENTS = re.compile(r"\([^()]*\)")
_OPERATION = re.compile(r"^\s*(query|mutation)(\s+\w+)?\s*(\([^)]*\))?")
_SCHEMA = """
    webhookSubscriptions nodes id topic uri format filter includeFields metafieldNamespaces name
    apiVersion handle createdAt updatedAt pageInfo hasNextPage endCursor webhookSubscription
    webhookSubscriptionCreate webhookSubscriptionUpdate webhookSubscriptionDelete userErrors field
    message deletedWebhookSubscriptionId currentAppInstallation accessScopes shop currencyCode
    myshopifyDomain plan publicDisplayName customers orders firstName email
"""
_FIELDS = frozenset(_WORD.findall(_SCHEMA))
_INPUT = frozenset(
    {"uri", "format", "filter", "includeFields", "metafieldNamespaces", "metafields", "name"}
)
_MUTATION, _PAGE = 10.0, 3.0


class CostBucket(Protocol):
    """A store with a cost bucket."""

    held: StoreData
    requests: list[str]

    def spend(self, cost: float) -> bool:
        """Take points; return False when there are too few."""
        ...


def run(double: CostBucket, query: str, variables: Mapping[str, Any]) -> Response:
    """Return the response to a query."""
    selection = _ARGUMENTS.sub("", _OPERATION.sub("", query))
    unknown = [word for word in _WORD.findall(selection) if word not in _FIELDS]
    if unknown:
        return responses.error(f"Field '{unknown[0]}' doesn't exist", "undefinedField")
    name = next((one for one in _OPERATIONS if one in selection), "currentAppInstallation")
    double.requests.append(name)
    cost = _PAGE if query.lstrip().startswith("query") else _MUTATION
    if not double.spend(cost):
        return responses.throttled(double.held, cost)
    wrong = _wrong(variables)
    if wrong:
        return responses.error(wrong, "INVALID_VARIABLE")
    if "customers" in selection and not double.held.protected:
        denied = "This app is not approved to access the Customer object."
        return responses.error(denied, "ACCESS_DENIED")
    found = _app(double.held) if "currentAppInstallation" in selection else {}
    if name in _OPERATIONS:
        found |= {name: _OPERATIONS[name](double.held, variables, query)}
    return responses.data(double.held, cost, found)


def _wrong(variables: Mapping[str, Any]) -> str:
    topic = variables.get("topic")
    if topic is not None and topic not in TOPICS:
        return (
            f"Variable $topic of type WebhookSubscriptionTopic! was provided invalid value {topic}"
        )
    inputs = [one for one in variables.values() if isinstance(one, dict)]
    unknown = [key for one in inputs for key in one if key not in _INPUT]
    if unknown:
        return f"Variable of type WebhookSubscriptionInput! has no field {unknown[0]}"
    return ""


def _app(held: StoreData) -> Json:
    return {
        "currentAppInstallation": {
            "accessScopes": [{"handle": one} for one in sorted(held.scopes)]
        },
        "shop": {
            "currencyCode": held.currency,
            "myshopifyDomain": held.shop,
            "plan": {"publicDisplayName": "Basic"},
        },
    }


def _page(held: StoreData, variables: Mapping[str, Any], query: str) -> Json:
    first = _FIRST.search(query)
    size = min(int(first[1]), 250) if first else 0
    after = variables.get("after")
    start = int(base64.b64decode(after)) if after else 0
    end = min(start + size, len(held.subscriptions))
    return {
        "nodes": held.subscriptions[start:end],
        "pageInfo": {
            "hasNextPage": end < len(held.subscriptions),
            "endCursor": base64.b64encode(str(end).encode()).decode(),
        },
    }


def _input(variables: Mapping[str, Any]) -> Json:
    return next(dict(one) for one in variables.values() if isinstance(one, dict))


def _create(held: StoreData, variables: Mapping[str, Any], _: str) -> Json:
    made, errors = held.create(variables["topic"], _input(variables))
    return {"webhookSubscription": made, "userErrors": errors}


def _update(held: StoreData, variables: Mapping[str, Any], _: str) -> Json:
    made, errors = held.update(variables["id"], _input(variables))
    return {"webhookSubscription": made, "userErrors": errors}


def _delete(held: StoreData, variables: Mapping[str, Any], _: str) -> Json:
    gone, errors = held.delete(variables["id"])
    return {"deletedWebhookSubscriptionId": gone, "userErrors": errors}


_OPERATIONS: Mapping[str, Callable[[StoreData, Mapping[str, Any], str], Json]] = {
    "webhookSubscriptionCreate": _create,
    "webhookSubscriptionUpdate": _update,
    "webhookSubscriptionDelete": _delete,
    "webhookSubscriptions": _page,
}

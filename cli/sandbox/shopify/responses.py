"""Responses of the Admin API: data and errors; all but the first two with status 200."""

from __future__ import annotations

from typing import Any

from cli.sandbox.exchange import Response, json_response
from cli.sandbox.shopify.store_data import StoreData

UNAUTHORIZED = json_response(
    401,
    {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"},
)
NOT_FOUND = json_response(404, {"errors": "Not Found"})


def cost(held: StoreData, requested: float) -> dict[str, Any]:
    """Return the cost of a query and the rest of the bucket."""
    return {
        "cost": {
            "requestedQueryCost": requested,
            "throttleStatus": {
                "maximumAvailable": 2000.0,
                "currentlyAvailable": held.available,
                "restoreRate": held.restore_rate,
            },
        }
    }


def data(held: StoreData, requested: float, found: dict[str, Any]) -> Response:
    """Return the result of a query."""
    return json_response(200, {"data": found, "extensions": cost(held, requested)})


def throttled(held: StoreData, requested: float) -> Response:
    """Return the error for an empty bucket."""
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    return json_response(200, {"errors": [error], "extensions": cost(held, requested)})


def error(message: str, code: str) -> Response:
    """Return the error for a query that the schema does not allow."""
    return json_response(200, {"errors": [{"message": message, "extensions": {"code": code}}]})

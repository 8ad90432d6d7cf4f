"""How the Admin API says no; all but the first two with status 200."""

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
    """Write what a query costs and what is left."""
    return {
        "cost": {
            "requestedQueryCost": requested,
            "throttleStatus": {
                "maximumAvailable": 2000.0,
                "currentlyAvailable": held.available,
                "restoreRate": held.restored,
            },
        }
    }


def data(held: StoreData, requested: float, found: dict[str, Any]) -> Response:
    """Answer a query."""
    return json_response(200, {"data": found, "extensions": cost(held, requested)})


def throttled(held: StoreData, requested: float) -> Response:
    """Refuse for want of points."""
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    return json_response(200, {"errors": [error], "extensions": cost(held, requested)})


def error(message: str, code: str) -> Response:
    """Refuse a query that the schema does not allow."""
    return json_response(200, {"errors": [{"message": message, "extensions": {"code": code}}]})

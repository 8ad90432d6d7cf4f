"""How the Admin API says no; all but the first two with status 200."""

from __future__ import annotations

from typing import Any

from cli.sandbox.exchange import Answer, answer
from cli.sandbox.shopify.store_data import Held

UNAUTHORIZED = answer(
    401,
    {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"},
)
NOT_FOUND = answer(404, {"errors": "Not Found"})


def cost(held: Held, requested: float) -> dict[str, Any]:
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


def data(held: Held, requested: float, found: dict[str, Any]) -> Answer:
    """Answer a query."""
    return answer(200, {"data": found, "extensions": cost(held, requested)})


def throttled(held: Held, requested: float) -> Answer:
    """Refuse for want of points."""
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    return answer(200, {"errors": [error], "extensions": cost(held, requested)})


def error(message: str, code: str) -> Answer:
    """Refuse a query that the schema does not allow."""
    return answer(200, {"errors": [{"message": message, "extensions": {"code": code}}]})

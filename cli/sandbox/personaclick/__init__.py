"""
PersonaClick: its page "User Activity Tracking (REST API)", and what other pages of the platform
document about ids (`/init`), the catalogue (`/import/products`) and orders (`/sync/orders`).

The credentials may list, separated by commas, devices that the platform issued to browsers before
the sandbox started, and the categories of its feed.
"""

from __future__ import annotations

from collections.abc import Mapping

from cli.sandbox.exchange import Platform, State
from cli.sandbox.personaclick.rules import Shop, plan


def personaclick(credentials: Mapping[str, str], _profile: str | None) -> Platform:
    """Return the platform. Raise KeyError for a missing credential."""
    shop = Shop(key=credentials["shop_id"], secret=credentials["shop_secret"])
    devices = _listed(credentials.get("devices", ""))
    categories = _listed(credentials.get("categories", "146"))
    return Platform(
        blank=lambda: _blank(devices, categories), plan=lambda request: plan(request, shop)
    )


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _blank(devices: list[str], categories: list[str]) -> State:
    return {
        "devices": {did: [] for did in devices},
        "made": 0,
        "categories": list(categories),
        "events": [],
        "carts": {},
        "wishlists": {},
        "purchases": {},
        "messages": [],
        "products": {},
        "orders": {},
    }

"""
DataCue, in two editions of its API: ``2018-09``, the guide as of 2018-09-26, and ``2021-02``, the
last public one. Where a guide contradicts itself, a comment at the rule says which version it uses.

The API host's paths are below ``/api`` (``/api/v1/products``); the root of the events host is
``/events``.
"""

from __future__ import annotations

from collections.abc import Mapping

from cli.sandbox.datacue.auth import Keys
from cli.sandbox.datacue.edition import EDITIONS
from cli.sandbox.datacue.rules import plan
from cli.sandbox.exchange import Platform, State


def datacue(credentials: Mapping[str, str], profile: str | None) -> Platform:
    """Return the platform. Raise KeyError for a missing credential or an unknown profile."""
    keys = Keys(key=credentials["api_key"], secret=credentials["api_secret"])
    edition = EDITIONS[profile or "2018-09"]
    return Platform(blank=_blank, plan=lambda request: plan(request, keys, edition))


def _blank() -> State:
    return {
        "products": {},
        "users": {},
        "orders": {},
        "banners": {},
        "categories": {},
        "events": [],
    }

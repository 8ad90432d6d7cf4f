"""POST /webhooks/{source}: verify, claim, deliver within the budget, park what failed, answer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from shared.wiring import app

# Wired before the first request, which often comes later (Lambda starts containers ahead of need).
# What is wrong with the documents is said by the request, in a log line and a 500.
with suppress(Exception):
    app(hasty=True)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one HTTP API event of format 2.0."""
    with app(hasty=True).door() as door:
        return door.receive(event)

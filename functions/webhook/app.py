"""POST /webhooks/{source}: verify, claim, deliver within the budget, park what failed, answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.bootstrap import app


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one HTTP API event of format 2.0."""
    with app(hasty=True).door() as door:
        return door.receive(event)

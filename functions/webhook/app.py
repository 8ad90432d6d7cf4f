"""POST /webhooks/{source}: verify, claim, deliver in time, park what failed, respond."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from shared.wiring import app, webhook_app

# Built before the first request, which often comes later (Lambda starts containers ahead of need).
# An error in the settings is reported by the request, in a log line and a 500.
with suppress(Exception):
    app(fail_fast=True)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Return the response to one HTTP API event of format 2.0."""
    with webhook_app() as receiver:
        return receiver.receive(event)

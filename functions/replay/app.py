"""Invoked by hand: choose dead letters and send them back. A dry run unless told otherwise."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.wiring import app


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """
    Replay what the event chooses, and tell how many were meant, sent back and left.

    ``{"destination": "datacue", "after": "12h", "dry_run": false}``; the keys are the options of
    ``shoprelay dlq replay``.
    """
    return app().dead_letters().serve(event, context.get_remaining_time_in_millis() / 1000)

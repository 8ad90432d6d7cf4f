"""Invoked by an operator: select dead letters and replay them. By default a dry run."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.wiring import replay_app


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """
    Replay what the event selects, and return how many matched, were replayed and are left.

    ``{"destination": "datacue", "after": "12h", "dry_run": false}``; the keys are the options of
    ``shoprelay dlq replay``.
    """
    return replay_app().serve(event, context.get_remaining_time_in_millis() / 1000)

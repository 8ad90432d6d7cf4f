"""Once an hour: check that the shops still send everything, and repair their subscriptions."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.wiring import audit_app


def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Audit, and return the result for each source: whole, healed, lost, no key or not asked."""
    with audit_app() as audit:
        return audit.run(context.get_remaining_time_in_millis() / 1000)

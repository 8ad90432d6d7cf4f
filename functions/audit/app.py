"""Once an hour: see that the shop still sends everything, and heal what it does not."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.wiring import app


def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Audit, and tell of each source what was found: whole, healed, lost, no key or not asked."""
    with app().audit() as audit:
        return audit.run(context.get_remaining_time_in_millis() / 1000)

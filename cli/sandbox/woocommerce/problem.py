"""How WordPress says no: a code, a text and the status once more."""

from __future__ import annotations

from typing import Any

from cli.sandbox.exchange import Response, json_response


class Refused(Exception):
    """A request that a store refuses."""

    def __init__(self, said: Response) -> None:
        super().__init__(said.status)
        self.said = said


def problem(status: int, code: str, message: str, **data: Any) -> Response:
    """Write an error document."""
    body = {"code": code, "message": message, "data": {"status": status, **data}}
    return json_response(status, body)

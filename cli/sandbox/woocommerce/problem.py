"""WordPress's error documents: a code, a text and the status."""

from __future__ import annotations

from typing import Any

from cli.sandbox.exchange import Response, json_response


class Rejected(Exception):
    """A request that the store rejects, with its response."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def problem(status: int, code: str, message: str, **data: Any) -> Response:
    """Return an error document."""
    body = {"code": code, "message": message, "data": {"status": status, **data}}
    return json_response(status, body)

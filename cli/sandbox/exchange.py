"""
What the HTTP server and a platform exchange: a request, the plan that the platform's rules make
from it, and the response that the plan returns when it is applied to the state.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

# Everything a platform stores; JSON only, so that it survives a restart.
State = dict[str, Any]

_encoder = msgspec.json.Encoder(decimal_format="number")


class Violation(Exception):
    """Something that no correct client does. The text never quotes a value."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. ``path`` is as sent, still percent-encoded; header names are lower-case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One response; ``applied`` is True when the request changed the platform's state."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    applied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A validated request; ``act`` applies it to the state and returns the response."""

    act: Callable[[State], Response]
    items: int = 0
    violation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One platform: its empty state and its rules."""

    blank: Callable[[], State]
    plan: Callable[[Request], Plan]


def json_response(status: int, value: Any = None, *, applied: bool = False) -> Response:
    """Return a response, with a JSON body unless the value is None."""
    if value is None:
        return Response(status=status, applied=applied)
    headers = (("Content-Type", "application/json"),)
    return Response(status=status, body=encode(value), headers=headers, applied=applied)


def error_response(status: int, text: str) -> Response:
    """Return an error in the documented form: ``{"error": text}``."""
    return json_response(status, {"error": text})


def rejection(violation: Violation, items: int = 0) -> Plan:
    """Return a plan that rejects a request because of a violation."""
    return Plan(
        act=lambda _: error_response(violation.status, violation.text),
        items=items,
        violation=violation.text,
    )


def encode(value: Any) -> bytes:
    """Return a value as JSON; a Decimal becomes a number."""
    return _encoder.encode(value)


def decode(body: bytes) -> Any:
    """Parse strict JSON: UTF-8, no NaN, no duplicate field; fractions become Decimal."""
    try:
        return json.loads(
            body.decode(),
            parse_float=Decimal,
            parse_constant=_not_json,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise Violation("the body is not valid JSON") from error


def _not_json(name: str) -> Any:
    raise ValueError(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Violation("a field occurs twice in one object")
    return fields

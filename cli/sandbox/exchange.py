"""
What passes between the HTTP server and a platform: a request, the plan that the platform's rules
make of it, and the answer that the plan gives once it meets the state.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

# Everything a platform remembers; JSON only, so that it survives a restart.
State = dict[str, Any]

_encoder = msgspec.json.Encoder(decimal_format="number")


class Violation(Exception):
    """Something that no correct client ever does. The text never quotes a value."""

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
    """One response; ``applied`` tells whether it changed the platform's state."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    applied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a request asks for: judged without the state, to be done to the state."""

    act: Callable[[State], Response]
    items: int = 0
    violation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One platform: how its state begins, and its rules."""

    blank: Callable[[], State]
    plan: Callable[[Request], Plan]


def json_response(status: int, value: Any = None, *, applied: bool = False) -> Response:
    """Make an answer, with a JSON body unless the value is None."""
    if value is None:
        return Response(status=status, applied=applied)
    headers = (("Content-Type", "application/json"),)
    return Response(status=status, body=encode(value), headers=headers, applied=applied)


def error_response(status: int, text: str) -> Response:
    """Make the documented shape of an error: ``{"error": text}``."""
    return json_response(status, {"error": text})


def rejection(violation: Violation, items: int = 0) -> Plan:
    """Plan to refuse a request for what is wrong with it."""
    return Plan(
        act=lambda _: error_response(violation.status, violation.text),
        items=items,
        violation=violation.text,
    )


def encode(value: Any) -> bytes:
    """Write JSON; a Decimal becomes a number."""
    return _encoder.encode(value)


def decode(body: bytes) -> Any:
    """Read strict JSON: UTF-8, no NaN, no field twice; fractions become Decimal."""
    try:
        return json.loads(
            body.decode(),
            parse_float=Decimal,
            parse_constant=_not_json,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise Violation("the body is no valid JSON") from error


def _not_json(name: str) -> Any:
    raise ValueError(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Violation("a field stands twice in one object")
    return fields

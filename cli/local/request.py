"""A request as an HTTP API's event, payload format 2.0, and a handler's result as a response."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cli.local.aws import ACCOUNT

# A function receives text as text, everything else in base64: "Working with binary media types for
# HTTP APIs", API Gateway developer guide.
_TEXT = re.compile(
    r"text/.*|application/(json|javascript|xml|x-www-form-urlencoded|.*\+(json|xml))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request; ``at`` in epoch seconds."""

    method: str
    path: str
    body: bytes = field(repr=False)
    at: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: str = ""
    source_ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP response."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


def event(
    request: Request, route: str, parameters: Mapping[str, str], *, force_base64: bool = False
) -> dict[str, Any]:
    """Return the event that an HTTP API sends to a function for a request to a route."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    body, encoded = _body(request.body, headers.get("content-type", ""), force_base64=force_base64)
    moment = datetime.fromtimestamp(request.at, UTC)
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": headers.get("host", "127.0.0.1"),
            "domainPrefix": "local",
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": route,
            "stage": "$default",
            "time": f"{moment:%d/%b/%Y:%H:%M:%S} +0000",
            "timeEpoch": int(request.at * 1000),
        },
        "pathParameters": dict(parameters),
        "body": body,
        "isBase64Encoded": encoded,
    }


def _body(body: bytes, content_type: str, *, force_base64: bool) -> tuple[str, bool]:
    if not force_base64 and _TEXT.fullmatch(content_type.partition(";")[0].strip().lower()):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # not text after all: base64 preserves the signed bytes
    return base64.b64encode(body).decode(), True


def gateway_error(status: int, text: str) -> Response:
    """Return a response of the gateway itself."""
    return Response(status=status, body=json.dumps({"message": text}).encode())


def parse_response(response: Any) -> Response:
    """
    Parse a handler's result as an HTTP API does: a value without ``statusCode`` is the body of a
    200. Raise ValueError and TypeError for an invalid result.
    """
    if not isinstance(response, dict) or "statusCode" not in response:
        return Response(status=200, body=json.dumps(response).encode())
    text = response.get("body") or ""
    raw = text if isinstance(text, str) else json.dumps(text)
    body = base64.b64decode(raw) if response.get("isBase64Encoded") else raw.encode()
    headers = {str(k).lower(): str(v) for k, v in (response.get("headers") or {}).items()}
    return Response(status=int(response["statusCode"]), body=body, headers=headers)

"""Requests as API Gateway sends them to the receiver, with any headers."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from functions.webhook.app import handler
from shared.sources.parsing.signature import sign
from tests.e2e.shop import SHOP

GOOD = {
    "content-type": "application/json",
    "x-shopify-topic": "products/create",
    "x-shopify-shop-domain": SHOP,
    "x-shopify-api-version": "2026-10",
    "x-shopify-webhook-id": "an-id",
    "x-shopify-triggered-at": "2026-11-21T08:00:00.000000000Z",
}


def event(body: bytes, headers: Mapping[str, str], **context: Any) -> dict[str, Any]:
    """Return an event of format 2.0; bytes that are no text are in base64, as from API Gateway."""
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        text, encoded = base64.b64encode(body).decode(), True
    return {
        "version": "2.0",
        "headers": {"x-shopify-hmac-sha256": sign(body, "new-secret"), **headers},
        "requestContext": {"timeEpoch": int(time.time() * 1000), **context},
        "pathParameters": {"source": "shopify"},
        "body": text,
        "isBase64Encoded": encoded,
    }


def answer(body: bytes, headers: Mapping[str, str] | None = None, **context: Any) -> Any:
    """Pass a signed body to the real handler; return the status code and the response."""
    exchange = handler(event(body, {**GOOD, **(headers or {})}, **context), None)
    said = msgspec.json.decode(exchange["body"]) if exchange["body"] else {}
    return exchange["statusCode"], cast("dict[str, str]", said)

"""API Gateway's events (payload format 2.0), signed, and mutations of headers and event."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping
from typing import Any

from shared.sources.parsing.signature import sign
from tests.e2e.shop import SHOP
from tests.fuzz.canaries import MARK

# API Gateway accepts 10,240 bytes of request line and headers.
FLOOD = 9000
# Stands for the time of the request, until `timed`.
NOW = "now"
Headers = dict[str, Any]
Mutation = Callable[[Headers, random.Random], None]

_OWN = ("topic", "shop-domain", "api-version", "webhook-id", "hmac-sha256", "triggered-at")
_TIMES = (
    "", "now", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2026-13-45T99:99:99Z",
    "2026-11-21T09:00:00+99:99", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "1795000000", "2026-11-21T09:00:00." + "9" * 5000 + "Z", "٢٠٢٦-11-21T09:00:00Z",
)  # fmt: skip
_WORDS = (
    "", " ", "\t", "null", "products", "/", "products/create/x", "PRODUCTS/CREATE", "shop/redact",
    "products/create,products/create", "products/cre\u0430te", "\U0001f600", "a\x00b", "\ud800",
    "\ufffe", "\x7f", "../../etc/passwd", "{}", "x" * 300, "y" * FLOOD, "\u202e",
)  # fmt: skip


def headers(topic: str, delivery: str, body: bytes, secret: str) -> Headers:
    """Return the headers of a genuine webhook, and some that must never be stored."""
    return {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": SHOP,
        "x-shopify-api-version": "2026-10",
        "x-shopify-webhook-id": delivery,
        "x-shopify-event-id": f"event-{delivery}",
        "x-shopify-triggered-at": "2026-11-21T09:00:00.123456789Z",
        "x-shopify-hmac-sha256": sign(body, secret),
        "user-agent": f"{MARK} agent",
        "x-forwarded-for": f"{MARK}-address",
        "cookie": f"session={MARK}",
        "authorization": f"Bearer {MARK}",
    }


def event(body: bytes, sent: Mapping[str, Any], *, encoded: bool) -> dict[str, Any]:
    """Return an event; a body that is not text is in base64, as the gateway sends it."""
    text: str | None = None
    if not encoded:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = None
    return {
        "version": "2.0",
        "routeKey": "POST /webhooks/{source}",
        "rawPath": "/webhooks/shopify",
        "headers": dict(sent),
        "requestContext": {"timeEpoch": NOW, "http": {"method": "POST"}},
        "pathParameters": {"source": "shopify"},
        "body": base64.b64encode(body).decode() if text is None else text,
        "isBase64Encoded": text is None,
    }


def timed(whole: dict[str, Any], now: float) -> dict[str, Any]:
    """Return an event with the time of its request (epoch seconds), unless that was mutated."""
    context = whole.get("requestContext")
    if not isinstance(context, dict) or context.get("timeEpoch") != NOW:
        return whole
    return {**whole, "requestContext": {**context, "timeEpoch": int(now * 1000)}}


def _any_own(rng: random.Random) -> str:
    return f"x-shopify-{rng.choice(_OWN)}"


def _missing(sent: Headers, rng: random.Random) -> None:
    sent.pop(_any_own(rng), None)


def _strange_case(sent: Headers, rng: random.Random) -> None:
    for name in list(sent):
        sent["".join(rng.choice((one.upper(), one)) for one in name)] = sent.pop(name)


def _joined(sent: Headers, rng: random.Random) -> None:
    name = _any_own(rng)
    sent[name] = f"{sent.get(name, '')},{sent.get(name, '')}"


def _strange(sent: Headers, rng: random.Random) -> None:
    sent[_any_own(rng)] = rng.choice(_WORDS)


def _dated(sent: Headers, rng: random.Random) -> None:
    sent["x-shopify-triggered-at"] = rng.choice(_TIMES)


def _flooded(sent: Headers, rng: random.Random) -> None:
    for number in range(rng.randrange(1, 400)):
        sent[f"x-{number}"] = "z"


def _typed(sent: Headers, rng: random.Random) -> None:
    sent[_any_own(rng)] = rng.choice((None, 7, True, ["a", "b"], {"a": 1}))


def _test(sent: Headers, rng: random.Random) -> None:
    sent["x-shopify-test"] = rng.choice(("true", "TRUE", "false", "\ud83d"))
    sent["x-shopify-name"] = rng.choice(_WORDS)
    sent["x-shopify-sub-topic"] = rng.choice(_WORDS)


def _events_names(sent: Headers, _: random.Random) -> None:
    for name in [name for name in sent if name.startswith("x-shopify-")]:
        sent[name.removeprefix("x-")] = sent.pop(name)


def _random(sent: Headers, rng: random.Random) -> None:
    sent[_any_own(rng)] = "".join(chr(rng.randrange(1, 0x3000)) for _ in range(rng.randrange(60)))


MUTATIONS: Mapping[str, Mutation] = {
    "missing": _missing,
    "case": _strange_case,
    "joined": _joined,
    "strange": _strange,
    "dated": _dated,
    "flooded": _flooded,
    "typed": _typed,
    "test": _test,
    "events": _events_names,
    "random": _random,
}


def mutate_event(whole: dict[str, Any], rng: random.Random) -> None:
    """Mutate the event outside of body and headers, as no gateway would."""
    name, value = rng.choice(_ODD)
    whole[name] = value


_ODD: tuple[tuple[str, Any], ...] = (
    ("pathParameters", None), ("pathParameters", {}), ("pathParameters", {"source": "magento"}),
    ("pathParameters", {"source": None}), ("requestContext", None), ("requestContext", {}),
    ("requestContext", {"timeEpoch": "soon"}), ("requestContext", {"timeEpoch": 10**400}),
    ("requestContext", {"timeEpoch": float("nan")}), ("requestContext", {"timeEpoch": -1}),
    ("headers", None), ("headers", {}), ("body", None), ("body", ""), ("isBase64Encoded", True),
    ("isBase64Encoded", None), ("body", "Ünïcode"), ("body", "\ud800"),
)  # fmt: skip

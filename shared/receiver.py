"""
The webhook receiver: from an HTTP API event (format 2.0) to a response.

The signature is verified over the raw bytes before anything is parsed, stored or logged. After a
4xx nothing is stored; 500 means that the webhook could not be parked, neither in SQS nor in S3, so
that the shop sends it again.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from shared.delivery.deliver import Deadline, Pipeline
from shared.delivery.settlement import Settlement, Status
from shared.errors import Incomplete, NotAuthentic, NotOurs, QueueUnavailable
from shared.model.value import Value
from shared.observability import Observer
from shared.queue.envelope import Envelope
from shared.sources.contract import Source

# The seconds that are reserved for parking and the commit, before the shop's time is over.
RESERVE = 1.0
_NOT_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")

Response = dict[str, Any]


class Receiver(Value):
    """Handles requests. The shop has its response ``within`` seconds after the request."""

    sources: Mapping[str, Source]
    pipeline: Pipeline
    settlement: Settlement
    observer: Observer
    clock: Callable[[], float]
    within: float
    lease: float

    def receive(self, event: Mapping[str, Any]) -> Response:
        """Return the response to one request, see docs/responses.md. Never raises on bad input."""
        name = str((event.get("pathParameters") or {}).get("source", ""))
        source = self.sources.get(name)
        if source is None:
            return _response(404, {"error": "unknown source"})
        raw, headers = raw_body(event), _headers(event)
        if source.is_ping(raw, headers):
            return {"statusCode": 200, "body": ""}
        try:
            source.verify(raw, headers)
            envelope = source.to_envelope(raw, headers, self.clock())
        except (NotAuthentic, NotOurs) as error:
            self.observer.count(type(error).__name__, name)
            return {"statusCode": 401, "body": ""}
        except Incomplete as error:
            self.observer.count("Incomplete", name)
            return _response(400, {"error": str(error)})
        return self._respond(source, envelope, event)

    def _respond(self, source: Source, envelope: Envelope, event: Mapping[str, Any]) -> Response:
        try:
            status = self._deliver(source, envelope, _requested_at(event, self.clock()))
        except QueueUnavailable as error:
            self.observer.alarm("NotParked", str(error), id=envelope.id, topic=envelope.topic)
            return _response(500, {"id": envelope.id, "error": "could not be parked"})
        self.observer.count("Webhook", source.name)
        self.observer.line(
            "answered",
            id=envelope.id,
            source=source.name,
            topic=envelope.topic,
            answer=status.value,
        )
        return _response(200, {"id": envelope.id, "status": status.value})

    def _deliver(self, source: Source, envelope: Envelope, requested_at: float) -> Status:
        if source.queued:
            try:
                return self.settlement.wait(envelope, 0.0, "queued")
            except QueueUnavailable:
                # Neither SQS nor S3, and the shop may never send it again: try the platforms. The
                # store waits longer than `within`, the function's time-out is longer too.
                self.observer.count("DeliveredUnqueued", source.name)
                requested_at = self.clock()
        deadline = requested_at + self.within - RESERVE
        now = self.clock()
        times = Deadline(deadline=deadline, longest=self.within, lease=now + self.lease)
        return self.pipeline.deliver(envelope, times)


def raw_body(event: Mapping[str, Any]) -> bytes:
    """Return the bytes that the shop sent, decoded if the event flags them as base64."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body)
    except ValueError:
        # API Gateway never sends invalid base64; the empty body then fails the verification.
        return b""


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    return {key.lower(): _clean(value) for key, value in (event.get("headers") or {}).items()}


def _clean(value: object) -> str:
    # JSON can contain half a surrogate pair, U+FFFE and U+FFFF; SQS rejects a message with these.
    return _NOT_TEXT.sub("?", str(value))


def _requested_at(event: Mapping[str, Any], now: float) -> float:
    """Return when the request reached the gateway; ignore a clock that is far off."""
    milliseconds = (event.get("requestContext") or {}).get("timeEpoch")
    if not isinstance(milliseconds, int | float):
        return now
    return max(now * 1000 - 10_000, min(milliseconds, now * 1000)) / 1000


def _response(status: int, body: Mapping[str, str]) -> Response:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": msgspec.json.encode(body).decode(),
    }

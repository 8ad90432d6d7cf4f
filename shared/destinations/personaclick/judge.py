"""Verdicts on PersonaClick's responses. Its error texts are not logged: they may be personal."""

from __future__ import annotations

import msgspec

from shared.destinations.personaclick.calls import SECRET, CallContext
from shared.http.call import Call, Effect
from shared.http.verdict import (
    Delivered,
    Identified,
    Rejected,
    Response,
    Retry,
    Verdict,
    judge_status,
)
from shared.model.visitor import Visitor

BAD_REQUEST, UNPROCESSABLE, NOT_FOUND, GONE = 400, 422, 404, 410
UNKNOWN_CATEGORY = "unknown_category"


class ResponseBody(msgspec.Struct, frozen=True):
    """The fields of a response that are used; `sid` is the later name of `seance`."""

    status: str | None = None
    did: str | None = None
    seance: str | None = None
    sid: str | None = None


_DECODER = msgspec.json.Decoder(ResponseBody)


def judge(call: Call, response: Response, now: float) -> Verdict:
    """Return the verdict on a response; ``now`` is in epoch seconds, for Retry-After."""
    verdict = judge_status(response, now)
    context = call.context if isinstance(call.context, CallContext) else CallContext()
    if isinstance(verdict, Retry):
        return verdict
    if isinstance(verdict, Rejected):
        return _judge_rejected(call, context, verdict)
    if response.body.lstrip()[:1] == b"<":
        # From a proxy or a parked domain: the platform's responses are JSON or empty.
        return Retry(reason="an HTML page instead of a response", status=response.status)
    body = _parse(response)
    if context.seen_at is not None:
        return _identified(body, context.seen_at, response)
    if body.status == "error":
        error = Rejected(reason='the response has the status "error"', status=response.status)
        return _judge_rejected(call, context, error)
    return verdict


def _judge_rejected(call: Call, context: CallContext, verdict: Rejected) -> Verdict:
    """Return a better verdict on a rejected call than its status gives."""
    bad = verdict.status in {BAD_REQUEST, UNPROCESSABLE}
    if context.category and (bad or verdict.status == 200):  # noqa: PLR2004 - an error under a success
        # "An error for categories unknown to the system": a replay could not fix it.
        return Delivered(note=UNKNOWN_CATEGORY)
    if call.method == "DELETE" and verdict.status in {NOT_FOUND, GONE}:
        return Delivered()
    if call.effect is Effect.EVENT and verdict.status == NOT_FOUND:
        # For an event it means the device, which a shopper can write into their order.
        return Rejected(reason="the platform does not know the device", status=verdict.status)
    if call.surface == SECRET and verdict.status == BAD_REQUEST:
        # Here it means "authorization failed": errors in the data are reported by e-mail.
        return Rejected(reason=verdict.reason, status=verdict.status, credentials=True)
    return verdict


def _identified(body: ResponseBody, at: str, response: Response) -> Verdict:
    did, seance = body.did, body.seance or body.sid
    if body.status == "error" or not (did and did.strip() and seance and seance.strip()):
        return Rejected(reason="the response has no ids", status=response.status)
    return Identified(visitor=Visitor(device_id=did.strip(), session_id=seance.strip(), seen_at=at))


def _parse(response: Response) -> ResponseBody:
    try:
        return _DECODER.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ResponseBody()

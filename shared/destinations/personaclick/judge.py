"""Judge PersonaClick's responses. Their text is not repeated: it may contain a shopper's data."""

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
    """A response body, as far as it is read; `sid` is the later name of `seance`."""

    status: str | None = None
    did: str | None = None
    seance: str | None = None
    sid: str | None = None


_DECODER = msgspec.json.Decoder(ResponseBody)


def judge(call: Call, answer: Response, now: float) -> Verdict:
    """Return the verdict on a response; ``now`` in epoch seconds, for Retry-After."""
    verdict = judge_status(answer, now)
    asked = call.context if isinstance(call.context, CallContext) else CallContext()
    if isinstance(verdict, Retry):
        return verdict
    if isinstance(verdict, Rejected):
        return _refused(call, asked, verdict)
    if answer.body.lstrip()[:1] == b"<":
        # A proxy or a parked domain speaks: the platform answers JSON, or nothing.
        return Retry(reason="a page instead of an answer", status=answer.status)
    body = _read(answer)
    if asked.met_at is not None:
        return _introduced(body, asked.met_at, answer)
    if body.status == "error":
        error = Rejected(reason="the platform answered an error", status=answer.status)
        return _refused(call, asked, error)
    return verdict


def _refused(call: Call, asked: CallContext, verdict: Rejected) -> Verdict:
    """Return the verdict on a rejected call, where the body says more than the status."""
    bad = verdict.status in {BAD_REQUEST, UNPROCESSABLE}
    if asked.category and (bad or verdict.status == 200):  # noqa: PLR2004 - an error under a success
        # "An error for categories unknown to the system": nothing that a replay could mend (C15).
        return Delivered(note=UNKNOWN_CATEGORY)
    if call.method == "DELETE" and verdict.status in {NOT_FOUND, GONE}:
        return Delivered()
    if call.effect is Effect.EVENT and verdict.status == NOT_FOUND:
        # Of an event it means the device, which a shopper can write into their order.
        return Rejected(reason="the platform does not know the device", status=verdict.status)
    if call.surface == SECRET and verdict.status == BAD_REQUEST:
        # There it means "authorization failed": errors inside the body are reported by e-mail.
        return Rejected(reason=verdict.reason, status=verdict.status, credentials=True)
    return verdict


def _introduced(body: ResponseBody, at: str, answer: Response) -> Verdict:
    did, seance = body.did, body.seance or body.sid
    if body.status == "error" or not (did and did.strip() and seance and seance.strip()):
        return Rejected(reason="the platform told no ids", status=answer.status)
    return Identified(visitor=Visitor(device_id=did.strip(), session_id=seance.strip(), seen_at=at))


def _read(answer: Response) -> ResponseBody:
    try:
        return _DECODER.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ResponseBody()

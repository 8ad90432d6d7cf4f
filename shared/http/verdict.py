"""
Responses and verdicts on them. A destination judges its own responses; this module has the rules
that are true of HTTP in general.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from msgspec import field

from shared.http.call import Call
from shared.model.value import Hidden, Value
from shared.model.visitor import Visitor

# 501 means that the platform will never do it; every other 5xx, and these, are retried.
RETRIED_STATUSES = frozenset({408, 423, 425, 429})
CREDENTIAL_STATUSES = frozenset({401, 403})


class Response(Value):
    """A platform's response: the status, lower-cased headers and at most 1 MiB of body."""

    status: int
    headers: Hidden[Mapping[str, str]] = field(default_factory=dict)
    body: Hidden[bytes] = b""
    milliseconds: int = 0


class NoResponse(Value):
    """
    There is no response. ``sent``: the platform may have received the call. It is False if there
    was no connection, True after a time-out or an abort.
    """

    sent: bool
    reason: str
    milliseconds: int = 0


class Delivered(Value):
    """The platform has definitely accepted the call. ``note`` is a metric's name, or empty."""

    note: str = ""


class OutcomeUnknown(Value):
    """The call was sent without a response: the platform may apply it, now or later."""

    reason: str


class Retry(Value):
    """The platform cannot accept the call now; ``after`` is the requested delay, in seconds."""

    reason: str
    status: int | None = None
    after: float | None = None


class Rejected(Value):
    """
    The platform will never accept the call. ``path`` is the place in the call, if the response has
    one; ``credentials``: the platform rejects the merchant's key.
    """

    reason: str
    status: int | None = None
    path: str = ""
    credentials: bool = False


class FollowUp(Value):
    """
    The response is corrected within the same attempt by sending ``calls`` ("already exists" becomes
    an update). ``then`` is the verdict on the parts that no call corrects.
    """

    calls: tuple[Call, ...]
    then: Delivered | Rejected = Delivered()


class Identified(Value):
    """The platform assigned its ids to a visitor."""

    visitor: Visitor


Final = Delivered | OutcomeUnknown | Retry | Rejected
Verdict = Final | FollowUp | Identified

# The words in log lines and in the trails of messages: release 0.1 wrote them, and saved queries
# contain them. A class may be renamed; its word stays.
_WORDS: Mapping[type[Verdict], str] = {
    Delivered: "Delivered",
    OutcomeUnknown: "Unknown",
    Retry: "TryAgain",
    Rejected: "Refused",
    FollowUp: "FollowUp",
    Identified: "Introduced",
}


def word(verdict: Verdict) -> str:
    """Return the word for a verdict in log lines and trails."""
    return _WORDS[type(verdict)]


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return Retry-After, in seconds or an HTTP date, as seconds from now; None if invalid."""
    text = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.fromtimestamp(now, UTC)).total_seconds())


def judge_status(response: Response, now: float) -> Final:
    """Judge by the status only; 2xx is delivered, and a redirect is rejected."""
    status = response.status
    if 200 <= status < 300:  # noqa: PLR2004 - the class of the status
        return Delivered()
    if status in RETRIED_STATUSES or (status >= 500 and status != 501):  # noqa: PLR2004 - as above
        return Retry(
            reason=f"answered {status}",
            status=status,
            after=retry_after(response.headers, now),
        )
    return Rejected(
        reason=f"answered {status}",
        status=status,
        credentials=status in CREDENTIAL_STATUSES,
    )


def judge_no_response(failure: NoResponse) -> Final:
    """Judge a call without a response."""
    if failure.sent:
        return OutcomeUnknown(reason=failure.reason)
    return Retry(reason=failure.reason)

"""
What an answer means. A destination judges its own answers; this page holds what is true of HTTP
in general, so that every destination repeats it by import.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from msgspec import field

from shared.http.call import Call
from shared.model.value import Hidden, Value
from shared.model.visitor import Visitor

# 501 says that the platform will never do it; every other 5xx, and these, are tried again.
RETRIED_STATUSES = frozenset({408, 423, 425, 429})
CREDENTIAL_STATUSES = frozenset({401, 403})


class Response(Value):
    """What a platform answered: the status, lower-cased headers and at most 1 MiB of body."""

    status: int
    headers: Hidden[Mapping[str, str]] = field(default_factory=dict)
    body: Hidden[bytes] = b""
    milliseconds: int = 0


class NoResponse(Value):
    """
    No answer came. ``sent`` tells whether the platform may have received the call: False when the
    connection never stood, True after a time-out or a cut.
    """

    sent: bool
    reason: str
    milliseconds: int = 0


class Delivered(Value):
    """The platform has definitely taken the call. ``note`` is a metric's name, or empty."""

    note: str = ""


class OutcomeUnknown(Value):
    """The call was sent and no answer came: the platform may apply it, now or later."""

    reason: str


class Retry(Value):
    """The platform cannot take it now; ``after`` is the wait it asked for, in seconds."""

    reason: str
    status: int | None = None
    after: float | None = None


class Rejected(Value):
    """
    The platform will never take it. ``path`` is the place in our call, when it told one;
    ``credentials`` marks a refusal of our key.
    """

    reason: str
    status: int | None = None
    path: str = ""
    credentials: bool = False


class FollowUp(Value):
    """
    The answer is corrected within the same attempt by sending ``calls`` ("already exists" becomes
    an update). ``then`` is the verdict on what no call corrects.
    """

    calls: tuple[Call, ...]
    then: Delivered | Rejected = Delivered()


class Identified(Value):
    """The platform gave a visitor their ids there."""

    visitor: Visitor


Final = Delivered | OutcomeUnknown | Retry | Rejected
Verdict = Final | FollowUp | Identified

# The words of log lines and of trails in messages: release 0.1 wrote them, and saved queries name
# them. A class may be renamed, its word may not.
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
    """Read Retry-After, seconds or an HTTP date, as seconds from now; None when absent or wrong."""
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


def judge_status(answer: Response, now: float) -> Final:
    """Judge by the status alone; 2xx is delivered, and a redirect is a refusal."""
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004 - the class of the status
        return Delivered()
    if status in RETRIED_STATUSES or (status >= 500 and status != 501):  # noqa: PLR2004 - as above
        return Retry(
            reason=f"answered {status}",
            status=status,
            after=retry_after(answer.headers, now),
        )
    return Rejected(
        reason=f"answered {status}",
        status=status,
        credentials=status in CREDENTIAL_STATUSES,
    )


def judge_no_response(silence: NoResponse) -> Final:
    """Judge a call that got no answer."""
    if silence.sent:
        return OutcomeUnknown(reason=silence.reason)
    return Retry(reason=silence.reason)

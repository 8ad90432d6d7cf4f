"""What a check found, and how an error during a check is reported."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import NotConfigured


class Verdict(StrEnum):
    """The verdict of a check. Only ``WRONG`` makes a command fail."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "could not be checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A verdict, its reason in one line, and what to do next; never the value of a secret."""

    verdict: Verdict
    detail: str
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check by its name, and what it found: one row of the table."""

    name: str
    finding: Finding


def ok(detail: str, following: str = "") -> Finding:
    """Return a finding that nothing is wrong."""
    return Finding(verdict=Verdict.OK, detail=detail, next=following)


def wrong(detail: str, following: str) -> Finding:
    """Return what is wrong: a deployment would fail, or the merchant would not work."""
    return Finding(verdict=Verdict.WRONG, detail=detail, next=following)


def unknown(detail: str, following: str = "") -> Finding:
    """Return why it could not be checked."""
    return Finding(verdict=Verdict.UNKNOWN, detail=detail, next=following)


def run_check(name: str, look: Callable[[], Finding]) -> Check:
    """Run one check. An error that it raises becomes a finding."""
    return Check(name=name, finding=_found(look))


def _found(look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except NotConfigured as error:
        return wrong(str(error), "correct it, then check again")
    except ClientError as error:
        return aws_error(error)
    except BotoCoreError as error:
        name = type(error).__name__
        return unknown(f"the request to AWS failed: {name}", "check the network")
    except Exception as error:  # noqa: BLE001 - a check that breaks must not hide the others
        # The message of an unexpected error may quote what was read.
        return unknown(f"internal error: {type(error).__name__}")


# The code of a denial differs from service to service.
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
# Common errors of all services, "Common Error Types" in any API reference of AWS, and of STS.
_BAD_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
# In most services the message names the action after "is not authorized to perform".
_ACTION = re.compile(r"perform: ([a-z0-9-]+:\w+)")


def error_code(error: ClientError) -> str:
    """Return AWS's code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def aws_error(error: ClientError) -> Finding:
    """Return what an error of AWS means. Its message is not shown: it may quote what was sent."""
    what = error_code(error)
    if what in _DENIED:
        missing = f"you lack the permission {_permission(error)}"
        return unknown(missing, "request it, or check in the console")
    if what in _BAD_CREDENTIALS:
        return wrong(f"AWS rejects the credentials: {what}", "aws sso login, or use new keys")
    return unknown(f"{error.operation_name} of AWS failed: {what}")


def _permission(error: ClientError) -> str:
    named = _ACTION.search(str(error.response.get("Error", {}).get("Message", "")))
    return named[1] if named else f"for {error.operation_name}"

"""What a check finds, and what becomes of an error while it looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import NotConfigured


class Verdict(StrEnum):
    """What a check comes to. Only ``WRONG`` keeps a deployment from going through."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "could not be checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A verdict, what was seen in a line, and what to type next; never the value of a secret."""

    verdict: Verdict
    told: str
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row of the table."""

    name: str
    finding: Finding


def ok(told: str, following: str = "") -> Finding:
    """Find that it is as it must be."""
    return Finding(verdict=Verdict.OK, told=told, next=following)


def wrong(told: str, following: str) -> Finding:
    """Find that a deployment would fail, or be of no use."""
    return Finding(verdict=Verdict.WRONG, told=told, next=following)


def unknown(told: str, following: str = "") -> Finding:
    """Find that it cannot be seen from here."""
    return Finding(verdict=Verdict.UNKNOWN, told=told, next=following)


def looked_at(name: str, look: Callable[[], Finding]) -> Check:
    """Look at one thing. Whatever goes wrong meanwhile is a finding too."""
    return Check(name=name, finding=_found(look))


def _found(look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except NotConfigured as error:
        return wrong(str(error), "mend it, then this again")
    except ClientError as error:
        return refused(error)
    except BotoCoreError as error:
        return unknown(f"AWS could not be asked: {type(error).__name__}", "look at the network")
    except Exception as error:  # noqa: BLE001 - one check that breaks hides no other
        # The message of an unforeseen error may quote what was read.
        return unknown(f"internal error: {type(error).__name__}")


# IAM's word for "no" differs from service to service; HEAD has no body, so only the status.
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}
# Common errors of all services, "Common Error Types" in any API reference of AWS, and of STS.
_STRANGERS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
# A refusal names the action behind "is not authorized to perform", in most services.
_ACTION = re.compile(r"perform: ([a-z0-9-]+:\w+)")
# The permission behind a call, where the two differ (Amazon S3 API reference, HeadBucket).
_PERMISSIONS = {"HeadBucket": "s3:ListBucket"}


def code(error: ClientError) -> str:
    """Give AWS's name of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def refused(error: ClientError) -> Finding:
    """Find what a refusal of AWS means. Its text is not shown: it may quote what was sent."""
    what = code(error)
    if what in _DENIED:
        return unknown(f"you lack {_permission(error)}", "ask for it, or look in the console")
    if what in _STRANGERS:
        return wrong(f"AWS does not take the credentials: {what}", "aws sso login, or new keys")
    return unknown(f"AWS answered {error.operation_name} with {what}")


def _permission(error: ClientError) -> str:
    named = _ACTION.search(str(error.response.get("Error", {}).get("Message", "")))
    name = error.operation_name
    return named[1] if named else _PERMISSIONS.get(name, f"the permission for {name}")

"""The account that the environment's credentials lead to, and who they are."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)

from cli.checks.finding import Finding, code, ok, unknown, wrong

_PATIENCE = Config(
    connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
)
# A request must reach AWS within five minutes of its own time stamp (IAM User Guide, "AWS Signature
# Version 4 for API requests"); a minute is a clock that nobody sets.
MOST_SKEW = 60.0


@dataclass(slots=True, kw_only=True)
class Account:
    """
    Connections to one account and region, made when they are needed.

    ``skew`` is how far this machine's clock is ahead of AWS's, in seconds, once it is known.
    """

    region: str
    session: boto3.session.Session
    skew: float | None = None
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Connect to a service."""
        if service not in self._clients:
            self._clients[service] = self.session.client(
                service,  # type: ignore[call-overload]  # any service: not all have stubs here
                region_name=self.region,
                config=_PATIENCE,
            )
        return self._clients[service]


def session() -> boto3.session.Session | None:
    """Read the environment's profile; None when the one that is named is not there."""
    try:
        return boto3.session.Session()
    except ProfileNotFound:
        return None


def region(found: boto3.session.Session, wanted: str | None) -> Finding:
    """
    See that a region is set where everything looks for it; ``wanted`` is samconfig's own.

    boto3 and the SAM CLI read AWS_DEFAULT_REGION and the profile, not AWS_REGION (Boto3 guide,
    "Using environment variables"): `sam deploy` says the same when it has none.
    """
    told = found.region_name
    if not told:
        return wrong("no region is set", "export AWS_DEFAULT_REGION=eu-central-1")
    if wanted and wanted != told:
        return wrong(
            f"samconfig.toml says {wanted}, the environment {told}: the secret would be elsewhere",
            f"export AWS_DEFAULT_REGION={wanted}",
        )
    return ok(told)


def credentials(account: Account) -> Finding:
    """Ask who we are, and what time it is."""
    before = time.time()
    try:
        told = account.client("sts").get_caller_identity()
    except (NoCredentialsError, PartialCredentialsError):
        none = "no AWS credentials, or half of them: the account was not looked at"
        return unknown(none, "export AWS_PROFILE=...")
    except ClientError as error:
        account.skew = _skew(error.response, before)
        return wrong(f"AWS does not take them: {code(error)}", "aws sso login, or new keys")
    except BotoCoreError as error:
        # A profile whose token has run out, a role that cannot be taken, no network.
        return unknown(f"AWS could not be asked: {type(error).__name__}", "aws sso login")
    account.skew = _skew(told, before)
    return ok(f"account {told['Account']}, {told['Arn']}")


def _skew(response: Any, before: float) -> float | None:
    date = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return before - parsedate_to_datetime(date).timestamp() if date else None


def clock(skew: float) -> Finding:
    """See that this machine's clock is right; ``skew`` as in `Account`."""
    if abs(skew) > MOST_SKEW:
        way = "ahead" if skew > 0 else "behind"
        return wrong(f"this machine's clock is {abs(skew):.0f} s {way}", "set the clock")
    return ok("within a minute of AWS's")

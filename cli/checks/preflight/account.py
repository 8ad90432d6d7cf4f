"""The AWS account of the environment's credentials, and the region."""

from __future__ import annotations

from dataclasses import dataclass, field
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

from cli.checks import aws
from cli.checks.finding import Finding, error_code, ok, unknown, wrong

_CONFIG = Config(
    connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
)


@dataclass(slots=True, kw_only=True)
class Account:
    """Clients of one account and region, made when they are needed."""

    region: str
    session: boto3.session.Session
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        if service not in self._clients:
            self._clients[service] = self.session.client(
                service,  # type: ignore[call-overload]  # any service: not all have stubs here
                region_name=self.region,
                config=_CONFIG,
            )
        return self._clients[service]


def session() -> boto3.session.Session | None:
    """Return a session of the environment's profile; None when that profile does not exist."""
    try:
        return aws.session()
    except ProfileNotFound:
        return None


def region(found: boto3.session.Session, wanted: str | None) -> Finding:
    """
    Check that one region is set for the stack and the secret; ``wanted`` is that of samconfig.toml.

    See `cli.checks.aws.region` for the variables.
    """
    actual = found.region_name
    if not actual:
        return wrong("no region is set", "export AWS_DEFAULT_REGION=eu-central-1")
    if wanted and wanted != actual:
        return wrong(
            f"samconfig.toml has {wanted}, the environment {actual}: the secret would be in "
            "another region than the stack",
            f"export AWS_DEFAULT_REGION={wanted}",
        )
    return ok(actual)


def credentials(account: Account) -> Finding:
    """Check the credentials, and show whose they are."""
    try:
        caller = account.client("sts").get_caller_identity()
    except (NoCredentialsError, PartialCredentialsError):
        detail = "AWS credentials are missing or incomplete: the account was not checked"
        return unknown(detail, "export AWS_PROFILE=...")
    except ClientError as error:
        detail = f"AWS rejects the credentials: {error_code(error)}"
        # A clock that is five minutes off causes the same error codes as wrong keys.
        return wrong(detail, "aws sso login, or use new keys; check this machine's clock too")
    except BotoCoreError as error:
        # A profile whose token has expired, a role that cannot be assumed, no network.
        return unknown(f"the request to AWS failed: {type(error).__name__}", "aws sso login")
    return ok(f"account {caller['Account']}, {caller['Arn']}")

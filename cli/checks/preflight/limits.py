"""What the account may run: concurrency, requests, code, roles."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cli.checks.finding import Finding, code, ok, wrong
from cli.checks.preflight.account import Account

# Lambda Developer Guide, "Configuring reserved concurrency for a function": you can reserve up to
# the unreserved account concurrency minus 100. (An account that may run only ten names a smaller
# number when it refuses, and can reserve nothing either.)
KEPT_UNRESERVED = 100
# Lambda Developer Guide, "Lambda quotas": new accounts have reduced quotas, which have been 10.
FEW = 100
CONCURRENCY_QUOTA = "L-B99A9384"
# API Gateway Developer Guide, quotas: "Throttle quota per account, per Region across HTTP APIs,
# REST APIs, WebSocket APIs", 10,000 requests a second, in some regions 2,500.
THROTTLE_QUOTA = "L-8A5B8E43"
MORE = (
    "aws service-quotas request-service-quota-increase --service-code lambda "
    f"--quota-code {CONCURRENCY_QUOTA} --desired-value 1000"
)


def concurrency(account: Account, door: str, wanted: int, retries: int) -> Finding:
    """
    See that the door has room to run: reserved, or what the account has for all.

    ``wanted`` is WebhookConcurrency (0: nothing reserved), ``retries`` how many of the retry
    function run at the same time at most.
    """
    limit = account.client("lambda").get_account_settings()["AccountLimit"]
    whole, free = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    if not wanted:
        return _unreserved(whole, free, retries)
    left = free + _reserved(account, door) - wanted
    if left < KEPT_UNRESERVED:
        told = f"reserving {wanted} of {free} leaves {left}, and AWS keeps {KEPT_UNRESERVED}"
        return wrong(told, f"a smaller WebhookConcurrency, or {MORE}")
    return ok(f"{wanted} are reserved for the door, {left} are left")


def _unreserved(whole: int, free: int, retries: int) -> Finding:
    room = free - retries
    told = f"{free} of {whole} are shared by all functions; retry takes {retries} at most"
    if room <= 0:
        return wrong(f"{told}: none is left for the door", MORE)
    if free < FEW:
        return ok(f"{told}: {room} for the door, enough for a test store alone", MORE)
    return ok(told)


def _reserved(account: Account, function: str) -> int:
    try:
        told = account.client("lambda").get_function_concurrency(FunctionName=function)
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return 0
        raise
    return int(told.get("ReservedConcurrentExecutions", 0))


def code_storage(account: Account, needed: int) -> Finding:
    """See that the functions' zip files have room beside those of others; ``needed`` in bytes."""
    told = account.client("lambda").get_account_settings()
    room = told["AccountLimit"]["TotalCodeSize"] - told["AccountUsage"]["TotalCodeSize"]
    if room < needed:
        return wrong(f"{room / 1e6:.0f} MB of code storage are left", "delete old versions")
    return ok(f"{room / 1e6:.0f} MB of code storage are left")


def requests(account: Account, rate: float) -> Finding:
    """See that the account takes as many requests a second as the stage lets through."""
    quota = _quota(account, "apigateway", THROTTLE_QUOTA)
    if quota < rate:
        return wrong(
            f"the account takes {quota:.0f} requests a second, the stage {rate:.0f}", "ask"
        )
    return ok(f"{quota:.0f} requests a second for the whole account, {rate:.0f} for this stage")


def _quota(account: Account, service: str, quota: str) -> float:
    """Give the account's quota; AWS's default where the account has none of its own."""
    client = account.client("service-quotas")
    asked = {"ServiceCode": service, "QuotaCode": quota}
    try:
        told: Any = client.get_service_quota(**asked)
    except ClientError as error:
        # API reference, GetServiceQuota: for many quotas only the default is told.
        if code(error) != "NoSuchResourceException":
            raise
        told = client.get_aws_default_service_quota(**asked)
    return float(told["Quota"]["Value"])


def roles(account: Account, needed: int, policies: int) -> Finding:
    """See that IAM has room for the stack's roles and policies."""
    told = account.client("iam").get_account_summary()["SummaryMap"]
    short = [
        f"{kind}: {told[kind]} of {told[f'{kind}Quota']}, {more} are needed"
        for kind, more in (("Roles", needed), ("Policies", policies))
        if kind in told and told[f"{kind}Quota"] - told[kind] < more
    ]
    if short:
        return wrong("; ".join(short), "delete unused ones, or ask for more in Service Quotas")
    return ok(f"room for {needed} roles and {policies} policies")

"""Limits of the account: concurrency, requests, code storage, roles."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cli.checks.finding import Finding, error_code, ok, wrong
from cli.checks.preflight.account import Account

# Lambda Developer Guide, "Configuring reserved concurrency for a function": you can reserve up to
# the unreserved account concurrency minus 100. (An account that may run only ten has a smaller
# number in its error message, and cannot reserve any either.)
KEPT_UNRESERVED = 100
# Lambda Developer Guide, "Lambda quotas": new accounts have reduced quotas, which have been 10.
FEW = 100
CONCURRENCY_QUOTA = "L-B99A9384"
# API Gateway Developer Guide, quotas: "Throttle quota per account, per Region across HTTP APIs,
# REST APIs, WebSocket APIs", 10,000 requests a second, in some regions 2,500.
THROTTLE_QUOTA = "L-8A5B8E43"
_INCREASE = (
    "aws service-quotas request-service-quota-increase --service-code {service} "
    "--quota-code {quota} --desired-value {value:.0f}"
)
MORE = _INCREASE.format(service="lambda", quota=CONCURRENCY_QUOTA, value=1000)


def concurrency(account: Account, receiver: str, wanted: int, retries: int) -> Finding:
    """
    Check that the receiver can run: with its reserved concurrency, or what all functions share.

    ``wanted`` is WebhookConcurrency (0: nothing reserved), ``retries`` is how many instances of the
    retry function run at the same time at most.
    """
    limit = account.client("lambda").get_account_settings()["AccountLimit"]
    whole, free = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    if not wanted:
        return _unreserved(whole, free, retries)
    left = free + _reserved(account, receiver) - wanted
    if left < KEPT_UNRESERVED:
        detail = f"reserving {wanted} of {free} leaves {left}, but AWS requires {KEPT_UNRESERVED}"
        return wrong(detail, f"set a smaller WebhookConcurrency, or {MORE}")
    return ok(f"{wanted} are reserved for the receiver, {left} are left")


def _unreserved(whole: int, free: int, retries: int) -> Finding:
    room = free - retries
    detail = f"{free} of {whole} are shared by all functions; retry uses {retries} at most"
    if room <= 0:
        return wrong(f"{detail}: none is left for the receiver", MORE)
    if free < FEW:
        return ok(f"{detail}: {room} for the receiver, enough for a test store only", MORE)
    return ok(detail)


def _reserved(account: Account, function: str) -> int:
    try:
        found = account.client("lambda").get_function_concurrency(FunctionName=function)
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return 0
        raise
    return int(found.get("ReservedConcurrentExecutions", 0))


def code_storage(account: Account, needed: int) -> Finding:
    """Check that the code storage has room for the functions' zip files; ``needed`` in bytes."""
    found = account.client("lambda").get_account_settings()
    room = found["AccountLimit"]["TotalCodeSize"] - found["AccountUsage"]["TotalCodeSize"]
    detail = f"{room / 1e6:.0f} MB of code storage are left"
    if room < needed:
        return wrong(detail, "delete old function versions")
    return ok(detail)


def requests(account: Account, rate: float) -> Finding:
    """Check that the account allows as many requests per second as the stage does."""
    quota = _quota(account, "apigateway", THROTTLE_QUOTA)
    if quota < rate:
        more = _INCREASE.format(service="apigateway", quota=THROTTLE_QUOTA, value=rate)
        detail = f"the account allows {quota:.0f} requests a second, the stage {rate:.0f}"
        return wrong(detail, more)
    return ok(f"{quota:.0f} requests a second for the whole account, {rate:.0f} for this stage")


def _quota(account: Account, service: str, quota: str) -> float:
    """Return the account's quota; AWS's default where the account has none of its own."""
    client = account.client("service-quotas")
    key = {"ServiceCode": service, "QuotaCode": quota}
    try:
        found: Any = client.get_service_quota(**key)
    except ClientError as error:
        # API reference, GetServiceQuota: for many quotas, only the default is available.
        if error_code(error) != "NoSuchResourceException":
            raise
        found = client.get_aws_default_service_quota(**key)
    return float(found["Quota"]["Value"])


def roles(account: Account, needed: int, policies: int) -> Finding:
    """Check that IAM has room for the stack's roles and policies."""
    found = account.client("iam").get_account_summary()["SummaryMap"]
    short = [
        f"{kind}: {found[kind]} of {found[f'{kind}Quota']} are used, {more} are needed"
        for kind, more in (("Roles", needed), ("Policies", policies))
        if kind in found and found[f"{kind}Quota"] - found[kind] < more
    ]
    if short:
        return wrong("; ".join(short), "delete unused ones, or request more in Service Quotas")
    return ok(f"room for {needed} roles and {policies} policies")

"""Quotas that the merchants of one account share: roles, policies, rules, concurrency."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cli.checks.finding import Finding, error_code, ok, wrong
from cli.checks.preflight.account import Account

_INCREASE = (
    "aws service-quotas request-service-quota-increase --service-code {service} "
    "--quota-code {quota} --desired-value {value:.0f}"
)
CONCURRENCY = ("lambda", "L-B99A9384")
# API Gateway Developer Guide, quotas: "Throttle quota per account, per Region across HTTP APIs,
# REST APIs, WebSocket APIs", 10,000 requests a second, in some regions 2,500.
THROTTLE = ("apigateway", "L-8A5B8E43")
# EventBridge User Guide, quotas: "Number of rules" of an event bus, 300, in some regions 100.
RULES = ("events", "L-244521F2")
# IAM User Guide, quotas: 1,000 roles and 1,500 customer managed policies. IAM is global: its quotas
# are changed in us-east-1.
IAM = {"Roles": ("iam", "L-FE177D64"), "Policies": ("iam", "L-E95E4862")}
_IAM_REGION = " --region us-east-1"
# ListRules returns at most 100 on a page.
MOST_PAGES = 50


def increase(quota: tuple[str, str], value: float) -> str:
    """Return the command that requests more."""
    service, code = quota
    return _INCREASE.format(service=service, quota=code, value=value)


def value(account: Account, quota: tuple[str, str]) -> float:
    """Return the account's quota; AWS's default where the account has none of its own."""
    client = account.client("service-quotas")
    service, code = quota
    key = {"ServiceCode": service, "QuotaCode": code}
    try:
        found: Any = client.get_service_quota(**key)
    except ClientError as error:
        # API reference, GetServiceQuota: for many quotas, only the default is available.
        if error_code(error) != "NoSuchResourceException":
            raise
        found = client.get_aws_default_service_quota(**key)
    return float(found["Quota"]["Value"])


def roles(account: Account, needed: int, policies: int) -> Finding:
    """
    Check that IAM has room for the roles and policies of a new stack: ``needed`` and ``policies``.

    Both are 0 for an update, which creates none.
    """
    found = account.client("iam").get_account_summary()["SummaryMap"]
    wanted = {"Roles": needed, "Policies": policies}
    # Without a quota there is nothing to compare with.
    texts = {
        kind: f"{kind}: {found[kind]} of {found[f'{kind}Quota']} are used, {more} are needed"
        for kind, more in wanted.items()
        if f"{kind}Quota" in found
    }
    short = [kind for kind in texts if found[f"{kind}Quota"] - found[kind] < wanted[kind]]
    if not short:
        return ok("; ".join(texts.values()))
    request = increase(IAM[short[0]], 2 * found[f"{short[0]}Quota"]) + _IAM_REGION
    return wrong("; ".join(texts[kind] for kind in short), f"delete unused ones, or {request}")


def rules(account: Account, needed: int) -> Finding:
    """Check that EventBridge has room for the schedules of a new stack; 0 for an update."""
    quota = value(account, RULES)
    pages = account.client("events").get_paginator("list_rules")
    most = {"MaxItems": MOST_PAGES * 100, "PageSize": 100}
    used = sum(len(page["Rules"]) for page in pages.paginate(PaginationConfig=most))
    detail = f"{used} of {quota:.0f} rules of EventBridge are used, {needed} are needed"
    if quota - used < needed:
        return wrong(detail, f"delete unused ones, or {increase(RULES, 2 * quota)}")
    return ok(detail)


def all_retries(account: Account, functions: int, retries: int) -> Finding:
    """
    Check that the retries of all merchants together leave some of the shared concurrency.

    When a platform hangs, each merchant's retry function may run ``retries`` times at once. How
    many merchants there are is estimated as if every function were one of a stack's ``functions``.
    """
    found = account.client("lambda").get_account_settings()
    free = found["AccountLimit"]["UnreservedConcurrentExecutions"]
    merchants = max(1, found["AccountUsage"]["FunctionCount"] // functions)
    needed = merchants * retries
    detail = (
        f"up to {merchants} merchants in this region: their retries use {needed} of {free} at most"
    )
    if merchants > 1 and 2 * needed > free:
        return ok(f"{detail}, the receivers have the rest", increase(CONCURRENCY, 4 * needed))
    return ok(detail)

"""Limits of the account for one stack: concurrency, code storage, requests."""

from __future__ import annotations

from botocore.exceptions import ClientError

from cli.checks.finding import Finding, error_code, ok, wrong
from cli.checks.preflight import quotas
from cli.checks.preflight.account import Account

# Lambda Developer Guide, "Configuring reserved concurrency for a function": you can reserve up to
# the unreserved account concurrency minus 100. (An account that may run only ten has a smaller
# number in its error message, and cannot reserve any either.)
KEPT_UNRESERVED = 100
# Lambda Developer Guide, "Lambda quotas": new accounts have reduced quotas, which have been 10.
FEW = 100
MORE = quotas.increase(quotas.CONCURRENCY, 1000)


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
    quota = quotas.value(account, quotas.THROTTLE)
    if quota < rate:
        detail = f"the account allows {quota:.0f} requests a second, the stage {rate:.0f}"
        return wrong(detail, quotas.increase(quotas.THROTTLE, rate))
    return ok(f"{quota:.0f} requests a second for the whole account, {rate:.0f} for this stage")

"""The stack as it is in the account: its state, its names, and the bucket that SAM uploads to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError

from cli.checks.finding import Finding, code, ok, refused, unknown, wrong
from cli.checks.preflight.account import Account

# samcli/lib/bootstrap/bootstrap.py, SAM_CLI_STACK_NAME
SAM_STACK = "aws-sam-cli-managed-default"


def described(account: Account, name: str) -> Any | None:
    """Give what CloudFormation says of a stack; None when there is none."""
    try:
        [found] = account.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        # The one way in which it says so (API reference, DescribeStacks).
        if code(error) == "ValidationError":
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def state(account: Account, name: str, merchant: str) -> Finding:
    """
    See that the stack can be made or updated.

    States: CloudFormation User Guide, "Understand stack creation events". A stack whose creation
    was rolled back can only be deleted; what the template retains has no fixed name, and stays.
    """
    found = described(account, name)
    if found is None:
        return ok(f"{name} is not there yet: it will be made")
    status = found["StackStatus"]
    if status == "REVIEW_IN_PROGRESS":
        return ok(f"{name} has only a change set: it will be made")
    if status.endswith("_IN_PROGRESS"):
        return wrong(f"{name} is at work: {status}", f"wait for it: {_events(name)}")
    if status == "UPDATE_ROLLBACK_FAILED":
        again = f"aws cloudformation continue-update-rollback --stack-name {name}"
        return wrong(f"{name} is stuck in {status}", again)
    if status == "ROLLBACK_COMPLETE" or status.endswith("_FAILED"):
        gone = f"{_events(name)}, then aws cloudformation delete-stack --stack-name {name}"
        return wrong(f"{name} is in {status}, and cannot be updated", gone)
    return _ours(found, name, merchant)


def _ours(found: Any, name: str, merchant: str) -> Finding:
    values = {one["ParameterKey"]: one.get("ParameterValue") for one in found.get("Parameters", [])}
    if values.get("Merchant") != merchant:
        return wrong(f"{name} is there, and is not of {merchant}", "give it another name")
    return ok(f"{name} is in {found['StackStatus']}: it will be updated")


def _events(name: str) -> str:
    return f"aws cloudformation describe-stack-events --stack-name {name}"


def names(account: Account, stack: str, wanted: Sequence[tuple[str, str]]) -> Finding:
    """See that nobody else has what the stack would give a name to; (kind, name) of each."""
    own = _own(account, stack)
    taken, unseen = [], []
    for kind, name in wanted:
        try:
            if name not in own and _LOOKS[kind](account, name):
                taken.append(f"{kind} {name}")
        except ClientError as error:
            unseen.append(f"{kind} {name} ({refused(error).told})")
    if taken:
        told = f"taken by somebody else: {', '.join(taken)}"
        return wrong(told, "delete it, or give the merchant another name")
    if unseen:
        return unknown("; ".join(unseen))
    return ok(f"{len(wanted)} names are free, or the stack's own")


def _own(account: Account, stack: str) -> set[str]:
    if described(account, stack) is None:
        return set()
    pages = account.client("cloudformation").get_paginator("list_stack_resources")
    return {
        one.get("PhysicalResourceId", "")
        for page in pages.paginate(StackName=stack)
        for one in page["StackResourceSummaries"]
    }


def _function(account: Account, name: str) -> bool:
    return _there(
        lambda: account.client("lambda").get_function_configuration(FunctionName=name),
        "ResourceNotFoundException",
    )


def _log_group(account: Account, name: str) -> bool:
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return name in {one["logGroupName"] for one in groups}


def _alarm(account: Account, name: str) -> bool:
    alarms = account.client("cloudwatch").describe_alarms(AlarmNames=[name])
    return bool(alarms.get("MetricAlarms") or alarms.get("CompositeAlarms"))


def _dashboard(account: Account, name: str) -> bool:
    boards = account.client("cloudwatch").list_dashboards(DashboardNamePrefix=name)
    return name in {one["DashboardName"] for one in boards["DashboardEntries"]}


def _topic(account: Account, name: str) -> bool:
    pages = account.client("sns").get_paginator("list_topics").paginate()
    arns = (one["TopicArn"] for page in pages for one in page["Topics"])
    return any(arn.rpartition(":")[2] == name for arn in arns)


_LOOKS: dict[str, Callable[[Account, str], bool]] = {
    "Function": _function,
    "LogGroup": _log_group,
    "Alarm": _alarm,
    "Dashboard": _dashboard,
    "Topic": _topic,
}


def _there(look: Callable[[], object], *absent: str) -> bool:
    try:
        look()
    except ClientError as error:
        if code(error) in absent:
            return False
        raise
    return True


def upload_bucket(account: Account, own: str | None) -> Finding:
    """See that SAM can upload: to the bucket that samconfig names, or to the one it makes."""
    name = own or _sam_bucket(account)
    if name is None:
        return ok("SAM makes its bucket at the first deployment")
    if not name:
        gone = f"aws cloudformation delete-stack --stack-name {SAM_STACK}"
        return wrong(f"the stack {SAM_STACK} is there without its bucket", gone)
    if not _there(lambda: account.client("s3").head_bucket(Bucket=name), "404", "NoSuchBucket"):
        return wrong(f"there is no bucket {name}", "take s3_bucket out of samconfig.toml")
    return ok(f"{name} can be reached")


def _sam_bucket(account: Account) -> str | None:
    """Give the bucket's name: None before SAM made its stack, empty when the stack has none."""
    found = described(account, SAM_STACK)
    if found is None:
        return None
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
    return str(outputs.get("SourceBucket", ""))

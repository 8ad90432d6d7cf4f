"""Describe a merchant's stack: the only place that queries CloudFormation for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cli.checks.finding import error_code
from shared.errors import NotConfigured


def stack_name(merchant: str) -> str:
    """Return the name of a merchant's stack."""
    return f"shoprelay-{merchant}"


def describe_stack(client: Any, name: str) -> Mapping[str, Any] | None:
    """Return a stack as DescribeStacks has it; None when there is none."""
    try:
        [found] = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        # The only response for a stack that does not exist (API reference, DescribeStacks).
        if error_code(error) == "ValidationError":
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def stack_outputs(client: Any, name: str) -> dict[str, str] | None:
    """Return the outputs of a stack; None when there is none."""
    found = describe_stack(client, name)
    if found is None:
        return None
    return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}


def no_stack(name: str, remedy: str = "") -> NotConfigured:
    """Return the error for a stack that does not exist, and how to create it."""
    text = f"there is no stack {name} in this account and region"
    return NotConfigured(f"{text}: {remedy}" if remedy else text)

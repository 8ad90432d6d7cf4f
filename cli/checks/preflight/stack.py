"""Check whose stack it is that a deployment would update."""

from __future__ import annotations

from cli.checks.cloudformation import describe_stack
from cli.checks.finding import Finding, ok, wrong
from cli.checks.preflight.account import Account


def owner(account: Account, name: str, merchant: str) -> Finding:
    """
    Check that a stack of this name, if there is one, is the merchant's.

    CloudFormation updates any stack of the name. It would delete the resources of another one.
    """
    found = describe_stack(account.client("cloudformation"), name)
    if found is None:
        return ok(f"there is no stack {name} yet: the deployment creates it")
    values = {one["ParameterKey"]: one.get("ParameterValue") for one in found.get("Parameters", [])}
    if values.get("Merchant") != merchant:
        detail = f"the stack {name} exists and is not of {merchant}: its resources would be deleted"
        return wrong(detail, "give the merchant another name")
    return ok(f"the stack {name} is of {merchant}, in {found['StackStatus']}")

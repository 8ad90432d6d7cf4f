"""What the roles in the template allow."""

from __future__ import annotations

from typing import Any

from tests.stack.calls import Access
from tests.stack.template import FUNCTIONS, RESOURCES, of


def _list(one: Any) -> list[Any]:
    return one if isinstance(one, list) else [one]


def policies(function: str) -> list[str]:
    """Return the managed policies of a function's role, by logical name."""
    role = RESOURCES[FUNCTIONS[function]["Role"]["Fn::GetAtt"][0]]["Properties"]
    assert role.keys() == {"AssumeRolePolicyDocument", "ManagedPolicyArns", "Tags"}
    return [one["Ref"] for one in role["ManagedPolicyArns"]]


def statements(policy: str) -> list[dict[str, Any]]:
    """Return the statements of a policy."""
    return list(of("IAM::ManagedPolicy")[policy]["PolicyDocument"]["Statement"])


def _resource(value: dict[str, Any]) -> str:
    """Return a resource in the form of `Access`."""
    if "Fn::GetAtt" in value:
        return str(value["Fn::GetAtt"][0])
    text = str(value["Fn::Sub"])
    if text.endswith(":secret:shoprelay/${Merchant}-??????"):
        return "secret"
    for name in ("BodiesBucket", "LedgerTable"):
        text = text.replace(f"${{{name}.Arn}}", name)
    return text


def pairs(statement: dict[str, Any]) -> set[Access]:
    """Return the actions of a statement, each with each of its resources."""
    assert statement["Effect"] == "Allow"
    return {
        (action, _resource(resource))
        for action in _list(statement["Action"])
        for resource in _list(statement["Resource"])
    }


def granted(function: str) -> set[Access]:
    """Return all that a function's role allows."""
    return {
        pair
        for policy in policies(function)
        for statement in statements(policy)
        for pair in pairs(statement)
    }

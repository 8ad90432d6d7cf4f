"""What template.yaml says, as far as a check compares it with an account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.checks.finding import Finding, ok, wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The parts of a template by their names."""

    parameters: Mapping[str, Any]
    resources: Mapping[str, Any]


def read(path: Path) -> Template:
    """Read a template. Raises what cfn-lint raises when it is not one."""
    # cfn-lint takes seconds to import, for which whoever reads no template should not wait.
    from cfnlint.decode.cfn_yaml import load  # noqa: PLC0415

    whole = load(str(path))
    return Template(parameters=whole["Parameters"], resources=whole["Resources"])


def lint(path: Path) -> Finding:
    """See that cfn-lint has nothing to say about it."""
    if not path.is_file():
        return wrong("there is no template.yaml", "type it where the Makefile is")
    from cfnlint.api import lint_file  # noqa: PLC0415 - as in `read`

    matches = lint_file(path)
    if not matches:
        return ok("cfn-lint has nothing to say")
    first = matches[0]
    return wrong(
        f"{len(matches)} complaints, the first: {first.rule.id} in line {first.linenumber}",
        "make template",
    )


def of(template: Template, kind: str) -> list[Mapping[str, Any]]:
    """Give the properties of every resource of a kind, such as ``IAM::Role``."""
    found = template.resources.values()
    return [one["Properties"] for one in found if one["Type"] == f"AWS::{kind}"]


def functions(template: Template) -> Mapping[str, Mapping[str, Any]]:
    """Give the properties of the functions by their logical names."""
    return {
        name: one["Properties"]
        for name, one in template.resources.items()
        if one["Type"] == "AWS::Serverless::Function"
    }


def default(template: Template, parameter: str) -> Any:
    """Give the default of a parameter; None without one."""
    return template.parameters.get(parameter, {}).get("Default")


def fits(rule: Mapping[str, Any], value: str) -> bool:
    """Tell whether CloudFormation would take a parameter's value."""
    if not re.search(rule.get("AllowedPattern", ""), value):
        return False
    if value not in [str(one) for one in rule.get("AllowedValues", [value])]:
        return False
    if rule.get("Type") != "Number":
        return True
    least, most = rule.get("MinValue", 0), rule.get("MaxValue", float("inf"))
    return value.isdecimal() and least <= int(value) <= most


# The names that CloudFormation would create, and that somebody else may bear already.
_NAMES = ("FunctionName", "LogGroupName", "AlarmName", "DashboardName", "TopicName")


def fixed_names(template: Template, merchant: str) -> list[tuple[str, str]]:
    """Give (kind, name) of everything that the stack gives a name to, such as a function."""
    own = {"Merchant": merchant, "AWS::StackName": f"shoprelay-{merchant}"}
    return [
        (key.removesuffix("Name"), name)
        for one in template.resources.values()
        for key in _NAMES
        if (name := _resolved(one.get("Properties", {}).get(key), own))
    ]


def _resolved(value: Any, own: Mapping[str, str]) -> str:
    """Write a name out; what stands for something else stays as it is."""
    text = value.get("Fn::Sub", "") if isinstance(value, dict) else value or ""
    for key, meaning in own.items():
        text = text.replace("${" + key + "}", meaning)
    return str(text)


def most_retries(template: Template) -> int:
    """Give how many of the retry function run at the same time at most; 0 without a limit."""
    return max(_scaling(template), default=0)


def _scaling(template: Template) -> Iterator[int]:
    for one in functions(template).values():
        for event in one.get("Events", {}).values():
            scaling = event["Properties"].get("ScalingConfig", {})
            if "MaximumConcurrency" in scaling:
                yield int(scaling["MaximumConcurrency"])

"""What template.yaml declares, where a check needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The parameters and resources of a template by their names."""

    parameters: Mapping[str, Any]
    resources: Mapping[str, Any]


def read(path: Path) -> Template:
    """Read a template. Raises what cfn-lint raises for one that it cannot read."""
    # cfn-lint takes seconds to import; only a command that reads the template should wait for it.
    from cfnlint.decode.cfn_yaml import load  # noqa: PLC0415

    whole = load(str(path))
    return Template(parameters=whole["Parameters"], resources=whole["Resources"])


def of(template: Template, kind: str) -> list[Mapping[str, Any]]:
    """Return the properties of every resource of a kind, such as ``IAM::Role``."""
    found = template.resources.values()
    return [one["Properties"] for one in found if one["Type"] == f"AWS::{kind}"]


def functions(template: Template) -> Mapping[str, Mapping[str, Any]]:
    """Return the properties of the functions by their logical names."""
    return {
        name: one["Properties"]
        for name, one in template.resources.items()
        if one["Type"] == "AWS::Serverless::Function"
    }


def default(template: Template, parameter: str) -> Any:
    """Return the default of a parameter; None without one."""
    return template.parameters.get(parameter, {}).get("Default")


def most_retries(template: Template) -> int:
    """Return the maximum concurrency of the retry function; 0 without a limit."""
    return max(_scaling(template), default=0)


def _scaling(template: Template) -> Iterator[int]:
    for one in functions(template).values():
        for event in one.get("Events", {}).values():
            scaling = event["Properties"].get("ScalingConfig", {})
            if "MaximumConcurrency" in scaling:
                yield int(scaling["MaximumConcurrency"])

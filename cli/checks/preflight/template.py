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
    limits = (one["Properties"].get("ScalingConfig", {}) for one in _events(template))
    return max((int(one.get("MaximumConcurrency", 0)) for one in limits), default=0)


def schedules(template: Template) -> int:
    """Return how many functions run on a schedule: SAM creates a rule of EventBridge for each."""
    return sum(one["Type"] == "Schedule" for one in _events(template))


def _events(template: Template) -> Iterator[Mapping[str, Any]]:
    for one in functions(template).values():
        yield from one.get("Events", {}).values()

"""What template.yaml declares for each function: handler, timeout, environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cfnlint.decode.cfn_yaml import load

from tests.artefact.runtime import ROOT

TEMPLATE: dict[str, Any] = load(str(ROOT / "template.yaml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One function of the template; ``timeout`` in seconds."""

    handler: str
    timeout: float


def functions() -> dict[str, Declared]:
    """Return the functions by name, which is also that of their folder: ``webhook``."""
    return {
        name.removesuffix("Function").lower(): Declared(
            handler=one["Properties"]["Handler"], timeout=one["Properties"]["Timeout"]
        )
        for name, one in TEMPLATE["Resources"].items()
        if one["Type"] == "AWS::Serverless::Function"
    }


def environment(local: Mapping[str, str]) -> dict[str, str]:
    """
    Return the environment that the template declares, and the variables for the simulated AWS.

    A value that refers to a resource is the local stack's. A variable that the template lacks is
    left out, so the function fails as it would on AWS.
    """
    declared = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    aws = {name: value for name, value in local.items() if name.startswith(("AWS_", "NO_PROXY"))}
    return aws | {
        name: local[name] if name in local else _literal(declared[name]) for name in declared
    }


def _literal(value: object) -> str:
    assert isinstance(value, str), f"the local stack has no {value}"
    return value

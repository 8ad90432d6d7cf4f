"""What template.yaml gives each function: its handler, its time, its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cfnlint.decode.cfn_yaml import load

from tests.artefact.runtime import ROOT

TEMPLATE: dict[str, Any] = load(str(ROOT / "template.yaml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One function of the template; ``timeout`` in seconds."""

    handler: str
    timeout: float


def functions() -> dict[str, Given]:
    """Read the functions, by the name that is also their folder's: ``webhook``."""
    return {
        name.removesuffix("Function").lower(): Given(
            handler=one["Properties"]["Handler"], timeout=one["Properties"]["Timeout"]
        )
        for name, one in TEMPLATE["Resources"].items()
        if one["Type"] == "AWS::Serverless::Function"
    }


def environment(local: Mapping[str, str]) -> dict[str, str]:
    """
    Give a function the variables that the template gives it, and the AWS that is played here.

    What the template only refers to has the local stack's value. A variable that the template
    lacks is not there, so the function fails as it would on AWS.
    """
    told = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    aws = {name: value for name, value in local.items() if name.startswith(("AWS_", "NO_PROXY"))}
    return aws | {name: local[name] if name in local else _literal(told[name]) for name in told}


def _literal(value: object) -> str:
    assert isinstance(value, str), f"the local stack has no {value}"
    return value

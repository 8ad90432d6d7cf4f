"""SAM transforms the template into plain CloudFormation and adds no permissions."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.stack.template import RESOURCES, ROOT

# SAM's libraries conflict with ours: `make template` creates an environment for them.
PYTHON = ROOT / ".tools" / "sam" / "bin" / "python"
TRANSFORM = """
import json
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

template = yaml_parse(open("template.yaml").read())
# Where `sam package` puts the code.
template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
print(json.dumps(Translator({}, Parser()).translate(template, {"Merchant": "acme"})))
"""

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="`make template` installs the SAM CLI")


@pytest.fixture(scope="module")
def transformed() -> dict[str, Any]:
    result = subprocess.run(
        [PYTHON, "-c", TRANSFORM],
        cwd=ROOT,
        env={"AWS_DEFAULT_REGION": "eu-west-1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    resources: dict[str, Any] = json.loads(result.stdout)["Resources"]
    return resources


def test_sam_adds_what_invokes_the_functions_and_no_role(transformed: dict[str, Any]) -> None:
    added = sorted(transformed[name]["Type"] for name in transformed.keys() - RESOURCES.keys())

    assert added == [
        "AWS::ApiGatewayV2::Stage",
        # The hourly audit, and what is sent again every five minutes.
        "AWS::Events::Rule",
        "AWS::Events::Rule",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Permission",
    ]


def test_no_policy_is_managed_by_aws(transformed: dict[str, Any]) -> None:
    # AWSLambdaSQSQueueExecutionRole reads and deletes from every queue of the account.
    assert ":aws:policy/" not in json.dumps(transformed)


def test_the_access_log_and_the_throttling_reach_the_stage(transformed: dict[str, Any]) -> None:
    stage = transformed["ApiApiGatewayDefaultStage"]["Properties"]

    assert stage["AccessLogSettings"]["DestinationArn"] == {"Fn::GetAtt": ["AccessLogs", "Arn"]}
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 1000
    assert '"status": "$context.status"' in stage["AccessLogSettings"]["Format"]["Fn::Sub"]


def test_the_permission_to_recurse_reaches_the_function(transformed: dict[str, Any]) -> None:
    assert transformed["RetryFunction"]["Properties"]["RecursiveLoop"] == "Allow"

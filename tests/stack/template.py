"""The template as written, and as CloudFormation resolves it for given parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cfnlint.decode.cfn_yaml import load

ROOT = Path(__file__).parents[2]
TEMPLATE: dict[str, Any] = load(str(ROOT / "template.yaml"))
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
GLOBALS: dict[str, Any] = TEMPLATE["Globals"]["Function"]

REGION, ACCOUNT = "eu-west-1", "123456789012"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
}
# The property that names a resource, and its ARN behind "arn:aws:" ({} is the name).
NAMED = {
    "CloudWatch::Alarm": ("AlarmName", f"cloudwatch:{REGION}:{ACCOUNT}:alarm:{{}}"),
    "CloudWatch::Dashboard": ("DashboardName", f"cloudwatch::{ACCOUNT}:dashboard/{{}}"),
    "DynamoDB::Table": ("TableName", f"dynamodb:{REGION}:{ACCOUNT}:table/{{}}"),
    "IAM::ManagedPolicy": ("ManagedPolicyName", f"iam::{ACCOUNT}:policy/{{}}"),
    "IAM::Role": ("RoleName", f"iam::{ACCOUNT}:role/{{}}"),
    "KMS::Key": ("", f"kms:{REGION}:{ACCOUNT}:key/{{}}"),
    "Logs::LogGroup": ("LogGroupName", f"logs:{REGION}:{ACCOUNT}:log-group:{{}}:*"),
    "S3::Bucket": ("BucketName", "s3:::{}"),
    "SNS::Topic": ("TopicName", f"sns:{REGION}:{ACCOUNT}:{{}}"),
    "SQS::Queue": ("QueueName", f"sqs:{REGION}:{ACCOUNT}:{{}}"),
    "Serverless::Function": ("FunctionName", f"lambda:{REGION}:{ACCOUNT}:function:{{}}"),
    "Serverless::HttpApi": ("Name", f"apigateway:{REGION}::/apis/{{}}"),
}
# Types whose `Ref` is not the name but the ARN (CloudFormation's reference of each type).
BY_ARN = {"IAM::ManagedPolicy", "SNS::Topic"}


def of(kind: str) -> dict[str, Any]:
    """Return the properties of all resources of a kind, without its "AWS::", by logical name."""
    return {
        name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == f"AWS::{kind}"
    }


FUNCTIONS = of("Serverless::Function")


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """The stack of one merchant. ``resources`` are properties with every reference resolved."""

    stack: str
    parameters: Mapping[str, Any]
    resources: dict[str, Any] = field(default_factory=dict)

    def name(self, logical: str) -> str:
        """Return the name of a resource: the template's, or one like CloudFormation generates."""
        key, _ = NAMED[_kind(logical)]
        fixed = RESOURCES[logical]["Properties"].get(key)
        return self.value(fixed) if fixed else f"{self.stack}-{logical}-{'X' * 12}"

    def arn(self, logical: str) -> str:
        return "arn:aws:" + NAMED[_kind(logical)][1].format(self.name(logical))

    def value(self, written: Any) -> Any:
        """Resolve references, substitutions and conditions in a value of the template."""
        match written:
            case {"Ref": str(name)}:
                return self._ref(name)
            case {"Fn::GetAtt": [logical, attribute]}:
                return self._attribute(logical, attribute)
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([\w:.]+)\}", lambda found: self._sub(found[1]), text)
            case {"Fn::If": [condition, then, otherwise]}:
                return self.value(then if self.holds(condition) else otherwise)
            case dict():
                return {key: self.value(one) for key, one in written.items()}
            case list():
                return [self.value(one) for one in written]
            case _:
                return written

    def holds(self, condition: str) -> bool:
        match TEMPLATE["Conditions"][condition]:
            case {"Fn::Not": [{"Fn::Equals": [one, other]}]}:
                return str(self.value(one)) != str(self.value(other))
        raise AssertionError(condition)

    def _sub(self, name: str) -> str:
        logical, dot, attribute = name.partition(".")
        return str(self._attribute(logical, attribute) if dot else self._ref(name))

    def _ref(self, name: str) -> Any:
        if name in PSEUDO or name in self.parameters:
            return {**PSEUDO, **self.parameters}[name]
        if name == "AWS::NoValue":
            return None
        return self.arn(name) if _kind(name) in BY_ARN else self.name(name)

    def _attribute(self, logical: str, attribute: str) -> str:
        if attribute == "Arn":
            return self.arn(logical)
        assert attribute == "QueueName"
        return self.name(logical)


def rendered(merchant: str, **parameters: Any) -> Rendered:
    """Render the stack of a merchant. Parameters that are not given have their defaults."""
    defaults = {name: one.get("Default") for name, one in TEMPLATE["Parameters"].items()}
    stack = Rendered(
        stack=f"shoprelay-{merchant}",
        parameters={**defaults, **parameters, "Merchant": merchant},
    )
    for name, one in RESOURCES.items():
        if stack.holds(one["Condition"]) if "Condition" in one else True:
            stack.resources[name] = stack.value(one["Properties"])
    return stack


def _kind(logical: str) -> str:
    return str(RESOURCES[logical]["Type"]).removeprefix("AWS::")

"""docs/deploy.md says how much of an account's quotas a stack needs."""

from __future__ import annotations

import re

from cli.checks.preflight import template
from tests.stack.template import ROOT, of

PAGE = (ROOT / "docs" / "deploy.md").read_text()
READ = template.read(ROOT / "template.yaml")


def row(name: str) -> tuple[int, int, int]:
    """Return the first number of each column: the default, the need, and how many stacks fit."""
    [line] = [one for one in PAGE.splitlines() if one.startswith(f"| {name} |")]
    numbers = [re.search(r"[\d,]+", cell) for cell in line.split("|")[2:5]]
    default, need, full = (int(one[0].replace(",", "")) for one in numbers if one)
    return default, need, full


def test_a_stack_needs_as_many_roles_policies_and_rules_as_the_page_says() -> None:
    needed = {
        "IAM: roles": len(of("IAM::Role")),
        "IAM: customer managed policies": len(of("IAM::ManagedPolicy")),
        "EventBridge: rules of the event bus": template.schedules(READ),
        "Lambda: functions that run at the same time": template.most_retries(READ),
        "DynamoDB: tables": len(of("DynamoDB::Table")),
        "S3: buckets": len(of("S3::Bucket")),
    }

    assert {name: row(name)[1] for name in needed} == needed


def test_the_stacks_that_fit_are_the_quota_divided_by_the_need() -> None:
    for name in ("IAM: roles", "IAM: customer managed policies", "DynamoDB: tables"):
        default, need, full = row(name)
        assert full == default // need


def test_a_stack_sends_as_many_requests_as_the_page_says_at_most() -> None:
    [api] = of("Serverless::HttpApi").values()

    rate = api["DefaultRouteSettings"]["ThrottlingRateLimit"]
    [line] = [one for one in PAGE.splitlines() if one.startswith("| API Gateway: ")]
    assert f"| {rate:,} at most |" in line

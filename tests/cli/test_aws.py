"""The region of every command."""

from __future__ import annotations

import pytest

from cli.checks import aws
from shared.errors import NotConfigured


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({}, None),
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": ""}, "eu-west-1"),
    ],
)
def test_both_variables_name_the_region(environment: dict[str, str], region: str | None) -> None:
    assert aws.region(environment) == region


def test_two_regions_are_an_error_that_names_both() -> None:
    with pytest.raises(NotConfigured, match=r"AWS_REGION is eu-west-1 .* is us-east-1: unset one"):
        aws.region({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"})


def test_a_session_is_in_the_region_of_aws_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-south-1")

    assert aws.session().region_name == "eu-south-1"

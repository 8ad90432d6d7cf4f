"""A shell for the tests: a folder with merchants, in which `shoprelay` commands run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from cli.main import main
from tests.cli.aws_stand_in import Responses, standing_in

ACME = """
name = "acme"
storefront = "https://acme.shop"
currency = "EUR"
sources = ["shopify"]
destinations = ["datacue"]
[shopify]
shop = "acme.myshopify.com"
{more}
[catalog]
placeholder_photo = "https://acme.shop/none.png"
"""
SECRETS = {
    "shopify": {"webhook_secrets": ["whsec-one"], "access_token": "shpat_one"},
    "datacue": {"api_key": "key-one", "api_secret": "hidden-one"},
}
SECTION = """
[{name}.deploy.parameters]
stack_name = "shoprelay-{name}"
parameter_overrides = 'Merchant={name} AlarmEmail=""'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The exit code and the output of a command, without the line that says where it acts."""

    code: int
    out: str
    err: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """A folder, which is the current one, and `shoprelay` as a shell runs it."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def merchant(self, text: str, name: str = "acme") -> None:
        (self.folder / "merchants").mkdir(exist_ok=True)
        (self.folder / "merchants" / f"{name}.toml").write_text(text)

    def acme(self, more: str = "") -> None:
        self.merchant(ACME.format(more=more))

    def secrets(self, document: object = SECRETS) -> str:
        path = self.folder / "acme.secrets.json"
        path.write_text(json.dumps(document))
        return str(path)

    def run(self, *words: str) -> Finished:
        self.capsys.readouterr()
        self.monkeypatch.setattr(sys, "argv", ["shoprelay", *words])
        code = 0
        try:
            main()
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        output = self.capsys.readouterr()
        lines = output.err.splitlines(keepends=True)
        where = "".join(line for line in lines if line.startswith("Acting on "))
        return Finished(
            code=code, out=output.out, err=output.err.replace(where, "", 1), where=where.strip()
        )


def make_shell(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    """Return a shell in an empty folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "250")
    return Shell(folder, monkeypatch, capsys)


def without_credentials(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Remove all AWS credentials and the places where boto3 looks for them."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(folder / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # It would keep the credentials of another test.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@contextmanager
def aws_account() -> Iterator[None]:
    """Simulate an empty AWS account."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield


CALLER: Responses = {
    "/": (
        200,
        (
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>"
            "</GetCallerIdentityResult></GetCallerIdentityResponse>"
        ),
    )
}


def describe_stacks(outputs: dict[str, str] | None) -> Responses:
    """Return the response of DescribeStacks with one stack, or with none."""
    if outputs is None:
        code = "<Code>ValidationError</Code><Message>does not exist</Message>"
        return {"/": (400, f"<ErrorResponse><Error>{code}</Error></ErrorResponse>")}
    members = "".join(
        f"<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
        for key, value in outputs.items()
    )
    stack = (
        f"<member><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>{members}</Outputs></member>"
    )
    result = f"<DescribeStacksResult><Stacks>{stack}</Stacks></DescribeStacksResult>"
    return {"/": (200, f"<DescribeStacksResponse>{result}</DescribeStacksResponse>")}


@contextmanager
def cloudformation(
    monkeypatch: pytest.MonkeyPatch, outputs: dict[str, str] | None
) -> Iterator[None]:
    """Serve CloudFormation over HTTP, with one stack or none. moto would import every service."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with standing_in(describe_stacks(outputs)) as url, standing_in(CALLER) as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts)
        yield

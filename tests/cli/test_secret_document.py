"""``shoprelay secrets``: what is put, listed and rotated, and what is never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core import set_initial_no_auth_action_count
from typer.testing import CliRunner, Result

from cli.main import app
from tests.cli.shell import SECRETS, Shell, aws_account, make_shell

WOO = """
name = "acme"
storefront = "https://acme.example"
currency = "EUR"
sources = ["woocommerce"]
destinations = ["datacue"]
[woocommerce]
url = "https://shop.acme.example"
"""


@pytest.fixture(scope="module", autouse=True)
def _account() -> Iterator[None]:
    with aws_account():
        yield


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shell]:
    shell = make_shell(tmp_path, monkeypatch, capsys)
    shell.acme()
    yield shell
    client = boto3.client("secretsmanager")
    for one in client.list_secrets()["SecretList"]:
        client.delete_secret(SecretId=one["ARN"], ForceDeleteWithoutRecovery=True)


def stored() -> Any:
    client = boto3.client("secretsmanager")
    return json.loads(client.get_secret_value(SecretId="shoprelay/acme")["SecretString"])


def typed(*words: str, answers: str) -> Result:
    return CliRunner().invoke(app, ["secrets", *words], input=answers)


def test_a_document_is_put_whole_first_created_and_then_updated(shell: Shell) -> None:
    first = shell.run("secrets", "put", "acme", "--file", shell.secrets())
    second = shell.run("secrets", "put", "acme", "--file", shell.secrets(), "--json")

    assert (first.code, first.out) == (0, "The secret shoprelay/acme is created.\n")
    assert json.loads(second.out) == {"secret": "shoprelay/acme", "is": "updated"}
    assert stored() == SECRETS


def test_keys_are_prompted_for_and_the_input_is_not_shown(shell: Shell) -> None:
    shell.run("secrets", "put", "acme", "--file", shell.secrets())

    result = typed("put", "acme", "shopify.access_token", "datacue.api_key", answers="shpat_2\n\n")

    assert result.exit_code == 0
    assert "shpat_2" not in result.output
    assert stored() == {
        "shopify": {"webhook_secrets": ["whsec-one"], "access_token": "shpat_2"},
        "datacue": SECRETS["datacue"],
    }


def test_without_a_key_every_key_of_the_platforms_is_prompted_for(shell: Shell) -> None:
    result = typed("put", "acme", answers="whsec-one\n\n\nshpat_one\nkey-one\nhidden-one\n\n")

    assert result.exit_code == 0
    assert stored() == SECRETS
    assert "woocommerce" not in result.output
    assert shell.run("secrets", "list", "acme").code == 0


def test_a_value_can_be_read_from_standard_input(shell: Shell) -> None:
    shell.run("secrets", "put", "acme", "--file", shell.secrets())

    typed("put", "acme", "datacue.api_secret", "--stdin", answers="hidden-two\n")

    assert stored()["datacue"] == {"api_key": "key-one", "api_secret": "hidden-two"}


def test_the_list_shows_which_keys_are_set_and_no_value(shell: Shell) -> None:
    shell.run("secrets", "put", "acme", "--file", shell.secrets())

    result = shell.run("secrets", "list", "acme", "--json")

    assert result.code == 0
    assert json.loads(result.out) == {
        "secret": "shoprelay/acme",
        "keys": [
            {"key": "shopify.webhook_secrets", "values": 1},
            {"key": "shopify.client_id", "values": 0},
            {"key": "shopify.client_secret", "values": 0},
            {"key": "shopify.access_token", "values": 1},
            {"key": "datacue.api_key", "values": 1},
            {"key": "datacue.api_secret", "values": 1},
            {"key": "pseudonym_key", "values": 0},
        ],
        "wrong": None,
    }
    table = shell.run("secrets", "list", "acme").out
    assert "shopify.access_token" in table
    assert "shpat_one" not in table


def test_a_missing_secret_is_reported(shell: Shell) -> None:
    result = shell.run("secrets", "list", "acme")

    assert result.code == 1
    assert (
        "There is no secret shoprelay/acme: `shoprelay secrets put acme` creates it." in result.out
    )


def test_a_rotated_webhook_secret_is_valid_beside_the_old_one_until_finish(
    shell: Shell,
) -> None:
    shell.run("secrets", "put", "acme", "--file", shell.secrets())

    rotated = typed("rotate", "acme", "shopify.webhook_secrets", answers="whsec-two\n")
    both = stored()["shopify"]["webhook_secrets"]
    finished = shell.run("secrets", "rotate", "acme", "shopify.webhook_secrets", "--finish")

    assert both == ["whsec-two", "whsec-one"]
    assert "--finish" in rotated.output
    assert "whsec" not in rotated.output
    assert finished.code == 0
    assert stored()["shopify"]["webhook_secrets"] == ["whsec-two"]
    again = shell.run("secrets", "rotate", "acme", "shopify.webhook_secrets", "--finish")
    assert again.err == (
        "shoprelay: there is no older secret to remove: rotate first - at "
        "`$.shopify.webhook_secrets`\n"
    )


def test_a_generated_secret_for_woocommerce_has_safe_characters(shell: Shell) -> None:
    shell.merchant(WOO)
    document = {"woocommerce": {"webhook_secrets": ["old"]}, "datacue": SECRETS["datacue"]}
    shell.run("secrets", "put", "acme", "--file", shell.secrets(document))

    result = shell.run("secrets", "rotate", "acme", "woocommerce.webhook_secrets")

    new, old = stored()["woocommerce"]["webhook_secrets"]
    assert old == "old"
    assert len(new) == 43
    assert new.replace("-", "").replace("_", "").isalnum()
    assert new not in result.out
    assert "`shoprelay connect acme --renew-secret --yes`" in result.out


def test_any_other_key_is_replaced(shell: Shell) -> None:
    shell.run("secrets", "put", "acme", "--file", shell.secrets())

    typed("rotate", "acme", "datacue.api_secret", "--stdin", answers="hidden-two\n")

    assert stored()["datacue"]["api_secret"] == "hidden-two"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"datacue": SECRETS["datacue"]}, "the section is missing - at `$.shopify`"),
        (SECRETS | {"datacue": {"api_key": "key-one"}}, "`api_secret` - at `$.datacue.api_secret`"),
        (SECRETS | {"shopify": {"webhook_secrets": [""]}}, "at `$.shopify.webhook_secrets[0]`"),
        (SECRETS | {"mailer": {}}, "unknown field `mailer`"),
        ([], "Expected `object`, got `array`"),
    ],
)
def test_a_wrong_document_is_rejected_by_its_key_and_never_sent_or_shown(
    shell: Shell, wrong: object, complaint: str
) -> None:
    result = shell.run("secrets", "put", "acme", "--file", shell.secrets(wrong))

    assert result.code == 2
    assert complaint in result.err
    assert "whsec" not in result.err + result.out
    assert "hidden" not in result.err + result.out
    assert boto3.client("secretsmanager").list_secrets()["SecretList"] == []


def test_a_section_that_is_null_is_filled(shell: Shell) -> None:
    document = {"shopify": SECRETS["shopify"], "datacue": SECRETS["datacue"], "yespo": {}}
    client = boto3.client("secretsmanager")
    text = json.dumps(document | {"datacue": None})
    client.create_secret(Name="shoprelay/acme", SecretString=text)

    result = typed("put", "acme", "datacue.api_key", "datacue.api_secret", answers="one\ntwo\n")

    assert (result.exit_code, shell.run("secrets", "list", "acme").code) == (0, 0)
    assert stored()["datacue"] == {"api_key": "one", "api_secret": "two"}


def test_a_key_with_a_typo_is_reported_with_the_most_similar(shell: Shell) -> None:
    result = shell.run("secrets", "put", "acme", "datacue.apikey")

    assert result.code == 2
    assert "acme has no key datacue.apikey; did you mean `datacue.api_key`?" in result.err


def test_a_key_that_a_platform_issues_is_not_generated(shell: Shell) -> None:
    result = shell.run("secrets", "put", "acme", "datacue.api_key", "--generate")

    assert result.code == 2
    assert "datacue.api_key is issued by the platform" in result.err


@set_initial_no_auth_action_count(0)  # no permission for anything
def test_an_error_of_aws_is_one_line(shell: Shell) -> None:
    result = shell.run("secrets", "put", "acme", "--file", shell.secrets())

    assert result.code == 2
    assert result.err.startswith("shoprelay: ")
    assert result.err.count("\n") == 1
    assert "whsec" not in result.err

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
from tests.cli.desk import SECRETS, Desk, account, sit_down

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
    with account():
        yield


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    desk = sit_down(tmp_path, monkeypatch, capsys)
    desk.acme()
    yield desk
    client = boto3.client("secretsmanager")
    for one in client.list_secrets()["SecretList"]:
        client.delete_secret(SecretId=one["ARN"], ForceDeleteWithoutRecovery=True)


def held() -> Any:
    client = boto3.client("secretsmanager")
    return json.loads(client.get_secret_value(SecretId="shoprelay/acme")["SecretString"])


def typed(*words: str, answers: str) -> Result:
    return CliRunner().invoke(app, ["secrets", *words], input=answers)


def test_a_document_is_put_whole_first_created_and_then_updated(desk: Desk) -> None:
    first = desk.run("secrets", "put", "acme", "--file", desk.secrets())
    second = desk.run("secrets", "put", "acme", "--file", desk.secrets(), "--json")

    assert (first.code, first.out) == (0, "The secret shoprelay/acme is created.\n")
    assert json.loads(second.out) == {"secret": "shoprelay/acme", "is": "updated"}
    assert held() == SECRETS


def test_keys_are_asked_for_and_what_is_typed_is_not_shown(desk: Desk) -> None:
    desk.run("secrets", "put", "acme", "--file", desk.secrets())

    result = typed("put", "acme", "shopify.access_token", "datacue.api_key", answers="shpat_2\n\n")

    assert result.exit_code == 0
    assert "shpat_2" not in result.output
    assert held() == {
        "shopify": {"webhook_secrets": ["whsec-one"], "access_token": "shpat_2"},
        "datacue": SECRETS["datacue"],
    }


def test_without_a_key_everything_is_asked_for_that_the_platforms_have(desk: Desk) -> None:
    result = typed("put", "acme", answers="whsec-one\n\n\nshpat_one\nkey-one\nhidden-one\n\n")

    assert result.exit_code == 0
    assert held() == SECRETS
    assert "woocommerce" not in result.output
    assert desk.run("secrets", "list", "acme").code == 0


def test_a_value_can_come_from_standard_input(desk: Desk) -> None:
    desk.run("secrets", "put", "acme", "--file", desk.secrets())

    typed("put", "acme", "datacue.api_secret", "--stdin", answers="hidden-two\n")

    assert held()["datacue"] == {"api_key": "key-one", "api_secret": "hidden-two"}


def test_the_list_tells_what_is_there_and_no_value(desk: Desk) -> None:
    desk.run("secrets", "put", "acme", "--file", desk.secrets())

    ended = desk.run("secrets", "list", "acme", "--json")

    assert ended.code == 0
    assert json.loads(ended.out) == {
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
    table = desk.run("secrets", "list", "acme").out
    assert "shopify.access_token" in table
    assert "shpat_one" not in table


def test_a_secret_that_is_not_there_is_listed_as_missing(desk: Desk) -> None:
    ended = desk.run("secrets", "list", "acme")

    assert ended.code == 1
    assert "There is no secret shoprelay/acme: `shoprelay secrets put acme` makes it." in ended.out


def test_a_rotated_webhook_secret_is_taken_beside_the_old_until_it_is_finished(desk: Desk) -> None:
    desk.run("secrets", "put", "acme", "--file", desk.secrets())

    rotated = typed("rotate", "acme", "shopify.webhook_secrets", answers="whsec-two\n")
    both = held()["shopify"]["webhook_secrets"]
    finished = desk.run("secrets", "rotate", "acme", "shopify.webhook_secrets", "--finish")

    assert both == ["whsec-two", "whsec-one"]
    assert "--finish" in rotated.output
    assert "whsec" not in rotated.output
    assert finished.code == 0
    assert held()["shopify"]["webhook_secrets"] == ["whsec-two"]
    again = desk.run("secrets", "rotate", "acme", "shopify.webhook_secrets", "--finish")
    assert again.err == (
        "shoprelay: there is no older secret to forget: rotate first - at "
        "`$.shopify.webhook_secrets`\n"
    )


def test_a_secret_for_woocommerce_is_made_of_safe_characters(desk: Desk) -> None:
    desk.merchant(WOO)
    document = {"woocommerce": {"webhook_secrets": ["old"]}, "datacue": SECRETS["datacue"]}
    desk.run("secrets", "put", "acme", "--file", desk.secrets(document))

    ended = desk.run("secrets", "rotate", "acme", "woocommerce.webhook_secrets")

    new, old = held()["woocommerce"]["webhook_secrets"]
    assert old == "old"
    assert len(new) == 43
    assert new.replace("-", "").replace("_", "").isalnum()
    assert new not in ended.out
    assert "`shoprelay connect acme --renew-secret --yes`" in ended.out


def test_any_other_key_is_replaced(desk: Desk) -> None:
    desk.run("secrets", "put", "acme", "--file", desk.secrets())

    typed("rotate", "acme", "datacue.api_secret", "--stdin", answers="hidden-two\n")

    assert held()["datacue"]["api_secret"] == "hidden-two"


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
def test_a_wrong_document_is_refused_by_its_key_and_never_sent_or_shown(
    desk: Desk, wrong: object, complaint: str
) -> None:
    ended = desk.run("secrets", "put", "acme", "--file", desk.secrets(wrong))

    assert ended.code == 2
    assert complaint in ended.err
    assert "whsec" not in ended.err + ended.out
    assert "hidden" not in ended.err + ended.out
    assert boto3.client("secretsmanager").list_secrets()["SecretList"] == []


def test_a_section_that_is_null_is_filled(desk: Desk) -> None:
    document = {"shopify": SECRETS["shopify"], "datacue": SECRETS["datacue"], "yespo": {}}
    client = boto3.client("secretsmanager")
    text = json.dumps(document | {"datacue": None})
    client.create_secret(Name="shoprelay/acme", SecretString=text)

    result = typed("put", "acme", "datacue.api_key", "datacue.api_secret", answers="one\ntwo\n")

    assert (result.exit_code, desk.run("secrets", "list", "acme").code) == (0, 0)
    assert held()["datacue"] == {"api_key": "one", "api_secret": "two"}


def test_a_key_with_a_typo_is_told_with_the_nearest(desk: Desk) -> None:
    ended = desk.run("secrets", "put", "acme", "datacue.apikey")

    assert ended.code == 2
    assert "acme has no key datacue.apikey; did you mean `datacue.api_key`?" in ended.err


def test_what_a_platform_gives_out_is_not_made_up(desk: Desk) -> None:
    ended = desk.run("secrets", "put", "acme", "datacue.api_key", "--generate")

    assert ended.code == 2
    assert "datacue.api_key is given out by the platform" in ended.err


@set_initial_no_auth_action_count(0)  # nobody may do anything
def test_a_refusal_of_aws_is_one_sentence(desk: Desk) -> None:
    ended = desk.run("secrets", "put", "acme", "--file", desk.secrets())

    assert ended.code == 2
    assert ended.err.startswith("shoprelay: ")
    assert ended.err.count("\n") == 1
    assert "whsec" not in ended.err

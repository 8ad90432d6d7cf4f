from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from cli import merchant, secret

MERCHANT = """
name = "acme"
storefront = "https://acme.example"
currency = "USD"
sources = ["shopify"]
destinations = ["datacue"]
[shopify]
shop = "acme.myshopify.com"
"""
SECRETS = {
    "shopify": {"webhook_secrets": ["whsec-one"]},
    "datacue": {"api_key": "key-one", "api_secret": "hidden-one"},
}


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    with mock_aws():
        yield


def _files(folder: Path, document: str) -> list[str]:
    (folder / "acme.toml").write_text(MERCHANT)
    (folder / "acme.secrets.json").write_text(document)
    return [str(folder / "acme.toml"), str(folder / "acme.secrets.json")]


def _held() -> str:
    client = boto3.client("secretsmanager")
    return client.get_secret_value(SecretId="shoprelay/acme")["SecretString"]


def test_a_new_secret_is_created_under_the_merchants_name(tmp_path: Path) -> None:
    assert secret.main(_files(tmp_path, json.dumps(SECRETS))) == 0

    assert json.loads(_held()) == SECRETS


def test_a_second_put_replaces_the_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret.main(_files(tmp_path, json.dumps(SECRETS)))
    rotated = SECRETS | {"shopify": {"webhook_secrets": ["whsec-two", "whsec-one"]}}

    assert secret.main(_files(tmp_path, json.dumps(rotated))) == 0

    assert json.loads(_held()) == rotated
    assert capsys.readouterr().out == (
        "The secret shoprelay/acme is created.\nThe secret shoprelay/acme is updated.\n"
    )


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"datacue": SECRETS["datacue"]}, "the section is missing - at `$.shopify`"),
        (SECRETS | {"datacue": {"api_key": "key-one"}}, "`api_secret` - at `$.datacue.api_secret`"),
        (SECRETS | {"shopify": {"webhook_secrets": [""]}}, "at `$.shopify.webhook_secrets[0]`"),
        (SECRETS | {"yespo": {}}, "unknown field `yespo`"),
    ],
)
def test_a_wrong_document_is_refused_by_its_key_and_never_sent_or_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: object, complaint: str
) -> None:
    assert secret.main(_files(tmp_path, json.dumps(wrong))) == 2

    told = capsys.readouterr()
    assert complaint in told.err
    assert "whsec" not in told.err + told.out
    assert "hidden" not in told.err + told.out
    assert boto3.client("secretsmanager").list_secrets()["SecretList"] == []


@set_initial_no_auth_action_count(0)  # nobody may do anything
def test_a_refusal_of_aws_is_one_line_with_its_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert secret.main(_files(tmp_path, json.dumps(SECRETS))) == 2

    assert capsys.readouterr().err == ("The secret was not put: Secrets Manager refused: 403\n")


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = _files(tmp_path, "{}")

    assert secret.main([files[0], str(tmp_path / "none.json")]) == 2

    assert "none.json cannot be read: FileNotFoundError" in capsys.readouterr().err


def test_without_two_files_the_usage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert secret.main(["acme.toml"]) == 2

    assert capsys.readouterr().err == "usage: python -m cli.secret MERCHANT.toml SECRETS.json\n"


def test_a_merchants_file_bears_the_merchants_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.toml").write_text(MERCHANT)

    assert merchant.main([str(tmp_path / "other.toml")]) == 2

    assert capsys.readouterr().err == "the file is other.toml, its merchant `acme` - at `$.name`\n"


@pytest.mark.parametrize("content", [b"\xff", b"name = ", b'name = "acme"\n'])
def test_a_file_that_is_no_merchants_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "acme.toml").write_bytes(content)

    assert merchant.main([str(tmp_path / "acme.toml")]) == 2


def test_the_bundled_merchants_are_right() -> None:
    files = sorted((Path(__file__).parents[2] / "merchants").glob("*.toml"))

    assert "acme.toml" in [file.name for file in files]
    assert merchant.main([str(file) for file in files]) == 0

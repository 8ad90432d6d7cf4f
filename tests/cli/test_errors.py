"""Every mistake that a person can make ends in one sentence that says what to do, and no trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoRegionError,
    ProfileNotFound,
)

from cli.terminal import errors
from shared.errors import NotConfigured, StoreUnavailable
from tests.cli.desk import SECRETS, Desk, sit_down, without_credentials

NO_CREDENTIALS = (
    "there are no AWS credentials, or half of them: export AWS_PROFILE=..., or aws sso login"
)


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    desk = sit_down(tmp_path, monkeypatch, capsys)
    without_credentials(monkeypatch, tmp_path)
    desk.acme()
    Path("orders__create__one.json").write_text("{}")
    Path("nothing.json").write_text("{}")
    Path("acme.secrets.json").write_text('{"shopify": 7}')
    return desk


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "secrets list acmee",
            "there is no file merchants/acmee.toml; did you mean `acme`?",
        ),
        (
            "deploy zulu",
            "there is no file merchants/zulu.toml; `shoprelay init zulu` writes it",
        ),
        ("check zulu", "there is no file merchants/zulu.toml; `shoprelay init zulu` writes it"),
        ("secrets list acme", NO_CREDENTIALS),
        ("secrets put acme --file acme.secrets.json", None),
        ("send acme orders__create__one.json", NO_CREDENTIALS),
        ("destroy acme --confirm acme", NO_CREDENTIALS),
        ("tail acme --once", NO_CREDENTIALS),
        ("status acme", NO_CREDENTIALS),
        (
            "send acme none__create__one.json",
            "there is no file none__create__one.json: look at its name",
        ),
        (
            "send acme orders__create__one.json --secrets none.json",
            "there is no file none.json: look at its name",
        ),
        (
            "send acme orders__create__one.json --secrets acme.secrets.json",
            "the secret: Expected `object | null`, got `int` - at `$.shopify`",
        ),
        (
            "send acme orders__create__one.json --topic order.created",
            "order.created is a topic of woocommerce, and acme has shopify",
        ),
        (
            "explain none__create__one.json --merchant acme",
            "there is no file none__create__one.json: look at its name",
        ),
        (
            "explain orders__create__one.json --merchant acme --topic order.created",
            "order.created is a topic of woocommerce, and acme has shopify",
        ),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    desk: Desk, words: str, sentence: str | None
) -> None:
    ended = desk.run(*words.split())

    assert ended.code == 2
    assert ended.err.startswith("shoprelay: ")
    assert ended.err.count("\n") == 1
    if sentence is not None:
        assert ended.err == f"shoprelay: {sentence}\n"


def test_where_nothing_answers_it_says_what_may_be_wrong(desk: Desk) -> None:
    ended = desk.run(
        *("send", "acme", "orders__create__one.json", "--url", "http://127.0.0.1:9"),
        *("--secrets", desk.secrets(SECRETS)),
    )

    assert (ended.code, ended.err) == (
        2,
        "shoprelay: nothing answers at http://127.0.0.1:9: is `shoprelay local` running?\n",
    )


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("send acme nothing.json", "nothing.json names no topic: say it"),
        ("send acme orders__create__one.json --url acme.shop", "begins with http:// or https://"),
        ("explain orders__create__one.json", "Missing option '--merchant'"),
    ],
)
def test_a_word_that_is_missing_or_wrong_is_named(desk: Desk, words: str, part: str) -> None:
    ended = desk.run(*words.split(), *(("--secrets", desk.secrets()) if "--url" in words else ()))

    assert ended.code == 2
    assert part in ended.err


def refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetSecretValue")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NotConfigured("no such thing", "$.name"), "no such thing - at `$.name`"),
        (
            StoreUnavailable("the store answered 502"),
            "the store answered 502: `shoprelay check NAME` looks closer",
        ),
        (
            refusal("ExpiredTokenException", "hidden"),
            "AWS does not take the credentials: ExpiredTokenException: aws sso login, or new keys",
        ),
        (
            refusal("AccessDeniedException", "not authorized to perform: s3:GetObject on hidden"),
            "you lack s3:GetObject: ask for it, or look in the console",
        ),
        (refusal("Odd", "hidden"), "AWS answered GetSecretValue with Odd"),
        (
            EndpointConnectionError(endpoint_url="https://hidden"),
            "AWS gives no answer: look at the network, at AWS_DEFAULT_REGION and at the endpoint",
        ),
        (NoRegionError(), "no AWS region is set: export AWS_DEFAULT_REGION=eu-central-1"),
        (
            ProfileNotFound(profile="hidden"),
            "AWS_PROFILE names a profile that is not there: aws configure list-profiles names them",
        ),
        (
            BotoCoreError(),
            "AWS could not be asked (BotoCoreError): look at AWS_PROFILE and the network",
        ),
        (FileNotFoundError(2, "hidden", "a.toml"), "there is no file a.toml: look at its name"),
        (
            PermissionError(13, "hidden", "a.toml"),
            "the file a.toml may not be read or written: look at its permissions",
        ),
        (ConnectionRefusedError(111, "hidden"), "nothing answers there: look at the address"),
        (OSError(28, "No space left on device", "a.toml"), "No space left on device: a.toml"),
    ],
)
def test_an_error_is_said_without_what_was_sent_or_received(
    error: Exception, sentence: str
) -> None:
    assert errors.told(error) == errors.Mishap(text=sentence, code=2)


def test_a_bug_is_said_with_its_place_and_never_with_its_message(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("ada@shop.example")

    monkeypatch.setattr("cli.commands.explain.explained", broken)
    ended = desk.run("explain", "orders__create__one.json", "--merchant", "acme")

    assert ended.code == 70
    assert ended.err.startswith("shoprelay: internal error: ValueError in ")
    assert "test_errors:" in ended.err
    assert ended.err.endswith("; this is a bug, --debug shows more\n")
    assert "ada" not in ended.err
    with pytest.raises(ValueError, match="ada"):
        desk.run("explain", "orders__create__one.json", "--merchant", "acme", "--debug")


def test_ctrl_c_ends_with_130(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.commands.explain.explained", stopped)

    assert desk.run("explain", "orders__create__one.json", "--merchant", "acme").code == 130


@pytest.mark.parametrize(
    "command",
    [
        ("init",), ("check",), ("deploy",), ("destroy",), ("send",), ("explain",), ("tail",),
        ("secrets", "put"), ("secrets", "list"), ("secrets", "rotate"),
    ],
)  # fmt: skip
def test_every_command_has_json_an_example_and_its_exit_codes(
    desk: Desk, command: tuple[str, ...]
) -> None:
    said = " ".join(desk.run(*command, "--help").out.split())

    assert "--json" in said
    assert f"Example: shoprelay {' '.join(command)}" in said
    assert "Exit codes: 0" in said

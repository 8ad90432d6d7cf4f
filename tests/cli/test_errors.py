"""Every mistake of an operator ends in one line that says what to do, and no traceback."""

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

from cli.checks import errors
from shared.errors import NotConfigured, StoreUnavailable
from tests.cli.shell import SECRETS, Shell, make_shell, without_credentials

NO_CREDENTIALS = (
    "AWS credentials are missing or incomplete: export AWS_PROFILE=..., or aws sso login"
)


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    shell = make_shell(tmp_path, monkeypatch, capsys)
    without_credentials(monkeypatch, tmp_path)
    shell.acme()
    Path("orders__create__one.json").write_text("{}")
    Path("nothing.json").write_text("{}")
    Path("acme.secrets.json").write_text('{"shopify": 7}')
    return shell


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "secrets list acmee",
            "there is no file merchants/acmee.toml; did you mean `acme`?",
        ),
        (
            "deploy zulu",
            "there is no file merchants/zulu.toml; `shoprelay init zulu` creates it",
        ),
        ("check zulu", "there is no file merchants/zulu.toml; `shoprelay init zulu` creates it"),
        ("secrets list acme", NO_CREDENTIALS),
        ("secrets put acme --file acme.secrets.json", None),
        ("send acme orders__create__one.json", NO_CREDENTIALS),
        ("destroy acme --confirm acme", NO_CREDENTIALS),
        ("tail acme --once", NO_CREDENTIALS),
        ("status acme", NO_CREDENTIALS),
        (
            "send acme none__create__one.json",
            "there is no file none__create__one.json: check its name",
        ),
        (
            "send acme orders__create__one.json --secrets none.json",
            "there is no file none.json: check its name",
        ),
        (
            "send acme orders__create__one.json --secrets acme.secrets.json",
            "the secret: Expected `object | null`, got `int` - at `$.shopify`",
        ),
        (
            "send acme orders__create__one.json --topic order.created",
            "order.created is a topic of woocommerce, and acme has shopify only: check --topic",
        ),
        (
            "explain none__create__one.json --merchant acme",
            "there is no file none__create__one.json: check its name",
        ),
        (
            "explain orders__create__one.json --merchant acme --topic order.created",
            "order.created is a topic of woocommerce, and acme has shopify only: check --topic",
        ),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    shell: Shell, words: str, sentence: str | None
) -> None:
    result = shell.run(*words.split())

    assert result.code == 2
    assert result.err.startswith("shoprelay: ")
    assert result.err.count("\n") == 1
    if sentence is not None:
        assert result.err == f"shoprelay: {sentence}\n"


def test_send_without_a_response_says_what_may_be_wrong(shell: Shell) -> None:
    result = shell.run(
        *("send", "acme", "orders__create__one.json", "--url", "http://127.0.0.1:9"),
        *("--secrets", shell.secrets(SECRETS)),
    )

    assert (result.code, result.err) == (
        2,
        "shoprelay: no response from http://127.0.0.1:9: is `shoprelay local` running?\n",
    )


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("send acme nothing.json", "nothing.json is not named after a topic: set one"),
        ("send acme orders__create__one.json --url acme.shop", "begins with http:// or https://"),
        ("explain orders__create__one.json", "Missing option '--merchant'"),
    ],
)
def test_a_missing_or_wrong_argument_is_named(shell: Shell, words: str, part: str) -> None:
    result = shell.run(
        *words.split(), *(("--secrets", shell.secrets()) if "--url" in words else ())
    )

    assert result.code == 2
    assert part in result.err


def refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetSecretValue")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NotConfigured("no such thing", "$.name"), "no such thing - at `$.name`"),
        (
            StoreUnavailable("the store answered 502"),
            "the store answered 502: `shoprelay check NAME` checks the store",
        ),
        (
            refusal("ExpiredTokenException", "hidden"),
            "AWS rejects the credentials: ExpiredTokenException: aws sso login, or use new keys",
        ),
        (
            refusal("AccessDeniedException", "not authorized to perform: s3:GetObject on hidden"),
            "you lack the permission s3:GetObject: request it, or check in the console",
        ),
        (refusal("Odd", "hidden"), "GetSecretValue of AWS failed: Odd"),
        (
            EndpointConnectionError(endpoint_url="https://hidden"),
            "no response from AWS: check the network, AWS_DEFAULT_REGION and the endpoint",
        ),
        (NoRegionError(), "no AWS region is set: export AWS_DEFAULT_REGION=eu-central-1"),
        (
            ProfileNotFound(profile="hidden"),
            "AWS_PROFILE names a profile that does not exist: aws configure list-profiles",
        ),
        (
            BotoCoreError(),
            "the request to AWS failed (BotoCoreError): check AWS_PROFILE and the network",
        ),
        (FileNotFoundError(2, "hidden", "a.toml"), "there is no file a.toml: check its name"),
        (
            PermissionError(13, "hidden", "a.toml"),
            "no permission to read or write the file a.toml: check its permissions",
        ),
        (ConnectionRefusedError(111, "hidden"), "the connection failed: check the address"),
        (OSError(28, "No space left on device", "a.toml"), "No space left on device: a.toml"),
    ],
)
def test_an_error_is_described_without_what_was_sent_or_received(
    error: Exception, sentence: str
) -> None:
    assert errors.describe(error) == errors.Failure(text=sentence, code=2)


def test_a_bug_is_reported_with_its_place_and_never_with_its_message(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("ada@shop.example")

    monkeypatch.setattr("cli.commands.explain.explain_event", broken)
    result = shell.run("explain", "orders__create__one.json", "--merchant", "acme")

    assert result.code == 70
    assert result.err.startswith("shoprelay: internal error: ValueError in ")
    assert "test_errors:" in result.err
    assert result.err.endswith("; this is a bug, --debug shows more\n")
    assert "ada" not in result.err
    with pytest.raises(ValueError, match="ada"):
        shell.run("explain", "orders__create__one.json", "--merchant", "acme", "--debug")


def test_ctrl_c_exits_with_130(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.commands.explain.explain_event", stopped)

    assert shell.run("explain", "orders__create__one.json", "--merchant", "acme").code == 130


@pytest.mark.parametrize(
    "command",
    [
        ("init",), ("check",), ("deploy",), ("destroy",), ("send",), ("explain",), ("tail",),
        ("secrets", "put"), ("secrets", "list"), ("secrets", "rotate"),
    ],
)  # fmt: skip
def test_every_command_has_json_an_example_and_its_exit_codes(
    shell: Shell, command: tuple[str, ...]
) -> None:
    text = " ".join(shell.run(*command, "--help").out.split())

    assert "--json" in text
    assert f"Example: shoprelay {' '.join(command)}" in text
    assert "Exit codes: 0" in text

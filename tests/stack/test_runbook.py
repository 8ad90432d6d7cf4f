"""The commands in the runbook are valid: each tool accepts them as written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import botocore.session
import pytest
from botocore import xform_name
from typer.testing import CliRunner

from cli.main import app as shoprelay
from tests.stack.template import ROOT

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
# Commands of the AWS CLI that are not operations of a service, with the options that the runbook
# uses (AWS CLI command reference).
CUSTOM = {
    ("logs", "tail"): {"since", "filter-pattern"},
    ("s3", "ls"): set[str](),
    ("s3", "cp"): set[str](),
    ("s3", "rm"): {"recursive"},
}
GENERAL = {"query", "output", "cli-binary-format", "cli-read-timeout"}
SESSION = botocore.session.get_session()


def commands() -> Iterator[list[str]]:
    """Return the words of every command, also of commands within $()."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", RUNBOOK, re.DOTALL | re.MULTILINE)
    for line in "".join(blocks).replace("\\\n", " ").splitlines():
        outer = line.strip()
        for inner in re.findall(r"\$\(([^()]+)\)", outer):
            yield shlex.split(inner)
            outer = outer.replace(f"$({inner})", "VALUE")
        words = shlex.split(outer)
        while words and re.match(r"\w+=", words[0]):
            words = words[1:]
        if words:
            yield words


COMMANDS = list(commands())


def arguments(tool: str) -> list[list[str]]:
    return [words[1:] for words in COMMANDS if words[0] == tool]


def options(words: list[str]) -> set[str]:
    return {word[2:].partition("=")[0] for word in words if word.startswith("--")} - GENERAL


def accepted(service: str, command: str) -> set[str] | None:
    """Return the options of an AWS operation, or None when no operation has that name."""
    model = SESSION.get_service_model(service)
    for operation in model.operation_names:
        if xform_name(operation, "-") == command:
            shape = model.operation_model(operation).input_shape
            members = shape.members if shape else {}
            names = {xform_name(name, "-"): one for name, one in members.items()}
            # A switch is written `--enabled` or `--no-enabled`.
            switches = {f"no-{name}" for name, one in names.items() if one.type_name == "boolean"}
            return names.keys() | switches
    return None


def test_every_command_uses_a_known_tool() -> None:
    assert {words[0] for words in COMMANDS} <= {
        ".", "$EDITOR", "aws", "curl", "export", "make", "shoprelay", "sleep",
    }  # fmt: skip
    assert min(len(arguments("aws")), len(arguments("shoprelay"))) >= 10


@pytest.mark.parametrize("words", arguments("shoprelay"), ids=" ".join)
def test_shoprelay_accepts_the_command(words: list[str]) -> None:
    # Unknown options are rejected before the help is shown.
    assert CliRunner().invoke(shoprelay, [*words, "--help"]).exit_code == 0


def test_shoprelay_rejects_an_unknown_option() -> None:
    words = ["dlq", "list", "--merchant", "acme", "--because", "422"]

    assert CliRunner().invoke(shoprelay, [*words, "--help"]).exit_code == 2


@pytest.mark.parametrize("words", arguments("make"), ids=" ".join)
def test_make_has_the_target(words: list[str]) -> None:
    assert re.search(rf"^{words[0]}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("words", arguments("aws"), ids=lambda words: " ".join(words)[:60])
def test_the_aws_cli_accepts_the_command(words: list[str]) -> None:
    service, command, *rest = words
    if (service, command) in CUSTOM:
        assert options(rest) <= CUSTOM[service, command]
        return
    if command == "wait":
        names = SESSION.get_waiter_model(service).waiter_names
        assert rest[0] in {xform_name(name, "-") for name in names}
        return
    known = accepted({"s3api": "s3"}.get(service, service), command)
    assert known is not None
    assert options(rest) <= known

"""The runbook's commands are commands: each tool takes what is typed."""

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
# Commands of the AWS CLI that are no operations of a service, and the options used of them (its
# command reference).
CUSTOM = {
    ("logs", "tail"): {"since", "filter-pattern"},
    ("s3", "ls"): set[str](),
    ("s3", "cp"): set[str](),
    ("s3", "rm"): {"recursive"},
}
GENERAL = {"query", "output", "cli-binary-format", "cli-read-timeout"}
SESSION = botocore.session.get_session()


def typed() -> Iterator[list[str]]:
    """Give the words of every command, those inside another's $() as well."""
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


COMMANDS = list(typed())


def those(tool: str) -> list[list[str]]:
    return [words[1:] for words in COMMANDS if words[0] == tool]


def options(words: list[str]) -> set[str]:
    return {word[2:].partition("=")[0] for word in words if word.startswith("--")} - GENERAL


def takes(service: str, command: str) -> set[str] | None:
    """Tell which options an operation of AWS takes; None when there is none of that name."""
    model = SESSION.get_service_model(service)
    for operation in model.operation_names:
        if xform_name(operation, "-") == command:
            shape = model.operation_model(operation).input_shape
            return {xform_name(name, "-") for name in (shape.members if shape else ())}
    return None


def test_every_command_is_of_a_tool_that_is_known() -> None:
    assert {words[0] for words in COMMANDS} <= {
        ".", "$EDITOR", "aws", "curl", "export", "make", "shoprelay", "sleep",
    }  # fmt: skip
    assert min(len(those("aws")), len(those("shoprelay"))) >= 10


@pytest.mark.parametrize("words", those("shoprelay"), ids=" ".join)
def test_our_own_command_takes_what_is_typed(words: list[str]) -> None:
    # What is unknown is refused before the help is shown.
    assert CliRunner().invoke(shoprelay, [*words, "--help"]).exit_code == 0


def test_our_own_command_refuses_what_it_does_not_know() -> None:
    words = ["dlq", "list", "--merchant", "acme", "--because", "422"]

    assert CliRunner().invoke(shoprelay, [*words, "--help"]).exit_code == 2


@pytest.mark.parametrize("words", those("make"), ids=" ".join)
def test_make_has_the_target(words: list[str]) -> None:
    assert re.search(rf"^{words[0]}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("words", those("aws"), ids=lambda words: " ".join(words)[:60])
def test_aws_takes_what_is_typed(words: list[str]) -> None:
    service, command, *rest = words
    if (service, command) in CUSTOM:
        assert options(rest) <= CUSTOM[service, command]
        return
    if command == "wait":
        names = SESSION.get_waiter_model(service).waiter_names
        assert rest[0] in {xform_name(name, "-") for name in names}
        return
    known = takes({"s3api": "s3"}.get(service, service), command)
    assert known is not None
    # A switch is written `--enabled` or `--no-enabled`.
    assert options(rest) <= known

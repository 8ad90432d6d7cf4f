"""Every command has an example, JSON output, and a description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from cli.main import app


def commands(group: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    for own, one in group.commands.items():
        whole = f"{name} {own}".strip()
        if hasattr(one, "commands"):
            yield from commands(one, whole)
        else:
            yield whole, one


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", ALL)
def test_a_command_has_an_example_a_description_and_json(name: str) -> None:
    command = ALL[name]

    assert f"shoprelay {name}" in (command.epilog or "")
    assert command.help
    assert "--json" in {option for one in command.params for option in one.opts}


def test_all_commands_are_registered() -> None:
    assert sorted(ALL) == [
        "audit", "check", "connect", "deploy", "destroy", "disconnect", "dlq drop", "dlq list",
        "dlq replay", "dlq show", "explain", "forget", "history", "init", "keep-shop", "local",
        "pause", "resume", "secrets list", "secrets put", "secrets rotate", "send", "status",
        "tail",
    ]  # fmt: skip

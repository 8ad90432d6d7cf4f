"""What reaches a terminal: no control character that a stranger sent."""

from __future__ import annotations

import ast
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.markup import escape
from rich.table import Table

from cli import output
from cli.local.screen import LiveTable, PlainLines
from cli.terminal import subscriptions
from cli.terminal.dead_letters import print_list
from shared.subscriptions.plan import Action, Step

CLI = Path(__file__).parents[2] / "cli"
# ESC, CSI and OSC as one character, BEL, backspace, DEL, a reordering and an invisible character.
BAD = "\x1b\x9b\x9d\x07\x08\x7f\r\u202e\u200b\u2028\ud800"
HOSTILE = st.text(st.sampled_from(BAD + "a[]31m;é\n\t \xa0") | st.characters(), max_size=40)
# Written by programs and for programs: generated pages, stand-ins, the build.
NO_TERMINAL = ("docs", "sandbox", "artefact", "local/stand_ins.py", "output.py")


def unsafe(text: str) -> set[str]:
    return {one for one in text if not one.isprintable()} - set("\n\t")


@given(HOSTILE)
def test_a_text_is_printable(text: str) -> None:
    shown = output.printable(text)

    assert not unsafe(shown)
    assert len(shown) == len(text)
    assert [new for old, new in zip(text, shown, strict=True) if old != new] == [
        " " if old in "\xa0\u1680\u202f\u205f\u3000" or "\u2000" <= old <= "\u200a" else "?"
        for old, new in zip(text, shown, strict=True)
        if old != new
    ]


@given(st.recursive(HOSTILE, lambda one: st.lists(one) | st.dictionaries(HOSTILE, one)))
def test_json_is_printable_and_the_same(document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False)

    shown = output.printable_json(text)

    assert not unsafe(shown)
    assert json.loads(shown) == document


def written(show: Any, **options: Any) -> str:
    file = io.StringIO()
    show(output.console(file=file, width=200, **options))
    return file.getvalue()


@given(HOSTILE)
def test_a_console_writes_only_printable_text(text: str) -> None:
    def show(console: Any) -> None:
        table = Table(text)
        table.add_row(escape(text))
        console.print(table, escape(text), title := f"[bold]{escape(text)}[/bold]")
        console.rule(title)

    assert not unsafe(written(show))


def test_a_console_keeps_its_own_styles() -> None:
    shown = written(lambda one: one.print("[bold]a\x1bb[/bold]"), force_terminal=True)

    assert shown == "\x1b[1ma?b\x1b[0m\n"


EVIL = "\x1b]0;owned\x07\x9b2J\u202e"


def test_the_tables_and_lines_of_the_commands_are_printable(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row: dict[str, Any] = dict.fromkeys(
        ("id", "topic", "destination", "entity", "reason", "status"), EVIL
    )
    row |= {"died_at": "2026-11-21T09:00:00+00:00", "path": EVIL, "tries": None, "message_id": ""}
    step = Step(action=Action.FOREIGN, topic=EVIL, address=EVIL, why=EVIL)
    report = subscriptions.ShopReport(source=EVIL, address=EVIL, steps=(step,))

    print_list([row], 0, wide=True)
    subscriptions.show((report,), acted=False, by_hand=False)

    shown = capsys.readouterr().out
    assert "owned" in shown
    assert not unsafe(shown)


@pytest.mark.parametrize("screen", [PlainLines, LiveTable])
def test_the_screen_of_the_local_stack_is_printable(screen: Any) -> None:
    def show(console: Any) -> None:
        one = screen(console)
        one.show("webhook", id=EVIL, topic=EVIL, answer=EVIL)
        one.show("call", id=EVIL, call=EVIL, verdict=EVIL)
        one.show("alarm", alarm=EVIL, message=EVIL)
        one.close()

    assert not unsafe(written(show))


def test_an_error_and_a_line_are_printable(capsys: pytest.CaptureFixture[str]) -> None:
    output.echo(EVIL)
    output.echo(EVIL, err=True)
    output.echo_result({"id": EVIL}, EVIL, json_out=True)

    shown = capsys.readouterr()
    assert not unsafe(shown.out + shown.err)
    assert json.loads(shown.out.splitlines()[1]) == {"id": EVIL}


def writes(source: str) -> list[int]:
    """Return the lines of a module that write to the terminal by themselves."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in BY_ITSELF
    ]


BY_ITSELF = {
    "print", "Console", "rich.print", "sys.stderr.write", "sys.stdout.write", "typer.echo",
    "typer.secho",
}  # fmt: skip


def test_nothing_else_writes_to_the_terminal() -> None:
    modules = {
        str(path.relative_to(CLI)): path.read_text(encoding="utf-8") for path in CLI.rglob("*.py")
    }
    checked = {name: one for name, one in modules.items() if not name.startswith(NO_TERMINAL)}

    assert len(checked) > 60
    assert [name for name, source in checked.items() if writes(source)] == []
    assert writes("import typer\ntyper.echo('a')\nConsole().print('b')") == [2, 3]

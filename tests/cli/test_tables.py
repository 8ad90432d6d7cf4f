"""Tables of the command line: ids stay whole on one line, in every terminal and in a pipe."""

from __future__ import annotations

from functools import partial

import pytest

from cli import output
from cli.commands import history, status
from cli.stack.health import Health
from cli.terminal import dead_letters, subscriptions, table
from shared.state.journal import JournalRecord
from shared.subscriptions.plan import Action, Step

WIDTHS = (60, 80, 110)
ID = "b54557e4-bdd9-4b37-8a5f-0123456789ab"
NOW = 1_795_853_612.0
ENTRY = JournalRecord(
    id=ID,
    source="shopify",
    topic="customers/marketing_consent_update",
    entity="order:6650100001007",
    received_at="2026-11-28T08:00:00.000000000Z",
    verdicts={
        "datacue": "delivered",
        "esputnik": "dead letter: the platform rejects the merchant's key, in many words",
    },
    attempts=3,
    milliseconds=1200,
)
ROW = {
    "id": ID,
    "message_id": "m",
    "died_at": "2026-11-28T08:00:00+00:00",
    "topic": ENTRY.topic,
    "destination": "personaclick",
    "entity": ENTRY.entity,
    "reason": "the platform rejects the merchant's key, in many words",
    "path": "$.items[3].price",
    "status": 401,
    "tries": 7,
}


@pytest.fixture(params=WIDTHS)
def terminal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    width: int = request.param
    made = partial(output.SafeConsole, force_terminal=True, width=width, color_system=None)
    monkeypatch.setattr(output, "console", made)
    return width


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def _history() -> None:
    table.print_table(history.COLUMNS, [history._row(ENTRY, NOW)] * 2)  # noqa: SLF001


def test_a_webhook_is_one_line_in_a_terminal(
    terminal: int, capsys: pytest.CaptureFixture[str]
) -> None:
    _history()

    head, *rows = _lines(capsys)
    assert len(rows) == 2
    assert max(map(len, (head, *rows))) <= terminal
    assert all(ID in row and "esputnik" in row for row in rows)


def test_a_dead_letter_is_one_line_in_a_terminal(
    terminal: int, capsys: pytest.CaptureFixture[str]
) -> None:
    dead_letters.print_list([ROW, ROW], NOW, wide=False)

    head, *rows = _lines(capsys)
    assert len(rows) == 2
    assert max(map(len, (head, *rows))) <= terminal
    assert all(ID in row for row in rows)


def test_the_topics_of_a_shop_are_whole(terminal: int, capsys: pytest.CaptureFixture[str]) -> None:
    step = Step(action=Action.WITHHELD, topic=ENTRY.topic, address="a", why="word " * 40)
    subscriptions._print_steps(  # noqa: SLF001
        subscriptions.ShopReport(source="shopify", address="a", steps=(step,))
    )

    lines = _lines(capsys)
    assert sum(ENTRY.topic in line for line in lines) == 1
    assert max(map(len, lines)) <= terminal


def test_the_facts_of_a_dead_letter_are_found_whole(
    terminal: int, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = (table.Column(title="Fact", whole=True), table.Column(title="Value", prose=True))
    table.print_table(columns, [("id", ID), ("reason", ROW["reason"])])

    lines = _lines(capsys)
    assert sum(ID in line for line in lines) == 1
    assert max(map(len, lines)) <= terminal


def test_the_topics_of_the_status_are_one_line_each(
    terminal: int, capsys: pytest.CaptureFixture[str]
) -> None:
    health = Health(topics={ENTRY.topic: {"delivered": 12, "last": ENTRY.received_at}})

    status._print_rows("Topic, last 24 h", health.topics, NOW)  # noqa: SLF001

    lines = _lines(capsys)
    assert len(lines) == 2
    assert max(map(len, lines)) <= terminal


def test_nothing_is_cut_off_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    _history()
    dead_letters.print_list([ROW], NOW, wide=False)

    lines = _lines(capsys)
    assert len(lines) == 5
    assert all(ENTRY.verdicts["esputnik"] in line for line in lines[1:3])
    assert f"{ROW['reason']} at {ROW['path']}" in lines[4]


def test_a_wide_table_has_all_columns(capsys: pytest.CaptureFixture[str]) -> None:
    dead_letters.print_list([ROW], NOW, wide=True)

    assert "Attempts" in _lines(capsys)[0]


def test_a_time_has_its_zone(capsys: pytest.CaptureFixture[str]) -> None:
    _history()

    assert "2026-11-28 08:00:00Z" in _lines(capsys)[1]


def test_control_characters_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    table.print_table((table.Column(title="Id"),), [("a\x1b[2Jb",)])

    assert "\x1b" not in capsys.readouterr().out

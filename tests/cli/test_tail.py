"""``shoprelay tail``: which lines of CloudWatch Logs are shown, and how."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from cli.commands.tail import Log, drawn, read
from tests.cli.desk import Desk, account, sit_down

STREAM = "2026/11/21/shoprelay-acme-retry[$LATEST]0123abcd"
ATTEMPT = {
    "level": "INFO",
    "location": "attempt:12",
    "message": "attempt",
    "timestamp": "2026-11-21 09:00:00,000+0000",
    "service": "shoprelay",
    "merchant": "acme",
    "id": "b5-7",
    "destination": "datacue",
    "status": 200,
}
METRICS = {"_aws": {"Timestamp": 1, "CloudWatchMetrics": []}, "delivered": [1.0]}
AT = 1_795_251_600_000  # 2026-11-21T09:00:00Z, in milliseconds


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    desk = sit_down(tmp_path, monkeypatch, capsys)
    with account():
        yield desk


def event(message: Any, at: int = AT) -> dict[str, Any]:
    text = message if isinstance(message, str) else json.dumps(message)
    return {"eventId": "1", "timestamp": at, "message": text, "logStreamName": STREAM}


def write(*events: tuple[int, Any]) -> None:
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName="/shoprelay/acme")
    logs.create_log_stream(logGroupName="/shoprelay/acme", logStreamName=STREAM)
    logs.put_log_events(
        logGroupName="/shoprelay/acme",
        logStreamName=STREAM,
        logEvents=[{"timestamp": at, "message": json.dumps(message)} for at, message in events],
    )


def test_a_line_is_when_where_how_bad_what_and_its_facts() -> None:
    line = read(event(ATTEMPT))

    assert line is not None
    assert drawn(line).plain == (
        "09:00:00 retry    INFO    attempt id=b5-7 destination=datacue status=200"
    )


def test_metrics_and_what_lambda_says_of_itself_are_not_shown() -> None:
    fine = {"type": "platform.report", "record": {"status": "success"}}

    assert read(event(METRICS)) is None
    assert read(event({"type": "platform.start", "record": {}})) is None
    assert read(event(fine)) is None


def test_an_invocation_that_did_not_end_well_is_shown() -> None:
    line = read(event({"type": "platform.report", "record": {"status": "timeout"}}))

    assert line is not None
    assert drawn(line).plain == "09:00:00 retry    ERROR   the function ended with timeout"


def test_a_line_that_is_no_json_is_shown_as_it_is_without_what_would_move_the_cursor() -> None:
    line = read(event("Runtime.ExitError\x1b[2J\n"))

    assert line is not None
    assert drawn(line).plain == "09:00:00 retry    INFO    Runtime.ExitError?[2J"


def test_once_shows_what_is_there_since_a_moment_and_ends(desk: Desk) -> None:
    now = int(time.time() * 1000)
    write((now - 3_600_000, ATTEMPT | {"id": "old"}), (now - 1000, ATTEMPT), (now, METRICS))

    ended = desk.run("tail", "acme", "--once", "--json")
    whole = desk.run("tail", "acme", "--once", "--since", "2h")

    assert ended.code == 0
    [line] = [json.loads(one) for one in ended.out.splitlines()]
    del line["at"]
    assert line == {
        "function": "retry",
        "level": "INFO",
        "message": "attempt",
        "id": "b5-7",
        "destination": "datacue",
        "status": 200,
    }
    assert len(whole.out.splitlines()) == 2


def test_a_second_look_shows_only_what_is_new(desk: Desk) -> None:
    del desk
    now = int(time.time() * 1000)
    write((now - 1000, ATTEMPT))
    log = Log(client=boto3.client("logs"), group="/shoprelay/acme", since=now / 1000 - 60)

    first = [line.facts["id"] for line in log.look()]
    boto3.client("logs").put_log_events(
        logGroupName="/shoprelay/acme",
        logStreamName=STREAM,
        # Older than the newest that was seen: it came late.
        logEvents=[{"timestamp": now - 2000, "message": json.dumps(ATTEMPT | {"id": "late"})}],
    )

    assert first == ["b5-7"]
    assert [line.facts["id"] for line in log.look()] == ["late"]
    assert list(log.look()) == []


def test_a_log_that_is_not_there_is_one_sentence(desk: Desk) -> None:
    ended = desk.run("tail", "acme", "--once")

    assert (ended.code, ended.err) == (
        2,
        (
            "shoprelay: there is no log /shoprelay/acme in this account and region: "
            "`shoprelay deploy acme` makes it\n"
        ),
    )


def test_a_moment_that_is_none_is_refused(desk: Desk) -> None:
    ended = desk.run("tail", "acme", "--once", "--since", "yesterday")

    assert ended.code == 2
    assert "Invalid value for --since" in ended.err

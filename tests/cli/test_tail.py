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
from tests.cli.shell import Shell, aws_account, make_shell

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
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shell]:
    shell = make_shell(tmp_path, monkeypatch, capsys)
    with aws_account():
        yield shell


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


def test_a_line_has_time_function_level_message_and_facts() -> None:
    line = read(event(ATTEMPT))

    assert line is not None
    assert drawn(line).plain == (
        "09:00:00 retry    INFO    attempt id=b5-7 destination=datacue status=200"
    )


def test_metrics_and_reports_of_lambda_are_not_shown() -> None:
    fine = {"type": "platform.report", "record": {"status": "success"}}

    assert read(event(METRICS)) is None
    assert read(event({"type": "platform.start", "record": {}})) is None
    assert read(event(fine)) is None


def test_a_failed_invocation_is_shown() -> None:
    line = read(event({"type": "platform.report", "record": {"status": "timeout"}}))

    assert line is not None
    assert drawn(line).plain == "09:00:00 retry    ERROR   the function ended with timeout"


def test_a_line_that_is_not_json_is_shown_without_control_characters() -> None:
    line = read(event("Runtime.ExitError\x1b[2J\n"))

    assert line is not None
    assert drawn(line).plain == "09:00:00 retry    INFO    Runtime.ExitError?[2J"


def test_once_shows_the_lines_since_a_time_and_stops(shell: Shell) -> None:
    now = int(time.time() * 1000)
    write((now - 3_600_000, ATTEMPT | {"id": "old"}), (now - 1000, ATTEMPT), (now, METRICS))

    result = shell.run("tail", "acme", "--once", "--json")
    whole = shell.run("tail", "acme", "--once", "--since", "2h")

    assert result.code == 0
    [line] = [json.loads(one) for one in result.out.splitlines()]
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


def test_a_second_read_returns_only_new_lines(shell: Shell) -> None:
    del shell
    now = int(time.time() * 1000)
    write((now - 1000, ATTEMPT))
    log = Log(client=boto3.client("logs"), group="/shoprelay/acme", since=now / 1000 - 60)

    first = [line.facts["id"] for line in log.new_lines()]
    boto3.client("logs").put_log_events(
        logGroupName="/shoprelay/acme",
        logStreamName=STREAM,
        # Older than the newest line that was read: it arrived late.
        logEvents=[{"timestamp": now - 2000, "message": json.dumps(ATTEMPT | {"id": "late"})}],
    )

    assert first == ["b5-7"]
    assert [line.facts["id"] for line in log.new_lines()] == ["late"]
    assert list(log.new_lines()) == []


def test_a_missing_log_group_is_one_line(shell: Shell) -> None:
    result = shell.run("tail", "acme", "--once")

    assert (result.code, result.err) == (
        2,
        (
            "shoprelay: there is no log group /shoprelay/acme in this account and region: "
            "`shoprelay deploy acme` creates it\n"
        ),
    )


def test_an_invalid_time_is_rejected(shell: Shell) -> None:
    result = shell.run("tail", "acme", "--once", "--since", "yesterday")

    assert result.code == 2
    assert "Invalid value for --since" in result.err

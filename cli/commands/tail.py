"""``shoprelay tail``: the log lines of a merchant's functions, readable, as they arrive."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer
from botocore.config import Config
from rich.text import Text

from cli import output
from cli.checks.aws import session
from cli.commands.options import Json, Name
from cli.terminal.text import plain
from shared.errors import NotConfigured
from shared.queue.dead_letter import parse_time

EXAMPLE = "Example: shoprelay tail acme --since 10m. Exit codes: 0 shown, 2 not."
_CONFIG = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 5}
)
# A line may arrive late: each query begins this many seconds before the newest line.
_LATE = 30.0
_PAUSE = 2.0
_STYLES = {"ERROR": "bold red", "CRITICAL": "bold red", "WARNING": "yellow"}
# Fields that have a column of their own, or the same value in every line.
_SHOWN = {
    "level", "location", "message", "timestamp", "service", "merchant", "function_name",
    "function_arn", "function_memory_size", "function_request_id", "cold_start", "xray_trace_id",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a log; ``at`` in epoch milliseconds, ``function`` such as retry."""

    at: int
    function: str
    level: str
    message: str
    facts: Mapping[str, Any]

    @property
    def as_json(self) -> dict[str, Any]:
        """Everything, for JSON."""
        head = {"at": _instant(self.at), "function": self.function, "level": self.level}
        return {**head, "message": self.message, **self.facts}


@dataclass(slots=True, kw_only=True)
class Log:
    """A log group, and which of its events were read already (id -> when, in milliseconds)."""

    client: Any
    group: str
    since: float
    _seen: dict[str, int] = field(default_factory=dict)

    def new_lines(self) -> Iterator[Line]:
        """Yield the lines that were not read yet, in order. Raises NotConfigured."""
        events = sorted(self._events(), key=lambda one: one["timestamp"])
        for one in events:
            if one["eventId"] not in self._seen:
                self._seen[one["eventId"]] = one["timestamp"]
                if (line := read(one)) is not None:
                    yield line
        newest = max(self._seen.values(), default=0) / 1000
        self.since = max(self.since, newest - _LATE)
        oldest = self.since * 1000
        self._seen = {name: at for name, at in self._seen.items() if at >= oldest}

    def _events(self) -> list[Any]:
        pages = self.client.get_paginator("filter_log_events")
        try:
            return [
                one
                for page in pages.paginate(
                    logGroupName=self.group, startTime=int(self.since * 1000)
                )
                for one in page["events"]
            ]
        except self.client.exceptions.ResourceNotFoundException:
            raise NotConfigured(
                f"there is no log group {self.group} in this account and region: "
                f"`shoprelay deploy {self.group.rpartition('/')[2]}` creates it"
            ) from None


def tail(
    name: Name,
    *,
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="Show lines after: 10m, 2h, a date, a time.")
    ] = "10m",
    once: Annotated[
        bool, typer.Option("--once", help="Show the lines that are there, and stop.")
    ] = False,
    json_out: Json = False,
) -> None:
    """Show the log of a merchant's functions until Ctrl-C. It holds no personal data."""
    try:
        start = parse_time(since, time.time())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None
    client = session().client("logs", config=_CONFIG)
    log = Log(client=client, group=f"/shoprelay/{name}", since=start)
    console = output.console(highlight=False)
    while True:
        for line in log.new_lines():
            if json_out:
                output.echo_json(msgspec.json.encode(line.as_json))
            else:
                console.print(drawn(line), soft_wrap=True)
        if once:
            return
        time.sleep(_PAUSE)


def read(event: Mapping[str, Any]) -> Line | None:
    """
    Read an event of CloudWatch Logs. Return None for lines that an operator does not need: metrics,
    and Lambda's own report of every invocation.
    """
    try:
        found = json.loads(event["message"])
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return _line(event, "", str(event["message"]).strip(), {})
    if "_aws" in found or str(found.get("type", "")).startswith("platform."):
        return _platform_line(event, found)
    facts = {name: value for name, value in found.items() if name not in _SHOWN}
    return _line(event, str(found.get("level", "")), str(found.get("message", "")), facts, found)


def _platform_line(event: Mapping[str, Any], found: Mapping[str, Any]) -> Line | None:
    # Lambda Developer Guide, "Lambda Telemetry API Event schema reference".
    record = found.get("record")
    status = record.get("status", "success") if isinstance(record, dict) else "success"
    if found.get("type") != "platform.report" or status == "success":
        return None
    return _line(event, "ERROR", f"the function ended with {status}", {})


def _line(
    event: Mapping[str, Any],
    level: str,
    message: str,
    facts: Mapping[str, Any],
    found: Mapping[str, Any] | None = None,
) -> Line:
    function = str((found or {}).get("function_name") or event.get("logStreamName", ""))
    # A stream of a shared group: 2026/11/21/shoprelay-acme-retry[$LATEST]0123abcd.
    short = function.rpartition("/")[2].partition("[")[0].rpartition("-")[2]
    return Line(
        at=event["timestamp"], function=short, level=level or "INFO", message=message, facts=facts
    )


def drawn(line: Line) -> Text:
    """Return a line as text: time, function, level, message, facts."""
    style = _STYLES.get(line.level, "")
    head = Text.assemble(
        (_instant(line.at)[11:19], "dim"),
        f" {line.function:<8.8} ",
        (f"{line.level:<7.7} ", style),
        plain(line.message).append(" ") if line.facts else plain(line.message),
    )
    return head.append(plain(" ".join(f"{key}={_short(one)}" for key, one in line.facts.items())))


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")

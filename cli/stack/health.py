"""The health of a merchant's stack: its state in AWS, and the results in the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from botocore.exceptions import BotoCoreError, ClientError

from cli.checks.cloudformation import describe_stack, no_stack, stack_name
from cli.merchants.files import named
from cli.stack.resources import (
    Location,
    connected,
    dead_letters,
    journal,
    ledger_table,
    retry_queue_url,
)
from cli.stack.subscriptions import Shop, reconcile, shops
from shared.errors import ShoprelayError
from shared.model.version import instant_at
from shared.queue.dead_letter import DeadLetter, DeadLetterFilter
from shared.queue.scan_report import ScanResult
from shared.settings import DestinationName
from shared.state.journal import JournalRecord
from shared.state.ledger import DynamoLedger
from shared.subscriptions.contract import Found
from shared.subscriptions.plan import Action, Step, connecting

# At most so many dead letters are read; `shoprelay dlq list` has the rest.
DEAD_LETTERS = 200
# An older message, in seconds, is not processed: what waits is sent again every 15 minutes.
STUCK = 1800.0
# The number of parts that are read. If AWS cannot be reached, none can be read.
PARTS = 7


@dataclass(slots=True, kw_only=True)
class Health:
    """
    The health of one merchant. ``topics`` and ``destinations`` count verdicts and have the instant
    of the last one (``last``). ``waiting`` is how many webhooks wait for a platform or the store.
    ``unread`` has what could not be read, and why.
    """

    stack: dict[str, str] = field(default_factory=dict)
    webhooks: dict[str, str] = field(default_factory=dict)
    alarms: dict[str, str] = field(default_factory=dict)
    queues: dict[str, str] = field(default_factory=dict)
    dead_letters: dict[str, int] = field(default_factory=dict)
    topics: dict[str, dict[str, Any]] = field(default_factory=dict)
    destinations: dict[str, dict[str, Any]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    waiting: int = 0
    wrong: bool = False


def read_health(
    location: Location, now: float, span: float, describe: Callable[[Exception], str]
) -> Health:
    """
    Read every part, the journal for the last ``span`` seconds. A part that fails does not stop the
    others. ``describe`` returns the text of an error.
    """
    found = Health()
    parts: Iterable[tuple[str, Callable[[], None]]] = (
        ("the stack", lambda: _stack(found, location)),
        ("the webhooks", lambda: _webhooks(found, location)),
        ("the alarms", lambda: _alarms(found, location)),
        ("the queues", lambda: _queues(found, location, now)),
        ("the dead letters", lambda: _dead(found, location)),
        ("the journal", lambda: _journal(found, location, instant_at(now - span))),
        ("the pauses", lambda: _pauses(found, location)),
    )
    for what, read in parts:
        try:
            read()
        except (ShoprelayError, ClientError, BotoCoreError) as error:
            found.unread.append(f"{what}: {describe(error)}")
    found.wrong = found.wrong or bool(found.alarms or found.dead_letters or _stuck(found))
    return found


def _stack(found: Health, location: Location) -> None:
    if location.endpoint_url or not location.merchant:
        return
    name = stack_name(location.merchant)
    stack = describe_stack(connected(location, "cloudformation"), name)
    if stack is None:
        raise no_stack(name)
    changed: datetime = stack.get("LastUpdatedTime", stack["CreationTime"])
    found.stack = {name: f"{stack['StackStatus']}, {changed.astimezone(UTC):%Y-%m-%d %H:%M} UTC"}


def _webhooks(found: Health, location: Location) -> None:
    """Compare the shops' subscriptions, as `shoprelay audit` does, and change nothing."""
    if location.endpoint_url or not location.merchant:
        return
    for shop in shops(named(location.merchant), None, None):
        report = reconcile(shop, _audited, act=False)
        kept = sum(step.action is Action.KEEP for step in report.steps)
        found.webhooks[shop.source] = f"{kept} correct"
        if report.left:
            found.wrong = True
            repair = f"`shoprelay audit {location.merchant} --heal` repairs them"
            found.webhooks[shop.source] += f", {len(report.left)} wrong: {repair}"


def _audited(shop: Shop, found: Found, *, again: bool) -> tuple[Step, ...]:
    del again
    return connecting(shop.wanted, found)


def _alarms(found: Health, location: Location) -> None:
    if location.endpoint_url or not location.merchant:
        return
    pages = connected(location, "cloudwatch").get_paginator("describe_alarms")
    prefix = f"shoprelay/{location.merchant}/"
    for page in pages.paginate(AlarmNamePrefix=prefix):
        for one in page["MetricAlarms"]:
            if one["StateValue"] == "ALARM":
                name = one["AlarmName"].removeprefix(prefix)
                found.alarms[name] = one.get("AlarmDescription", "")


def _queues(found: Health, location: Location, now: float) -> None:
    url = retry_queue_url(location)
    sqs = connected(location, "sqs")
    numbers = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    counts = {
        "waiting": "ApproximateNumberOfMessages",
        "in work": "ApproximateNumberOfMessagesNotVisible",
        "not due yet": "ApproximateNumberOfMessagesDelayed",
    }
    found.queues = {f"retry: {what}": numbers[name] for what, name in counts.items()}
    oldest = _oldest(location, url.rpartition("/")[2], now)
    if oldest is not None:
        found.queues["retry: oldest, seconds"] = f"{oldest:.0f}"


def _oldest(location: Location, name: str, now: float) -> float | None:
    """Return the age of the oldest message in seconds; None where there is no CloudWatch."""
    if location.endpoint_url:
        return None
    end = datetime.fromtimestamp(now, UTC)
    found = connected(location, "cloudwatch").get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": name}],
        StartTime=end - timedelta(minutes=15),
        EndTime=end,
        Period=300,
        Statistics=["Maximum"],
    )["Datapoints"]
    return max((one["Maximum"] for one in found), default=0.0)


def _stuck(found: Health) -> bool:
    return float(found.queues.get("retry: oldest, seconds", 0)) >= STUCK


def _dead(found: Health, location: Location) -> None:
    reasons: Counter[str] = Counter()

    def watch(dead_letter: DeadLetter, result: ScanResult) -> None:
        if result is ScanResult.MATCHED:
            reasons[dead_letter.reason] += 1

    dead = dead_letters(location)
    dead.find(DeadLetterFilter(limit=DEAD_LETTERS), watch)
    found.dead_letters = dict(reasons.most_common())
    if (count := dead.count()) > reasons.total():
        found.dead_letters["and more, see `shoprelay dlq list`"] = count - reasons.total()


def _journal(found: Health, location: Location, since: str) -> None:
    for entry in journal(location).all(since):
        found.waiting += any(_kind(verdict) == "waits" for verdict in entry.verdicts.values())
        for destination, verdict in entry.verdicts.items():
            kind = _kind(verdict)
            _count(found.topics, f"{entry.source} {entry.topic}", kind, entry)
            _count(found.destinations, destination, kind, entry)


def _kind(verdict: str) -> str:
    return next((one for one in ("delivered", "waits", "dead letter") if one in verdict), "other")


def _count(rows: dict[str, dict[str, Any]], name: str, kind: str, entry: JournalRecord) -> None:
    row = rows.setdefault(name, {"last": ""})
    row[kind] = row.get(kind, 0) + 1
    row["last"] = max(row["last"], entry.received_at)


def _pauses(found: Health, location: Location) -> None:
    client, table = ledger_table(location)
    for name in sorted(DynamoLedger(client, table).paused(get_args(DestinationName))):
        found.queues[f"paused: {name}"] = f"`shoprelay resume {name}` resumes it"

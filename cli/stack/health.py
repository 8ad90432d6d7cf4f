"""What is known of a merchant's stack at a moment, from AWS and the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from botocore.exceptions import BotoCoreError, ClientError

from cli.merchants.files import named
from cli.stack.outputs import name_of
from cli.stack.resources import (
    Reach,
    connected,
    dead_letters,
    journal,
    ledger_table,
    retry_queue_url,
)
from cli.stack.subscriptions import Shop, shops, worked
from shared.errors import ShoprelayError
from shared.model.version import instant_at
from shared.queue.dead_letter import DeadLetter, DeadLetterFilter
from shared.queue.scan_report import ScanResult
from shared.settings import DestinationName
from shared.state.journal import JournalRecord
from shared.state.ledger import DynamoLedger
from shared.subscriptions.contract import Found
from shared.subscriptions.plan import Action, Step, connecting

# So many dead letters are looked at; who has more wants `shoprelay dlq list`.
LETTERS = 200
# A message that is older is one that nobody takes: what waits is sent anew every 15 minutes.
STUCK = 1800.0
# So many things are asked; without AWS none is answered.
PARTS = 7


@dataclass(slots=True, kw_only=True)
class Health:
    """
    One merchant. ``topics`` and ``destinations`` count verdicts and say when the last came
    (``last``, an instant). ``unread`` says what could not be asked, and why.
    """

    stack: dict[str, str] = field(default_factory=dict)
    webhooks: dict[str, str] = field(default_factory=dict)
    alarms: dict[str, str] = field(default_factory=dict)
    queues: dict[str, str] = field(default_factory=dict)
    dead_letters: dict[str, int] = field(default_factory=dict)
    topics: dict[str, dict[str, Any]] = field(default_factory=dict)
    destinations: dict[str, dict[str, Any]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    wrong: bool = False


def look(reach: Reach, now: float, span: float, mishap: Callable[[Exception], str]) -> Health:
    """Ask everything; what cannot be asked is said, and no reason to show nothing."""
    found = Health()
    parts: Iterable[tuple[str, Callable[[], None]]] = (
        ("the stack", lambda: _stack(found, reach)),
        ("the webhooks", lambda: _webhooks(found, reach)),
        ("the alarms", lambda: _alarms(found, reach)),
        ("the queues", lambda: _queues(found, reach, now)),
        ("the dead letters", lambda: _dead(found, reach)),
        ("the journal", lambda: _journal(found, reach, instant_at(now - span))),
        ("the pauses", lambda: _pauses(found, reach)),
    )
    for what, ask in parts:
        try:
            ask()
        except (ShoprelayError, ClientError, BotoCoreError) as error:
            found.unread.append(f"{what}: {mishap(error)}")
    found.wrong = found.wrong or bool(found.alarms or found.dead_letters or _stuck(found))
    return found


def _stack(found: Health, reach: Reach) -> None:
    if reach.endpoint_url or not reach.merchant:
        return
    name = name_of(reach.merchant)
    [stack] = connected(reach, "cloudformation").describe_stacks(StackName=name)["Stacks"]
    changed: datetime = stack.get("LastUpdatedTime", stack["CreationTime"])
    found.stack = {name: f"{stack['StackStatus']}, {changed.astimezone(UTC):%Y-%m-%d %H:%M} UTC"}


def _webhooks(found: Health, reach: Reach) -> None:
    """Ask the shops what they send, as `shoprelay audit` does, and change nothing."""
    if reach.endpoint_url or not reach.merchant:
        return
    for shop in shops(named(reach.merchant), None, None):
        part = worked(shop, _audited, act=False)
        kept = sum(step.action is Action.KEEP for step in part.steps)
        found.webhooks[shop.source] = f"{kept} as wanted"
        if part.left:
            found.wrong = True
            heal = f"`shoprelay audit {reach.merchant} --heal` puts it right"
            found.webhooks[shop.source] += f", {len(part.left)} not: {heal}"


def _audited(shop: Shop, found: Found, *, again: bool) -> tuple[Step, ...]:
    del again
    return connecting(shop.wanted, found)


def _alarms(found: Health, reach: Reach) -> None:
    if reach.endpoint_url or not reach.merchant:
        return
    pages = connected(reach, "cloudwatch").get_paginator("describe_alarms")
    prefix = f"shoprelay/{reach.merchant}/"
    for page in pages.paginate(AlarmNamePrefix=prefix):
        for one in page["MetricAlarms"]:
            if one["StateValue"] == "ALARM":
                name = one["AlarmName"].removeprefix(prefix)
                found.alarms[name] = one.get("AlarmDescription", "")


def _queues(found: Health, reach: Reach, now: float) -> None:
    url = retry_queue_url(reach)
    sqs = connected(reach, "sqs")
    numbers = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    counts = {
        "waiting": "ApproximateNumberOfMessages",
        "in work": "ApproximateNumberOfMessagesNotVisible",
        "not due yet": "ApproximateNumberOfMessagesDelayed",
    }
    found.queues = {f"retry: {what}": numbers[name] for what, name in counts.items()}
    oldest = _oldest(reach, url.rpartition("/")[2], now)
    if oldest is not None:
        found.queues["retry: oldest, seconds"] = f"{oldest:.0f}"


def _oldest(reach: Reach, name: str, now: float) -> float | None:
    """Give the age of the oldest message, in seconds; None where there is no CloudWatch."""
    if reach.endpoint_url:
        return None
    end = datetime.fromtimestamp(now, UTC)
    found = connected(reach, "cloudwatch").get_metric_statistics(
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


def _dead(found: Health, reach: Reach) -> None:
    reasons: Counter[str] = Counter()

    def watch(letter: DeadLetter, fate: ScanResult) -> None:
        if fate is ScanResult.MATCHED:
            reasons[letter.reason] += 1

    dead = dead_letters(reach)
    dead.find(DeadLetterFilter(limit=LETTERS), watch)
    found.dead_letters = dict(reasons.most_common())
    if (count := dead.count()) > reasons.total():
        found.dead_letters["and more, see `shoprelay dlq list`"] = count - reasons.total()


def _journal(found: Health, reach: Reach, since: str) -> None:
    for entry in journal(reach).all(since):
        for destination, verdict in entry.verdicts.items():
            kind = _kind(verdict)
            _tell(found.topics, f"{entry.source} {entry.topic}", kind, entry)
            _tell(found.destinations, destination, kind, entry)


def _kind(verdict: str) -> str:
    return next((one for one in ("delivered", "waits", "dead letter") if one in verdict), "other")


def _tell(rows: dict[str, dict[str, Any]], name: str, kind: str, entry: JournalRecord) -> None:
    row = rows.setdefault(name, {"last": ""})
    row[kind] = row.get(kind, 0) + 1
    row["last"] = max(row["last"], entry.received_at)


def _pauses(found: Health, reach: Reach) -> None:
    client, table = ledger_table(reach)
    for name in sorted(DynamoLedger(client, table).paused(get_args(DestinationName))):
        found.queues[f"paused: {name}"] = f"`shoprelay resume {name}` lets it go on"

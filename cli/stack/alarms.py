"""
The alarms of a stack, as one table. Edit `ALARMS` below, then run ``make alarms``.

``python -m cli.stack.alarms template.yaml`` writes them into the template, between two markers. A
template has no short form of its own for them. CloudFormation rejects YAML aliases and merge keys;
cfn-lint warns of merge keys (W1100), and checkov cannot parse one that is overridden.
``Fn::ForEach`` repeats one resource for a list of names, but these differ in more than their names;
it needs a second transform, and checkov cannot expand it.

Each alarm sends mail to the parameter `AlarmEmail`, through the topic `AlarmTopic`.
`docs/runbook.md` has a section for each: what it means, how urgent it is and what to do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START = "  # <alarms>: written by `make alarms` from the table in cli/stack/alarms.py\n"
END = "  # </alarms>\n"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of CloudWatch. ``dimensions`` are names and values as the template writes them."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str = "Sum"


def own(*names: str, of: tuple[str, ...] = ("",)) -> list[Metric]:
    """Return metrics that our code counts, for the merchant or ``of`` each source."""
    return [Metric("Shoprelay", name, _dimensions(source)) for source in of for name in names]


def _dimensions(source: str) -> tuple[tuple[str, str], ...]:
    every = (("merchant", "!Ref Merchant"), ("of", source), ("service", "shoprelay"))
    return tuple(one for one in every if one[1])


def api(name: str, statistic: str = "Sum") -> list[Metric]:
    """Return a metric of the HTTP API."""
    return [Metric("AWS/ApiGateway", name, (("ApiId", "!Ref Api"),), statistic)]


def throttled_requests() -> list[Metric]:
    """Return how many requests the HTTP API rejected with 429, counted in its access log."""
    return [Metric("Shoprelay/Gateway", "Throttled", (("merchant", "!Ref Merchant"),))]


EVERY = ("Webhook", "Retry", "Replay", "Audit")


def functions(name: str, which: tuple[str, ...] = EVERY) -> list[Metric]:
    """Return a metric of every Lambda function, or of ``which``."""
    return [Metric("AWS/Lambda", name, (("FunctionName", f"!Ref {one}Function"),)) for one in which]


def sqs(queue: str, *names: str) -> list[Metric]:
    """Return metrics of a queue. ``names`` are without the "Approximate" that all begin with."""
    dimensions = (("QueueName", f"!GetAtt {queue}.QueueName"),)
    return [Metric("AWS/SQS", f"Approximate{one}", dimensions, "Maximum") for one in names]


def throttled(*operations: str) -> list[Metric]:
    """Return how often the ledger's table throttled each of ``operations``."""
    table = (("TableName", "!Ref LedgerTable"),)
    return [Metric("AWS/DynamoDB", f"{one}ThrottleEvents", table) for one in operations]


# An alarm about a STATE sends a second mail when the state is over. One about an EVENT does not:
# that the event did not happen again is no news.
STATE, EVENT = "state", "event"
SOURCES = ("shopify", "woocommerce")
OLDEST = "AgeOfOldestMessage"
VISIBLE = "NumberOfMessagesVisible"
HIDDEN = "NumberOfMessagesNotVisible"
DELAYED = "NumberOfMessagesDelayed"


@dataclass(frozen=True, slots=True)
class Alarm:
    """
    One row of the table. The alarm goes off when the sum of ``metrics`` is ``least`` or more in
    each of the last ``times`` periods of ``period`` seconds. Missing data means that all is well.
    """

    name: str
    least: int
    period: int
    times: int
    kind: str
    metrics: list[Metric]
    description: str


# fmt: off
ALARMS = (
    #     name              least  per s  times  kind   metrics, and what the mail says

    # The receiver
    Alarm("ServerErrors",           3,  900, 1, STATE, api("5xx"),
          "The receiver responded with 5xx; the shop retries"),
    Alarm("RequestsThrottled",      1,  300, 1, STATE, throttled_requests(),
          "The gateway rejected webhooks with 429: more than the stage or the account allows"),
    Alarm("SlowAnswers",         4000,  300, 3, STATE, api("Latency", "p99"),
          "The receiver responds so late that the shop may give up (5 s)"),
    Alarm("SignatureFailures",      5,  900, 1, STATE, own("NotAuthentic", "NotOurs", of=SOURCES),
          "Webhooks with a wrong signature, or of another shop"),
    Alarm("NotParked",              1,  300, 1, STATE, own("NotParked"),
          "A webhook could be neither delivered nor parked; the shop retries"),
    Alarm("StoredUnsent",           1,  900, 1, STATE, own("StoredUnsent"),
          "SQS does not accept webhooks; they wait in S3 and are sent within minutes"),

    Alarm("SecretUnusable",         1,  300, 1, STATE, own("SecretUnusable"),
          "The secret cannot be read or is invalid; functions use the last one for four hours"),

    # Deliveries, privacy requests and subscriptions
    Alarm("InternalError",          1,  300, 1, EVENT, own("InternalError"),
          "A bug in Shoprelay; the webhooks that it affects are dead letters"),
    Alarm("CredentialsRefused",     1,  300, 1, STATE, own("CredentialsRefused"),
          "A platform rejects our credentials; its webhooks are dead letters"),
    Alarm("StoreRefused",           1,  300, 1, STATE, own("StoreRefused"),
          "The store rejects our API key; webhooks that need its data are retried for a day"),
    Alarm("Uninstalled",            1,  300, 1, EVENT, own("Uninstalled"),
          "The app was uninstalled from the shop"),
    Alarm("DataRequested",          1,  300, 1, EVENT, own("DataRequested"),
          "A person requests the data held about them; respond within 30 days"),
    Alarm("EraseByHand",            1,  300, 1, EVENT, own("EraseByHand"),
          "A person must be erased by hand at a platform that has no API call for it"),
    Alarm("ForeignCurrency",        1, 86400, 1, EVENT, own("ForeignCurrency"),
          "Purchases in another currency than the shop's are not sent to platforms that need it"),
    Alarm("ShopPurged",             1,  300, 1, EVENT, own("ShopPurged"),
          "Shopify requests that all data of the shop is deleted: it will be, or it was"),
    Alarm("DutyWaits",              1,  300, 1, STATE, own("DutyWaits"),
          "A privacy request has waited for an hour; table, bucket or queue cannot be reached"),
    Alarm("SubscriptionLost",       1, 3600, 1, STATE, own("SubscriptionLost"),
          "The shop removed or disabled a subscription; webhooks were not sent"),

    # The functions
    Alarm("FunctionErrors",         1,  300, 1, STATE, functions("Errors"),
          "A function raised an exception or timed out"),
    Alarm("FunctionThrottles",      1,  300, 1, STATE, functions("Throttles"),
          "Lambda throttled a function"),

    # Lambda counts this only while `RecursiveLoop: Allow` is missing. No other function is invoked
    # by the queue that it sends to.
    Alarm("RetriesDropped",         1,  300, 1, STATE,
          functions("RecursiveInvocationsDropped", ("Retry",)),
          "Lambda stops retries as a recursive loop; they become dead letters"),

    # The retry queue. What waits is sent again at least every 15 minutes, so an old message is one
    # that no function takes. That a platform is down shows in how many wait.
    Alarm("QueueStuck",          1800,  300, 2, STATE, sqs("RetryQueue", OLDEST),
          "No function takes messages from the retry queue"),
    Alarm("Backlog",              100,  300, 6, STATE, sqs("RetryQueue", VISIBLE, HIDDEN, DELAYED),
          "At least 100 webhooks have waited for half an hour"),

    # The dead letters. The hidden ones count too: whoever looks at one hides it for ten minutes.
    Alarm("DeadLetter",             1,  300, 1, STATE, sqs("DeadLetters", VISIBLE, HIDDEN),
          "There are dead letters"),
    Alarm("DeadLetterExpires", 864000, 3600, 1, STATE, sqs("DeadLetters", OLDEST),
          "A dead letter is ten days old and is lost after fourteen"),

    # The ledger
    Alarm("LedgerThrottled",       10,  300, 1, STATE, throttled("Read", "Write"),
          "DynamoDB throttles the ledger; webhooks wait"),
)
# fmt: on


def resources() -> str:
    """Return the alarms as resources of the template."""
    return "".join(f"{line}\n" for alarm in ALARMS for line in _resource(alarm))


def placed(template: str) -> str:
    """Put the alarms between their markers. Raises ValueError where these are missing."""
    before, start, rest = template.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError("the template lacks the markers of the alarms")
    return f"{before}{START}{resources()}{END}{after}"


def _resource(alarm: Alarm) -> Iterator[str]:
    name = f'AlarmName: !Sub "shoprelay/${{Merchant}}/{alarm.name}"'
    ends = ", OKActions: [!Ref AlarmTopic]" if alarm.kind == STATE else ""
    yield f"  {alarm.name}Alarm:"
    yield "    Type: AWS::CloudWatch::Alarm"
    yield f"    Properties: {{{name}, AlarmActions: [!Ref AlarmTopic]{ends},"
    yield f'      AlarmDescription: "{alarm.description}",'
    yield from _single(alarm) if len(alarm.metrics) == 1 else _sum(alarm)
    yield (
        f"      EvaluationPeriods: {alarm.times}, Threshold: {alarm.least}, "
        "ComparisonOperator: GreaterThanOrEqualToThreshold, TreatMissingData: notBreaching}"
    )


def _single(alarm: Alarm) -> Iterator[str]:
    [metric] = alarm.metrics
    key = "ExtendedStatistic" if metric.statistic.startswith("p") else "Statistic"
    yield f"      {_metric(metric)}, {key}: {metric.statistic}, Period: {alarm.period},"


def _sum(alarm: Alarm) -> Iterator[str]:
    names = [f"m{place}" for place, _ in enumerate(alarm.metrics, start=1)]
    total = f'{{Id: all, Expression: "SUM([{", ".join(names)}])", Label: {alarm.name}}}'
    parts = [
        f"{{Id: {name}, ReturnData: false, MetricStat: {{Metric: {{{_metric(metric)}}}, "
        f"Period: {alarm.period}, Stat: {metric.statistic}}}}}"
        for name, metric in zip(names, alarm.metrics, strict=True)
    ]
    yield "      Metrics: [" + ",\n        ".join([total, *parts]) + "],"


def _metric(metric: Metric) -> str:
    dimensions = ", ".join(f"{{Name: {name}, Value: {value}}}" for name, value in metric.dimensions)
    return f"Namespace: {metric.namespace}, MetricName: {metric.name}, Dimensions: [{dimensions}]"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(placed(path.read_text(encoding="utf-8")), encoding="utf-8")

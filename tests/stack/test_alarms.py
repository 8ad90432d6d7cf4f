"""Alarms and dashboard use metrics that exist, and the runbook has a section for every alarm."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from cli.stack import alarms
from shared.observability import Observer
from shared.settings import SourceName
from tests.stack.template import FUNCTIONS, GLOBALS, ROOT, Rendered, of, rendered

STACK = rendered("acme")
ALARMS = {name.removesuffix("Alarm"): STACK.resources[name] for name in of("CloudWatch::Alarm")}
WIDGETS: list[Any] = json.loads(STACK.resources["Dashboard"]["DashboardBody"])["widgets"]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()

# Namespace, name and dimensions: what identifies a metric in CloudWatch.
Metric = tuple[str, str, frozenset[tuple[str, str]]]

# The metrics of AWS and their dimensions (each service's page on its CloudWatch metrics).
AWS = {
    "AWS/ApiGateway": ({"4xx", "5xx", "Count", "Latency"}, {"ApiId"}),
    "AWS/DynamoDB": (
        {
            "ConsumedReadCapacityUnits",
            "ConsumedWriteCapacityUnits",
            "ReadThrottleEvents",
            "SuccessfulRequestLatency",
            "WriteThrottleEvents",
        },
        {"TableName"},
    ),
    "AWS/Lambda": (
        {
            "ConcurrentExecutions",
            "Duration",
            "Errors",
            "RecursiveInvocationsDropped",
            "Throttles",
        },
        {"FunctionName"},
    ),
    # Counted by CloudWatch Logs in the gateway's access log.
    "Shoprelay/Gateway": ({"Throttled"}, {"merchant"}),
    "AWS/SQS": (
        {
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesVisible",
        },
        {"QueueName"},
    ),
}


def metric(one: dict[str, Any]) -> Metric:
    dimensions = frozenset((each["Name"], each["Value"]) for each in one["Dimensions"])
    return one["Namespace"], one["MetricName"], dimensions


def watched(alarm: dict[str, Any]) -> list[Metric]:
    if "Metrics" not in alarm:
        return [metric(alarm)]
    return [metric(one["MetricStat"]["Metric"]) for one in alarm["Metrics"] if "MetricStat" in one]


def on_dashboard() -> Iterator[Metric]:
    for widget in WIDGETS:
        for line in widget["properties"].get("metrics", []):
            words = [word for word in line if isinstance(word, str)]
            if words:
                yield words[0], words[1], frozenset(zip(words[2::2], words[3::2], strict=True))


def searches() -> list[tuple[str, ...]]:
    """Return schema, merchant and metric of every search on the dashboard."""
    pattern = r"SEARCH\('\{([\w,]+)\} merchant=\"(\w+)\" MetricName=\"(\w+)\"', 'Sum'\)"
    return re.findall(pattern, json.dumps(WIDGETS).replace('\\"', '"'))


ALL = [one for alarm in ALARMS.values() for one in watched(alarm)] + list(on_dashboard())
OURS = {one for one in ALL if one[0] == "Shoprelay"}


# ---- the table -----------------------------------------------------------------------------------


def test_the_alarms_of_the_template_are_those_of_the_table() -> None:
    template = (ROOT / "template.yaml").read_text()

    assert alarms.placed(template) == template, "run `make alarms`"
    assert list(ALARMS) == [one.name for one in alarms.ALARMS]


def test_a_template_without_markers_is_rejected() -> None:
    with pytest.raises(ValueError, match="markers"):
        alarms.placed("Resources:\n")


def test_an_alarm_about_a_state_alone_sends_a_second_mail() -> None:
    states = {one.name for one in alarms.ALARMS if one.kind == alarms.STATE}

    assert {name for name, one in ALARMS.items() if "OKActions" in one} == states
    assert set(ALARMS) - states == {
        "DataRequested",
        "EraseByHand",
        "ForeignCurrency",
        "InternalError",
        "ShopPurged",
        "Uninstalled",
    }


# ---- our own metrics -----------------------------------------------------------------------------


def raised() -> set[str]:
    """Return the metrics of every `alarm(...)` in the code, and of every plan that names one."""
    nodes = (
        node
        for path in (ROOT / "shared").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
    )
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr="alarm"), args=[ast.Constant(value=name), *_]):
                found.add(str(name))
            case (
                ast.keyword(arg="alarms", value=value)
                | ast.Assign(targets=[ast.Name(id="alarms")], value=value)
            ):
                found |= {
                    str(one.value) for one in ast.walk(value) if isinstance(one, ast.Constant)
                }
            case ast.Call(func=ast.Attribute(attr="alarm"), args=[ast.Name(id="alarm"), *_]):
                pass  # one of a plan's
            case ast.Call(func=ast.Attribute(attr="alarm")):
                pytest.fail(f"line {node.lineno}: the metric of this alarm is not a constant")
    return found


@pytest.fixture
def counted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> set[Metric]:
    """Count the template's metrics with the real observer, as a function of acme does."""
    for name in ("POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"):
        monkeypatch.setenv(name, GLOBALS["Environment"]["Variables"][name])
    observer = Observer("acme")
    for _, name, dimensions in OURS:
        observer.count(name, dict(dimensions).get("of", ""))
    observer.flush()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]
    return {one for line in lines for one in _written(line)}


def _written(line: dict[str, Any]) -> Iterator[Metric]:
    (described,) = line["_aws"]["CloudWatchMetrics"]
    (names,) = described["Dimensions"]
    for one in described["Metrics"]:
        yield described["Namespace"], one["Name"], frozenset((name, line[name]) for name in names)


def test_our_metrics_have_the_names_and_dimensions_that_the_code_writes(
    counted: set[Metric],
) -> None:
    assert len(OURS) >= 8
    assert counted == OURS


def test_every_alarm_in_the_code_is_an_alarm_of_the_stack() -> None:
    own = {name for name, alarm in ALARMS.items() if watched(alarm)[0][0] == "Shoprelay"}

    assert raised() == {
        "CredentialsRefused",
        "DataRequested",
        "DutyWaits",
        "EraseByHand",
        "ForeignCurrency",
        "InternalError",
        "NotParked",
        "SecretUnusable",
        "ShopPurged",
        "StoreRefused",
        "StoredUnsent",
        "SubscriptionLost",
        "Uninstalled",
    }
    assert own == raised() | {"SignatureFailures"}
    assert {name: watched(ALARMS[name])[0][1] for name in raised()} == {
        name: name for name in raised()
    }


def test_wrong_signatures_are_watched_at_every_source() -> None:
    watching = watched(ALARMS["SignatureFailures"])

    assert {(name, dict(dimensions)["of"]) for _, name, dimensions in watching} == {
        (name, source) for name in ("NotAuthentic", "NotOurs") for source in get_args(SourceName)
    }


# ---- metrics of AWS ------------------------------------------------------------------------------


def test_metrics_of_aws_have_the_names_and_dimensions_that_aws_documents() -> None:
    theirs = [one for one in ALL if one[0] != "Shoprelay"]

    for namespace, name, dimensions in theirs:
        names, keys = AWS[namespace]
        assert name in names
        assert {key for key, _ in dimensions} - {"Operation"} == keys
    assert {namespace for namespace, _, _ in theirs} == set(AWS)


def test_a_429_in_the_access_log_is_the_metric_of_the_alarm() -> None:
    counter = STACK.resources["ThrottledRequests"]
    [counted] = counter["MetricTransformations"]
    line = json.loads(STACK.resources["Api"]["AccessLogSettings"]["Format"])

    assert counter["LogGroupName"] == STACK.name("AccessLogs")
    # The log has the status as text: a pattern with a number would not match it.
    assert counter["FilterPattern"] == '{ $.status = "429" }'
    assert line["status"] == "$context.status"
    dimensions = frozenset(
        (one["Key"], line[one["Value"].removeprefix("$.")]) for one in counted["Dimensions"]
    )
    own = (counted["MetricNamespace"], counted["MetricName"], dimensions)
    assert [own] == watched(ALARMS["RequestsThrottled"])
    assert own in set(on_dashboard())


def test_every_function_is_watched_for_errors_and_throttles() -> None:
    own = {STACK.name(name) for name in FUNCTIONS}

    for alarm in ("FunctionErrors", "FunctionThrottles"):
        dimensions = [dict(one) for _, _, one in watched(ALARMS[alarm])]
        assert {one["FunctionName"] for one in dimensions} == own


def test_every_function_that_may_recurse_is_watched_for_dropped_invocations() -> None:
    allowed = {STACK.name(name) for name, one in FUNCTIONS.items() if "RecursiveLoop" in one}

    dimensions = [dict(one) for _, _, one in watched(ALARMS["RetriesDropped"])]
    assert {one["FunctionName"] for one in dimensions} == allowed


def test_no_message_waits_as_long_as_the_threshold_of_queue_stuck() -> None:
    longest_wait = 900 + 360  # the longest delay (shared/queue/sqs.py), then one visibility timeout

    assert ALARMS["QueueStuck"]["Threshold"] == 1800 > longest_wait


def test_a_dead_letter_raises_an_alarm_four_days_before_it_expires() -> None:
    kept = of("SQS::Queue")["DeadLetters"]["MessageRetentionPeriod"]

    assert kept - ALARMS["DeadLetterExpires"]["Threshold"] == 4 * 24 * 3600


# ---- actions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_sends_mail_and_is_off_without_data(name: str) -> None:
    alarm = ALARMS[name]

    assert alarm["AlarmName"] == f"shoprelay/acme/{name}"
    assert alarm["AlarmActions"] == [STACK.arn("AlarmTopic")]
    assert alarm["TreatMissingData"] == "notBreaching"


def test_only_cloudwatch_can_publish_to_the_topic_and_use_its_key() -> None:
    (publish,) = STACK.resources["AlarmTopicPolicy"]["PolicyDocument"]["Statement"]
    _, use_key = STACK.resources["AlarmKey"]["KeyPolicy"]["Statement"]
    cloudwatch = {"Service": "cloudwatch.amazonaws.com"}

    assert (publish["Principal"], publish["Action"]) == (cloudwatch, "sns:Publish")
    assert use_key["Principal"] == cloudwatch
    # What a topic with a key needs (SNS developer guide, "Encrypted topics and AWS services").
    assert set(use_key["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}


# ---- the dashboard and the runbook ---------------------------------------------------------------


def test_the_dashboard_shows_every_alarm() -> None:
    assert set(WIDGETS[0]["properties"]["alarms"]) == {
        STACK.arn(name) for name in of("CloudWatch::Alarm")
    }


def test_the_dashboard_is_one_screen_in_the_order_a_webhook_travels() -> None:
    places = [(one["y"], one["x"]) for one in WIDGETS]
    heads = [str(one["properties"]["title"]).partition(":")[0] for one in WIDGETS]

    assert places == sorted(set(places))
    assert {one["x"] + one["width"] for one in WIDGETS} <= {8, 16, 24}
    assert max(one["y"] + one["height"] for one in WIDGETS) <= 30
    assert list(dict.fromkeys(heads)) == [
        "Alarms",
        "Receiver",
        "Queue",
        "Dead letters",
        "Table",
        "Latency",
        "Functions",
    ]


def test_the_code_counts_what_the_dashboard_searches_for() -> None:
    code = "".join(path.read_text() for path in (ROOT / "shared").rglob("*.py"))

    assert [one[2] for one in searches()] == ["duplicate", "Waiting", "DeadLetter"]
    for schema, merchant, name in searches():
        assert (schema, merchant) == ("Shoprelay,merchant,of,service", "acme")
        assert f'count("{name}", ' in code


def test_the_runbook_has_a_section_for_every_alarm_and_no_other() -> None:
    section = RUNBOOK.split("\n## The alarms\n")[1].split("\n## ")[0]
    parts = re.split(r"^### (.+)$", section, flags=re.MULTILINE)[1:]

    assert sorted(parts[::2]) == sorted(ALARMS)
    for text in parts[1::2]:
        assert "**Resolved:**" in text
        assert "**Urgent:**" in text


def test_the_rendered_stack_resolves_conditions() -> None:
    assert isinstance(STACK, Rendered)
    assert STACK.resources["WebhookFunction"]["ReservedConcurrentExecutions"] is None
    reserved = rendered("acme", WebhookConcurrency=50).resources["WebhookFunction"]
    assert reserved["ReservedConcurrentExecutions"] == 50

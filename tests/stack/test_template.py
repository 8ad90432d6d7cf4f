"""Properties of the stack that a linter cannot check."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cli.local.stack import UNSENT_EVERY
from shared.delivery.settlement import LONGEST_LIFE
from shared.queue.sqs import MAX_ATTRIBUTE, MAX_MESSAGE
from shared.settings import Environment, read_environment
from shared.state.journal import INDEX
from shared.wiring import RECEIVER_LEASE
from tests.stack.grants import granted
from tests.stack.template import FUNCTIONS, GLOBALS, RESOURCES, ROOT, TEMPLATE, of, rendered

# ---- functions -----------------------------------------------------------------------------------


def test_every_entry_point_is_a_function_of_the_stack() -> None:
    handlers = {one["Handler"] for one in FUNCTIONS.values()}
    entry_points = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts) + ".handler"
        for path in (ROOT / "functions").glob("*/app.py")
    }

    assert handlers == entry_points


def test_every_function_runs_python_3_13_on_arm64_and_is_built_by_the_makefile() -> None:
    assert GLOBALS["Runtime"] == "python3.13"
    assert GLOBALS["Architectures"] == ["arm64"]
    assert GLOBALS["CodeUri"] == "."
    assert {RESOURCES[name]["Metadata"]["BuildMethod"] for name in FUNCTIONS} == {"makefile"}
    assert not {"Runtime", "Architectures", "CodeUri"} & {
        key for one in FUNCTIONS.values() for key in one
    }


def test_the_functions_have_every_environment_variable_that_settings_reads() -> None:
    variables = {
        name: value if isinstance(value, str) else str(next(iter(value.values())))
        for name, value in GLOBALS["Environment"]["Variables"].items()
    }

    assert read_environment(variables) == Environment(
        merchant_file="/var/task/merchant.toml",
        secret_name="shoprelay/${Merchant}",
        table="LedgerTable",
        retry_queue="RetryQueue",
        dead_letters="DeadLetters",
        bucket="BodiesBucket",
        wait_scale=1.0,
        door_patience=0.9,
    )
    assert {name for name in variables if name.startswith("SHOPRELAY_")} == {
        "SHOPRELAY_MERCHANT_FILE",
        "SHOPRELAY_SECRET",
        "SHOPRELAY_TABLE",
        "SHOPRELAY_RETRY_QUEUE_URL",
        "SHOPRELAY_DEAD_LETTERS_URL",
        "SHOPRELAY_BUCKET",
        "SHOPRELAY_WAIT_SCALE",
        "SHOPRELAY_DOOR_PATIENCE",
    }


def test_the_audit_runs_hourly_and_looks_for_the_address_in_the_outputs() -> None:
    audit = rendered("acme").resources["AuditFunction"]
    outputs = rendered("acme").value(TEMPLATE["Outputs"])

    assert audit["Events"]["Hourly"]["Properties"]["Schedule"] == "rate(1 hour)"
    assert audit["EventInvokeConfig"] == {"MaximumRetryAttempts": 0}
    variables = audit["Environment"]["Variables"]
    address = read_environment({**variables, **_OTHERS}).endpoint
    assert outputs["ShopifyWebhooks"]["Value"] == f"{address}/shopify"
    assert outputs["WooCommerceWebhooks"]["Value"] == f"{address}/woocommerce"


_OTHERS = {name: "x" for name in GLOBALS["Environment"]["Variables"] if "_URL" in name} | {
    f"SHOPRELAY_{name}": "x" for name in ("MERCHANT_FILE", "SECRET", "TABLE", "BUCKET")
}


def test_the_makefile_copies_the_merchants_file_where_the_functions_read_it() -> None:
    makefile = (ROOT / "Makefile").read_text()

    assert '@cp "merchants/$(MERCHANT).toml" "$(ARTIFACTS_DIR)/merchant.toml"' in makefile


# ---- API -----------------------------------------------------------------------------------------


def test_the_gateway_sends_format_2_events_of_every_source_to_one_function() -> None:
    event = FUNCTIONS["WebhookFunction"]["Events"]["Webhook"]

    assert event["Type"] == "HttpApi"
    assert event["Properties"]["Method"] == "POST"
    assert event["Properties"]["Path"] == "/webhooks/{source}"
    assert event["Properties"]["PayloadFormatVersion"] == "2.0"


def test_the_gateway_does_not_throttle_below_the_highest_concurrency() -> None:
    settings = RESOURCES["Api"]["Properties"]["DefaultRouteSettings"]
    most = TEMPLATE["Parameters"]["WebhookConcurrency"]["MaxValue"]

    assert settings["ThrottlingBurstLimit"] > most
    assert settings["ThrottlingRateLimit"] > most


def test_a_lease_of_the_receiver_outlives_its_timeout() -> None:
    assert FUNCTIONS["WebhookFunction"]["Timeout"] < RECEIVER_LEASE


def test_the_receivers_timeout_is_between_its_response_and_the_gateways_timeout() -> None:
    receiver = FUNCTIONS["WebhookFunction"]
    longest_response = 4.5  # settings.Delivery.answer_within, at most

    assert receiver["Timeout"] > longest_response
    event = receiver["Events"]["Webhook"]["Properties"]
    assert event["TimeoutInMillis"] >= receiver["Timeout"] * 1000


# ---- queues --------------------------------------------------------------------------------------


def test_a_message_in_flight_is_hidden_for_six_times_the_functions_timeout() -> None:
    queue = of("SQS::Queue")["RetryQueue"]

    assert queue["VisibilityTimeout"] >= 6 * FUNCTIONS["RetryFunction"]["Timeout"]


def test_what_sqs_did_not_accept_is_sent_every_five_minutes() -> None:
    event = FUNCTIONS["RetryFunction"]["Events"]["Unsent"]

    assert event == {"Type": "Schedule", "Properties": {"Schedule": "rate(5 minutes)"}}
    assert UNSENT_EVERY == 300.0


def test_retry_takes_small_batches_and_reports_each_failed_message() -> None:
    event = FUNCTIONS["RetryFunction"]["Events"]["Parked"]["Properties"]

    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert event["BatchSize"] == 5
    assert 2 <= event["ScalingConfig"]["MaximumConcurrency"] <= 1000


def test_a_message_that_crashes_the_function_five_times_is_a_dead_letter() -> None:
    queue = of("SQS::Queue")["RetryQueue"]

    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}


def test_only_a_function_that_sends_to_the_queue_that_invokes_it_may_recurse() -> None:
    # Lambda stops a chain of about 16 invocations of any other (the default, Terminate).
    own_queue = {
        name
        for name, function in FUNCTIONS.items()
        for queue in _queues_that_invoke(function)
        if ("sqs:SendMessage", queue) in granted(name)
    }

    assert own_queue == {"RetryFunction"}
    assert {
        name: one["RecursiveLoop"] for name, one in FUNCTIONS.items() if "RecursiveLoop" in one
    } == dict.fromkeys(own_queue, "Allow")
    assert "RecursiveLoop" not in GLOBALS


def _queues_that_invoke(function: dict[str, Any]) -> set[str]:
    events = [one for one in function.get("Events", {}).values() if one["Type"] == "SQS"]
    return {one["Properties"]["Queue"]["Fn::GetAtt"][0] for one in events}


@pytest.mark.parametrize("queue", ["RetryQueue", "DeadLetters"])
def test_a_queue_keeps_its_messages_for_14_days_encrypted_and_over_tls(queue: str) -> None:
    properties = of("SQS::Queue")[queue]
    policy = of("SQS::QueuePolicy")["QueuesOverTls"]

    assert properties["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert properties["SqsManagedSseEnabled"] is True
    assert {"Ref": queue} in policy["Queues"]
    assert _denies_plain_http(policy)


@pytest.mark.parametrize("queue", ["RetryQueue", "DeadLetters"])
def test_a_queue_takes_the_largest_message_that_the_code_sends(queue: str) -> None:
    size = of("SQS::Queue")[queue]["MaximumMessageSize"]

    assert size == 1024 * 1024
    # SQS counts the attributes too: at most eight, each with its name, its type, and up to four
    # bytes for each character.
    assert size - MAX_MESSAGE >= 8 * (4 * MAX_ATTRIBUTE + 32)


def test_the_largest_batch_fits_in_an_invocation() -> None:
    batch = FUNCTIONS["RetryFunction"]["Events"]["Parked"]["Properties"]["BatchSize"]
    size = of("SQS::Queue")["RetryQueue"]["MaximumMessageSize"]

    assert batch * size < 6 * 1024 * 1024  # Lambda quotas: "Invocation payload"


def test_lambda_does_not_retry_a_failed_replay() -> None:
    assert FUNCTIONS["ReplayFunction"]["EventInvokeConfig"] == {"MaximumRetryAttempts": 0}


# ---- storage -------------------------------------------------------------------------------------


def test_the_ledger_has_the_key_and_the_ttl_attribute_that_the_code_writes() -> None:
    table = of("DynamoDB::Table")["LedgerTable"]

    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "entity", "at")
    ]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_table_is_protected_from_deletion() -> None:
    assert of("DynamoDB::Table")["LedgerTable"]["DeletionProtectionEnabled"] is True


def test_the_journal_is_indexed_by_entity_and_time() -> None:
    [index] = of("DynamoDB::Table")["LedgerTable"]["GlobalSecondaryIndexes"]

    assert index == {
        "IndexName": INDEX,
        "KeySchema": [
            {"AttributeName": "entity", "KeyType": "HASH"},
            {"AttributeName": "at", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }


def test_payloads_expire_after_45_days_and_privacy_records_after_30() -> None:
    bucket = of("S3::Bucket")["BodiesBucket"]
    rules = bucket["LifecycleConfiguration"]["Rules"]

    assert {one["Prefix"]: one["ExpirationInDays"] for one in rules if "Prefix" in one} == {
        "bodies/": 45,
        "privacy/": 30,
    }
    assert "VersioningConfiguration" not in bucket
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert _denies_plain_http(of("S3::BucketPolicy")["BucketOverTls"])


def test_only_queues_table_and_bucket_outlive_the_stack() -> None:
    kept = {name for name, one in RESOURCES.items() if "DeletionPolicy" in one}

    assert kept == {"RetryQueue", "DeadLetters", "LedgerTable", "BodiesBucket"}
    # CloudFormation could not delete a protected table after a failed creation; of the others
    # "Retain" would leave empty ones behind.
    assert {name: RESOURCES[name]["DeletionPolicy"] for name in kept} == {
        "RetryQueue": "RetainExceptOnCreate",
        "DeadLetters": "RetainExceptOnCreate",
        "LedgerTable": "Retain",
        "BodiesBucket": "RetainExceptOnCreate",
    }
    assert {RESOURCES[name]["UpdateReplacePolicy"] for name in kept} == {"Retain"}


def test_logs_expire() -> None:
    retention = [one["RetentionInDays"] for one in of("Logs::LogGroup").values()]

    assert retention == [{"Ref": "LogRetentionDays"}] * 2
    assert TEMPLATE["Parameters"]["LogRetentionDays"]["Default"] == 30
    assert GLOBALS["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": "Logs"}}


def _denies_plain_http(policy: dict[str, Any]) -> bool:
    (statement,) = policy["PolicyDocument"]["Statement"]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return (statement["Effect"], statement["Principal"], statement["Condition"]) == (
        "Deny",
        "*",
        plain,
    )


def test_the_access_log_has_no_ip_address_and_no_path() -> None:
    settings = rendered("acme").resources["Api"]["AccessLogSettings"]

    assert settings["DestinationArn"].endswith(":log-group:/aws/vendedlogs/shoprelay/acme:*")
    assert set(json.loads(settings["Format"]).values()) == {
        "acme",
        "$context.requestId",
        "$context.requestTime",
        "$context.routeKey",
        "$context.status",
        "$context.integration.status",
        "$context.error.responseType",
        "$context.responseLatency",
        "$context.integration.latency",
        "$context.responseLength",
    }


def test_queues_bucket_topic_and_table_are_encrypted() -> None:
    buckets = of("S3::Bucket").values()
    (rule,) = (
        rule
        for one in buckets
        for rule in one["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    )

    assert {one["SqsManagedSseEnabled"] for one in of("SQS::Queue").values()} == {True}
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert [one["KmsMasterKeyId"] for one in of("SNS::Topic").values()] == [{"Ref": "AlarmKey"}]
    # Without a specification DynamoDB encrypts with its own key; encryption cannot be disabled.
    assert "SSESpecification" not in of("DynamoDB::Table")["LedgerTable"]


def test_each_suppression_of_a_linter_rule_has_a_reason() -> None:
    text = (ROOT / "template.yaml").read_text()
    suppressions = re.findall(r"checkov:skip=(\w+):?(.*)", text)

    assert len(suppressions) == text.count("skip")
    assert [check for check, reason in suppressions if len(reason.split()) < 5] == []


def test_what_outlives_the_stack_has_the_merchants_tag() -> None:
    stack = rendered("acme")
    kept = [name for name, one in RESOURCES.items() if "DeletionPolicy" in one]

    tag = {"Key": "shoprelay:merchant", "Value": "acme"}
    assert [name for name in kept if tag not in stack.resources[name]["Tags"]] == []
    listed = stack.value(TEMPLATE["Outputs"]["OutlivesTheStack"]["Value"]).split()
    assert sorted(listed) == sorted(map(stack.name, kept))


def test_the_functions_that_deliver_end_before_a_redaction_is_sent_again() -> None:
    timeouts = [FUNCTIONS[name]["Timeout"] for name in ("WebhookFunction", "RetryFunction")]

    assert max(timeouts) == LONGEST_LIFE

"""Facts of the stack that a linter does not know."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import botocore.session
import msgspec
import pytest
from botocore import xform_name
from cfnlint.decode.cfn_yaml import load

from shared.bootstrap import DOOR_LEASE
from shared.pipeline.aftermath import LONGEST_LIFE
from shared.settings import Environment, Merchant, read_environment

ROOT = Path(__file__).parents[1]
TEMPLATE: dict[str, Any] = load(str(ROOT / "template.yaml"))
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
GLOBALS: dict[str, Any] = TEMPLATE["Globals"]["Function"]
SAM = tomllib.loads((ROOT / "samconfig.toml").read_text())


def _of(kind: str) -> dict[str, Any]:
    return {
        name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == f"AWS::{kind}"
    }


FUNCTIONS = _of("Serverless::Function")


def _words(value: object) -> Iterator[tuple[str, object]]:
    """Every key and value below a value."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield key, one
            yield from _words(one)
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)


# ---- functions ----------------------------------------------------------------------------------


def test_every_door_is_a_function_and_every_function_a_door() -> None:
    handlers = {one["Handler"] for one in FUNCTIONS.values()}
    doors = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts) + ".handler"
        for path in (ROOT / "functions").glob("*/app.py")
    }

    assert handlers == doors


def test_every_function_runs_python_3_13_on_arm64_and_is_built_by_the_makefile() -> None:
    assert GLOBALS["Runtime"] == "python3.13"
    assert GLOBALS["Architectures"] == ["arm64"]
    assert GLOBALS["CodeUri"] == "."
    assert {RESOURCES[name]["Metadata"]["BuildMethod"] for name in FUNCTIONS} == {"makefile"}
    assert not {"Runtime", "Architectures", "CodeUri"} & {
        key for one in FUNCTIONS.values() for key in one
    }


def test_the_functions_are_told_everything_that_settings_read() -> None:
    told = {
        name: value if isinstance(value, str) else str(next(iter(value.values())))
        for name, value in GLOBALS["Environment"]["Variables"].items()
    }

    assert read_environment(told) == Environment(
        merchant_file="/var/task/merchant.toml",
        secret_name="shoprelay/${Merchant}",
        table="LedgerTable",
        retry_queue="RetryQueue",
        dead_letters="DeadLetters",
        bucket="BodiesBucket",
        wait_scale=1.0,
    )
    assert {name for name in told if name.startswith("SHOPRELAY_")} == {
        "SHOPRELAY_MERCHANT_FILE",
        "SHOPRELAY_SECRET",
        "SHOPRELAY_TABLE",
        "SHOPRELAY_RETRY_QUEUE_URL",
        "SHOPRELAY_DEAD_LETTERS_URL",
        "SHOPRELAY_BUCKET",
        "SHOPRELAY_WAIT_SCALE",
    }


def test_the_makefile_puts_the_merchants_file_where_the_functions_look() -> None:
    makefile = (ROOT / "Makefile").read_text()

    assert '@cp "merchants/$(MERCHANT).toml" "$(ARTIFACTS_DIR)/merchant.toml"' in makefile


# ---- front door ---------------------------------------------------------------------------------


def test_the_gateway_sends_format_2_events_of_every_source_to_one_function() -> None:
    event = FUNCTIONS["WebhookFunction"]["Events"]["Webhook"]

    assert event["Type"] == "HttpApi"
    assert event["Properties"]["Method"] == "POST"
    assert event["Properties"]["Path"] == "/webhooks/{source}"
    assert event["Properties"]["PayloadFormatVersion"] == "2.0"


def test_the_gateway_never_throttles_before_the_concurrency_is_used_up() -> None:
    settings = RESOURCES["Api"]["Properties"]["DefaultRouteSettings"]
    most = TEMPLATE["Parameters"]["WebhookConcurrency"]["MaxValue"]

    assert settings["ThrottlingBurstLimit"] > most
    assert settings["ThrottlingRateLimit"] > most


def test_a_lease_of_the_door_outlives_the_door() -> None:
    assert FUNCTIONS["WebhookFunction"]["Timeout"] < DOOR_LEASE


def test_the_door_outlives_its_answer_and_the_gateway_the_door() -> None:
    door = FUNCTIONS["WebhookFunction"]
    longest_answer = 4.5  # settings.Delivery.answer_within, at most

    assert door["Timeout"] > longest_answer
    assert door["Events"]["Webhook"]["Properties"]["TimeoutInMillis"] >= door["Timeout"] * 1000


# ---- queues -------------------------------------------------------------------------------------


def test_a_message_in_work_stays_hidden_for_six_times_the_functions_time_out() -> None:
    queue = _of("SQS::Queue")["RetryQueue"]

    assert queue["VisibilityTimeout"] >= 6 * FUNCTIONS["RetryFunction"]["Timeout"]


def test_retry_takes_small_batches_and_answers_for_each_message() -> None:
    event = FUNCTIONS["RetryFunction"]["Events"]["Parked"]["Properties"]

    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert event["BatchSize"] == 5
    assert 2 <= event["ScalingConfig"]["MaximumConcurrency"] <= 1000


def test_a_message_that_crashes_the_function_five_times_is_a_dead_letter() -> None:
    queue = _of("SQS::Queue")["RetryQueue"]

    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}


@pytest.mark.parametrize("queue", ["RetryQueue", "DeadLetters"])
def test_a_queue_keeps_its_messages_for_14_days_encrypted_and_over_tls(queue: str) -> None:
    properties = _of("SQS::Queue")[queue]
    policy = _of("SQS::QueuePolicy")["QueuesOverTls"]

    assert properties["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert properties["SqsManagedSseEnabled"] is True
    assert {"Ref": queue} in policy["Queues"]
    assert _denies_plain_http(policy)


def test_a_replay_that_died_is_not_started_again_by_lambda() -> None:
    assert FUNCTIONS["ReplayFunction"]["EventInvokeConfig"] == {"MaximumRetryAttempts": 0}


# ---- memory -------------------------------------------------------------------------------------


def test_the_ledger_has_the_key_and_the_ttl_that_the_code_writes() -> None:
    table = _of("DynamoDB::Table")["LedgerTable"]

    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "pk", "AttributeType": "S"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_bodies_are_forgotten_after_45_days_and_privacy_records_after_30() -> None:
    bucket = _of("S3::Bucket")["BodiesBucket"]
    rules = bucket["LifecycleConfiguration"]["Rules"]

    assert {one["Prefix"]: one["ExpirationInDays"] for one in rules if "Prefix" in one} == {
        "bodies/": 45,
        "privacy/": 30,
    }
    assert "VersioningConfiguration" not in bucket
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert _denies_plain_http(_of("S3::BucketPolicy")["BucketOverTls"])


def test_only_what_must_survive_the_stack_is_kept() -> None:
    kept = {name for name, one in RESOURCES.items() if one.get("DeletionPolicy") == "Retain"}

    assert kept == {"RetryQueue", "DeadLetters", "LedgerTable", "BodiesBucket"}
    assert {RESOURCES[name]["UpdateReplacePolicy"] for name in kept} == {"Retain"}


def test_logs_end() -> None:
    (group,) = _of("Logs::LogGroup").values()

    assert group["RetentionInDays"] == 30
    assert GLOBALS["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": "Logs"}}


def _denies_plain_http(policy: dict[str, Any]) -> bool:
    (statement,) = policy["PolicyDocument"]["Statement"]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return (statement["Effect"], statement["Principal"], statement["Condition"]) == (
        "Deny",
        "*",
        plain,
    )


# ---- merchants ----------------------------------------------------------------------------------


def test_two_merchants_do_not_collide() -> None:
    names = [
        value
        for key, value in _words(RESOURCES)
        if re.fullmatch("(Function|Group|LogGroup|Queue|Table|Bucket|Role|ManagedPolicy)Name", key)
    ]

    assert len(names) == 1 + len(FUNCTIONS)
    assert [name for name in names if "${Merchant}" not in str(name)] == []


def test_the_stack_takes_the_names_that_a_merchants_file_may_have() -> None:
    (name,) = (one for one in msgspec.structs.fields(Merchant) if one.name == "name")
    (meta,) = name.type.__metadata__

    assert TEMPLATE["Parameters"]["Merchant"]["AllowedPattern"] == meta.pattern


def test_every_merchant_in_samconfig_has_a_stack_of_its_own_and_a_file() -> None:
    tables = {name: one for name, one in SAM.items() if isinstance(one, dict)}
    sections = {
        name: one["deploy"]["parameters"] for name, one in tables.items() if "deploy" in one
    }

    assert "acme" in sections
    for name, section in sections.items():
        assert section["stack_name"] == f"shoprelay-{name}"
        assert section["parameter_overrides"].split()[0] == f"Merchant={name}"
        assert (ROOT / "merchants" / f"{name}.toml").is_file()


def test_the_build_takes_the_source_as_it_stands() -> None:
    assert SAM["default"]["build"]["parameters"]["build_in_source"] is True


# ---- permissions --------------------------------------------------------------------------------


def _granted(function: str) -> set[str]:
    policies = [_of("IAM::ManagedPolicy")[one["Ref"]] for one in FUNCTIONS[function]["Policies"]]
    statements = [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
    actions = [one["Action"] for one in statements]
    return {name for one in actions for name in ([one] if isinstance(one, str) else one)}


# Methods of boto3 whose permission has another name.
OTHERWISE = {
    "s3:HeadObject": "s3:GetObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def _methods() -> dict[str, str]:
    session = botocore.session.get_session()
    actions = {
        xform_name(operation): f"{service}:{operation}"
        for service in ("dynamodb", "s3", "secretsmanager", "sqs")
        for operation in session.get_service_model(service).operation_names
    }
    own = {method: OTHERWISE.get(action, action) for method, action in actions.items()}
    # A transaction needs the permissions of its parts. `get_secret` is Powertools' name.
    del own["transact_write_items"]
    return own | {"get_secret": "secretsmanager:GetSecretValue"}


def _spoken(node: ast.AST) -> set[str]:
    """Name what may be a method of boto3, or a part of a transaction."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value=name)]):
            return {str(name)}
        case ast.Call(func=ast.Attribute(attr=name)):
            return {name}
        case ast.Dict(keys=[ast.Constant(value="Put" | "Update" | "Delete" as part)]):
            return {f"{part.lower()}_item"}
    return set()


def _called(paths: Iterable[Path]) -> set[str]:
    nodes = (node for path in paths for node in ast.walk(ast.parse(path.read_text())))
    methods = _methods()
    return {methods[name] for node in nodes for name in _spoken(node) if name in methods}


def test_the_functions_may_do_what_their_code_does_and_no_more() -> None:
    granted = set().union(*(_granted(name) for name in FUNCTIONS))

    # Granted for its side effect as well: without it a missing body is a 403.
    assert granted == _called((ROOT / "shared").rglob("*.py")) | {"s3:ListBucket"}


def test_every_function_may_read_the_secret_that_it_starts_with() -> None:
    assert [
        name for name in FUNCTIONS if "secretsmanager:GetSecretValue" not in _granted(name)
    ] == []


def test_the_door_to_the_world_cannot_read_dead_letters_or_scan_the_ledger() -> None:
    door = _granted("WebhookFunction")

    forbidden = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue", "dynamodb:Scan"}
    assert door & forbidden == set()


def test_no_permission_is_for_everything() -> None:
    statements = [
        one
        for policy in _of("IAM::ManagedPolicy").values()
        for one in policy["PolicyDocument"]["Statement"]
    ]

    assert [one for one in statements if one["Resource"] == "*"] == []
    assert [name for name in FUNCTIONS if any("*" in action for action in _granted(name))] == []


def test_a_function_reads_its_own_merchants_secret_alone() -> None:
    (secret,) = (
        one["Resource"]["Fn::Sub"]
        for policy in _of("IAM::ManagedPolicy").values()
        for one in policy["PolicyDocument"]["Statement"]
        if one["Action"] == "secretsmanager:GetSecretValue"
    )

    # `-*` would open the secret of a merchant `acme-two` to the stack of `acme`.
    assert secret.endswith(":secret:shoprelay/${Merchant}-??????")


def test_whoever_delivers_ends_before_a_redaction_is_told_again() -> None:
    delivers = [FUNCTIONS[name]["Timeout"] for name in ("WebhookFunction", "RetryFunction")]

    assert max(delivers) == LONGEST_LIFE

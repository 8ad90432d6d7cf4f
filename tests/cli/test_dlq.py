from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
import typer
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws
from moto.server import ThreadedMotoServer
from typer.testing import CliRunner, Result

from cli.commands import dlq, keep_shop, pause
from shared.errors import NotConfigured
from shared.model.value import replace
from shared.queue.dead_letters import DeadLetters
from shared.queue.envelope import Attempt, Envelope
from shared.queue.sqs import DeadLetterReason, RetryQueue
from shared.state.journal import DynamoJournal, JournalEntry
from shared.state.ledger import DynamoLedger
from tests.state.ledgers import table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

APP = typer.Typer()
APP.add_typer(dlq.app, name="dlq")
APP.command("pause")(pause.pause)
APP.command("keep-shop")(keep_shop.keep_shop)
APP.command("resume")(pause.resume)
COUNTS: Any = ["ApproximateNumberOfMessages"]


@dataclass(slots=True)
class Stack:
    """The local stack's resources, by their fixed names."""

    url: str
    sqs: SQSClient
    s3: S3Client
    dynamodb: DynamoDBClient

    def create(self) -> None:
        self.sqs.create_queue(QueueName="shoprelay-retry")
        self.sqs.create_queue(QueueName="shoprelay-dead-letters")
        self.s3.create_bucket(Bucket="shoprelay-bodies")
        table(self.dynamodb, "shoprelay-ledger")

    def queue_url(self, name: str) -> str:
        return self.sqs.get_queue_url(QueueName=f"shoprelay-{name}")["QueueUrl"]

    @property
    def queue(self) -> RetryQueue:
        return RetryQueue(
            self.sqs,
            self.s3,
            retry=self.queue_url("retry"),
            dead=self.queue_url("dead-letters"),
            bucket="shoprelay-bodies",
        )

    def dead_letter(self, envelope: Envelope, reason: str = "answered 400") -> None:
        self.queue.dead_letter(
            envelope, DeadLetterReason(reason=reason, status=400, path="$.price")
        )

    def count(self, name: str) -> int:
        found = self.sqs.get_queue_attributes(QueueUrl=self.queue_url(name), AttributeNames=COUNTS)
        return int(found["Attributes"][COUNTS[0]])

    def run(self, *arguments: str) -> Result:
        return run(*arguments, "--endpoint-url", self.url)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, arguments, env={"COLUMNS": "300"})


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    # moto's long poll of an empty queue lasts a whole second
    defaults = DeadLetters.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "wait", 0)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def stack(server: str) -> Iterator[Stack]:
    session = boto3.session.Session("local", "local", region_name="us-east-1")
    stack = Stack(
        server,
        session.client("sqs", endpoint_url=server),
        session.client("s3", endpoint_url=server),
        session.client("dynamodb", endpoint_url=server),
    )
    # moto keeps one account for the whole process, with the resources of other tests.
    requests.post(f"{server}/moto-api/reset", timeout=10)
    stack.create()
    yield stack
    for name in ("retry", "dead-letters"):
        stack.sqs.delete_queue(QueueUrl=stack.queue_url(name))
    stack.s3.delete_bucket(Bucket="shoprelay-bodies")
    stack.dynamodb.delete_table(TableName="shoprelay-ledger")


def webhook(name: str = "w-1", **changes: Any) -> Envelope:
    envelope = Envelope(
        id=name,
        source="shopify",
        topic="products/update",
        triggered_at="2026-11-20T09:00:00.000000000Z",
        received_at="2026-11-20T09:00:01.000000000Z",
        headers={"x-shopify-topic": "products/update"},
        body=b'{"email": "someone@shop.example"}',
        entity="product:1",
        destination="datacue",
        trail=(
            Attempt(at="2026-11-20T09:00:02.000000000Z", verdict="try_again", status=503),
            Attempt(at="2026-11-20T09:00:07.000000000Z", verdict="refused", reason="no [red]price"),
        ),
    )
    return replace(envelope, **changes)


def test_list_shows_each_dead_letter_and_the_count_of_each_reason(stack: Stack) -> None:
    stack.dead_letter(webhook("w-1"))
    stack.dead_letter(webhook("w-2", topic="orders/paid", entity="order:7"), "answered 422")

    result = run("dlq", "list", "--endpoint-url", stack.url)

    lines = result.stdout.splitlines()
    assert lines[0].split() == [
        "Age", "Id", "Topic", "Destination", "Entity", "Reason", "Status",
    ]  # fmt: skip
    assert sorted(line.split()[1:] for line in lines[1:3]) == [
        [
            "w-1",
            "products/update",
            "datacue",
            "product:1",
            "answered",
            "400",
            "at",
            "$.price",
            "400",
        ],
        [
            "w-2",
            "orders/paid",
            "datacue",
            "order:7",
            "answered",
            "422",
            "at",
            "$.price",
            "400",
        ],
    ]
    assert sorted(line.split() for line in lines[5:]) == [
        ["1", "answered", "400"],
        ["1", "answered", "422"],
    ]
    assert result.exit_code == 0
    assert stack.count("dead-letters") == 2


def test_list_accepts_the_endpoint_before_or_after_its_name_and_filters(stack: Stack) -> None:
    stack.dead_letter(webhook("w-1"))
    stack.dead_letter(webhook("w-2", topic="orders/paid"))
    command = ("list", "--topic", "orders/paid", "--after", "1h", "--json")

    before = run("dlq", "--endpoint-url", stack.url, *command)
    after = run("dlq", *command, "--endpoint-url", stack.url)

    assert [one["id"] for one in json.loads(before.stdout)["letters"]] == ["w-2"]
    assert before.stdout == after.stdout


def test_list_as_json_holds_no_body(stack: Stack) -> None:
    stack.dead_letter(webhook())

    output = json.loads(stack.run("dlq", "list", "--json").stdout)

    [dead_letter] = output.pop("letters")
    assert {"message_id", "died_at"} <= dead_letter.keys()
    del dead_letter["message_id"], dead_letter["died_at"]
    assert dead_letter == {
        "id": "w-1", "source": "shopify", "topic": "products/update", "destination": "datacue",
        "entity": "product:1", "reason": "answered 400", "status": 400, "path": "$.price",
        "tries": 2,
    }  # fmt: skip
    assert output == {
        "seen": 1, "matched": 1, "done": 0, "left": 1, "unreadable": 0, "returned": 0,
        "in_flight_elsewhere": 0, "unseen": 0, "hidden": 0, "stopped": "", "error": "",
    }  # fmt: skip


def test_list_says_when_the_queue_is_empty(stack: Stack) -> None:
    result = stack.run("dlq", "list")

    assert (result.exit_code, result.stdout) == (0, "No dead letters.\n")


def test_show_prints_every_fact_and_every_attempt_but_not_the_body(stack: Stack) -> None:
    stack.dead_letter(webhook())

    result = stack.run("dlq", "show", "w-1")

    assert result.exit_code == 0
    for fact in ("products/update", "product:1", "$.price", "503", "no [red]price", "try_again"):
        assert fact in result.stdout
    assert "someone@" not in result.stdout


def test_show_prints_the_results_at_the_other_destinations(stack: Stack) -> None:
    stack.dead_letter(webhook())
    entry = JournalEntry(
        id="w-1",
        source="shopify",
        topic="products/update",
        entity="product:1",
        received_at=webhook().received_at,
        verdicts={"datacue": "dead letter: answered 400", "yespo": "delivered"},
        milliseconds=7,
    )
    journal = DynamoJournal(stack.dynamodb, "shoprelay-ledger", str, 14, lambda: 4e9)
    journal.write(entry)
    journal.write(replace(entry, id="w-2", verdicts={"esputnik": "delivered"}))

    [output] = json.loads(stack.run("dlq", "show", "w-1", "--json").stdout)

    assert output["journal"] == {"datacue": "dead letter: answered 400", "yespo": "delivered"}
    assert "yespo" in stack.run("dlq", "show", "w-1").stdout


def test_show_prints_the_body_with_its_option(stack: Stack) -> None:
    stack.dead_letter(webhook())

    assert "someone@shop.example" in stack.run("dlq", "show", "w-1", "--body").stdout
    [output] = json.loads(stack.run("dlq", "show", "w-1", "--body", "--json").stdout)
    assert output["body"] == '{"email": "someone@shop.example"}'
    assert [one["status"] for one in output["trail"]] == [503, None]


def test_show_finds_a_dead_letter_by_the_id_of_its_message(stack: Stack) -> None:
    sent = stack.sqs.send_message(QueueUrl=stack.queue_url("dead-letters"), MessageBody="hello")

    result = stack.run("dlq", "show", sent["MessageId"])

    assert result.exit_code == 0
    assert "not an envelope" in result.stdout
    assert "hello" not in result.stdout


def test_show_of_an_unknown_id_fails(stack: Stack) -> None:
    result = stack.run("dlq", "show", "w-9")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "There is no dead letter with the id w-9. `shoprelay dlq list` lists them.\n"
    )


@pytest.mark.parametrize("command", ["replay", "drop"])
@pytest.mark.parametrize("flags", [(), ("--dry-run",)])
def test_nothing_is_changed_without_yes(stack: Stack, command: str, flags: tuple[str, ...]) -> None:
    stack.dead_letter(webhook())

    result = stack.run("dlq", command, *flags)

    assert result.exit_code == 0
    assert "1 of 1 dead letters would be " in result.stdout
    assert (stack.count("dead-letters"), stack.count("retry")) == (1, 0)


def test_replay_sends_what_matches_to_the_retry_queue(stack: Stack) -> None:
    stack.dead_letter(webhook("w-1"))
    stack.dead_letter(webhook("w-2", topic="orders/paid"))

    result = stack.run(
        "dlq", "replay", "--topic", "orders/paid", "--yes", "--force", "--rate", "50"
    )

    assert result.exit_code == 0
    assert result.stdout.startswith("1 of 2 dead letters were replayed.\n")
    [sent] = stack.sqs.receive_message(QueueUrl=stack.queue_url("retry"))["Messages"]
    envelope = stack.queue.open(sent["Body"])
    assert (envelope.id, envelope.forced, envelope.replays) == ("w-2", True, 1)
    assert stack.count("dead-letters") == 1


def test_replay_as_json_has_numbers(stack: Stack) -> None:
    stack.dead_letter(webhook())

    output = json.loads(stack.run("dlq", "replay", "--yes", "--json").stdout)

    names = ("matched", "replayed", "left", "in_flight_elsewhere", "dry_run", "reasons")
    assert [output[name] for name in names] == [1, 1, 0, 0, False, {"answered 400": 1}]


def test_a_dead_letter_that_cannot_be_replayed_is_a_partial_failure(stack: Stack) -> None:
    stack.sqs.send_message(QueueUrl=stack.queue_url("dead-letters"), MessageBody="hello")
    stack.dead_letter(webhook())

    result = stack.run("dlq", "replay", "--yes")

    assert result.exit_code == 1
    assert result.stdout.startswith("1 of 2 dead letters were replayed.\n")
    assert result.stderr.splitlines()[-1] == (
        "1 cannot be replayed: no envelope, or the body in S3 has expired."
    )


def test_dead_letters_held_by_another_scan_are_reported(stack: Stack) -> None:
    stack.dead_letter(webhook())
    stack.sqs.receive_message(QueueUrl=stack.queue_url("dead-letters"), VisibilityTimeout=60)

    result = stack.run("dlq", "list")

    assert result.stderr.startswith("1 are hidden by another scan: try again")


def test_drop_deletes_what_matches(stack: Stack) -> None:
    stack.dead_letter(webhook("w-1"))
    stack.dead_letter(webhook("w-2", topic="orders/paid"))

    result = stack.run("dlq", "drop", "--topic", "orders/paid", "--yes")

    assert result.stdout.startswith("1 of 2 dead letters were dropped.\n")
    assert (stack.count("dead-letters"), stack.count("retry")) == (1, 0)


def test_ctrl_c_reports_what_was_done_and_loses_nothing(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.dead_letter(webhook("w-1"))
    stack.dead_letter(webhook("w-2"))
    park = RetryQueue.park

    def interrupted(self: RetryQueue, envelope: Envelope, delay: float) -> None:
        if stack.count("retry"):
            raise KeyboardInterrupt
        park(self, envelope, delay)

    monkeypatch.setattr(RetryQueue, "park", interrupted)

    result = stack.run("dlq", "replay", "--yes")

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "Stopped after 1. Nothing is lost, the others were released: run it again."
    )
    assert (stack.count("dead-letters"), stack.count("retry")) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("dlq", "list", "--before", "yesterday"), "neither an age"),
        (("dlq", "replay", "--rate", "0"), "rate"),
        (("dlq", "list", "--limit", "0"), "limit"),
        (("dlq", "show"), "ID"),
        (("pause", "nowhere"), "use one of datacue"),
    ],
)
def test_wrong_usage_is_exit_code_2(stack: Stack, arguments: tuple[str, ...], text: str) -> None:
    result = stack.run(*arguments)

    assert result.exit_code == 2
    assert text in result.stderr


def test_without_a_location_the_command_says_which_options_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # without a merchant's file
    result = run("dlq", "list")

    assert result.exit_code == 2
    assert "set --merchant NAME, --local, --endpoint-url URL" in result.stderr


def test_resources_named_by_options_are_used(stack: Stack) -> None:
    other = stack.sqs.create_queue(QueueName="other")["QueueUrl"]
    stack.sqs.send_message(QueueUrl=other, MessageBody="hello")

    result = stack.run("dlq", "list", "--dead-letters-url", other, "--json")

    assert json.loads(result.stdout)["seen"] == 1


def test_nothing_at_the_endpoint_is_an_error_of_aws() -> None:
    result = run("dlq", "list", "--endpoint-url", "http://127.0.0.1:9")

    assert isinstance(result.exception, EndpointConnectionError)


def test_an_endpoint_without_the_local_stack_is_reported(server: str) -> None:
    result = run("dlq", "list", "--endpoint-url", server)

    assert isinstance(result.exception, NotConfigured)
    assert str(result.exception).startswith(f"there is no queue shoprelay-dead-letters at {server}")


def test_pause_and_resume_are_seen_by_the_ledger(stack: Stack) -> None:
    ledger = DynamoLedger(stack.dynamodb, "shoprelay-ledger")

    assert stack.run("pause", "datacue").exit_code == 0
    assert ledger.paused(["datacue"]) == frozenset({"datacue"})
    assert stack.run("resume", "datacue").exit_code == 0
    assert ledger.paused(["datacue"]) == frozenset()


@pytest.mark.parametrize(("command", "paused"), [("pause", True), ("resume", False)])
def test_pause_and_resume_print_json(stack: Stack, command: str, paused: bool) -> None:  # noqa: FBT001 - a parameter of the table
    result = stack.run(command, "yespo", "--json")

    assert json.loads(result.stdout) == {"destination": "yespo", "paused": paused}


def test_a_deletion_of_the_shops_data_is_cancelled_until_now(stack: Stack) -> None:
    ledger = DynamoLedger(stack.dynamodb, "shoprelay-ledger")
    assert ledger.shop_kept_at() is None

    result = stack.run("keep-shop", "--json")

    assert result.exit_code == 0
    kept = json.loads(result.stdout)["kept_at"]
    assert ledger.shop_kept_at() == kept
    assert kept > "2026-01-01"
    # It must outlive the deletion that it cancels.
    ledger.purge(float("inf"))
    assert ledger.shop_kept_at() == kept


RESOURCES = {"Dead": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead"}}}
OUTPUTS = {
    "RetryQueueUrl": {"Value": {"Ref": "Dead"}},
    "DeadLettersUrl": {"Value": {"Ref": "Dead"}},
    "Bucket": {"Value": "bodies"},
    "Table": {"Value": "ledger"},
}


@pytest.fixture
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    with mock_aws():
        yield


def deploy(outputs: dict[str, Any]) -> None:
    boto3.client("cloudformation").create_stack(
        StackName="shoprelay-acme",
        TemplateBody=json.dumps({"Resources": RESOURCES, "Outputs": outputs}),
    )


@pytest.mark.usefixtures("_aws")
@pytest.mark.parametrize("name", ["acme", "merchants/acme.toml"])
def test_a_merchants_queues_are_found_by_the_outputs_of_its_stack(name: str) -> None:
    deploy(OUTPUTS)
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="dead")["QueueUrl"], MessageBody="hello")

    result = run("dlq", "list", "--merchant", name, "--json")

    assert json.loads(result.stdout)["seen"] == 1


@pytest.mark.usefixtures("_aws")
def test_a_merchant_without_a_stack_is_reported() -> None:
    result = run("dlq", "list", "--merchant", "acme")

    assert str(result.exception) == "there is no stack shoprelay-acme in this account and region"


@pytest.mark.usefixtures("_aws")
def test_a_stack_without_our_outputs_is_reported() -> None:
    deploy({"Bucket": {"Value": "bodies"}})

    result = run("dlq", "list", "--merchant", "acme")

    assert isinstance(result.exception, NotConfigured)
    assert "has no output DeadLettersUrl, RetryQueueUrl, Table" in str(result.exception)


@pytest.mark.parametrize(
    "command",
    [("dlq",), ("dlq", "list"), ("dlq", "show"), ("dlq", "replay"), ("dlq", "drop")],
)
def test_every_command_helps_with_an_example(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")

    assert result.exit_code == 0
    assert "Example: shoprelay dlq " in result.stdout

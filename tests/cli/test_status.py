"""``shoprelay status`` with a stack in moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
import typer
from moto.server import ThreadedMotoServer
from typer.testing import CliRunner, Result

from cli.commands import status
from cli.sandbox.shopify.double import AdminDouble
from cli.sandbox.shopify.store_data import StoreData
from shared.model.value import replace
from shared.model.version import instant_at
from shared.queue.dead_letters import DeadLetters
from shared.queue.sqs import DeadLetterReason, RetryQueue
from shared.state.journal import DynamoJournal, JournalEntry
from tests.queue.test_envelope import envelope
from tests.state.ledgers import table
from tests.subscriptions.topic_counts import SHOPIFY_TOPICS

NOW = 4e9
SECRETS = {
    "shopify": {"webhook_secrets": ["whsec"], "access_token": "shpat_one"},
    "datacue": {"api_key": "k", "api_secret": "s"},
}
MERCHANT = """
name = "acme"
storefront = "https://acme.example"
currency = "EUR"
sources = ["shopify"]
destinations = ["datacue"]
[shopify]
shop = "acme.myshopify.com"
admin_url = "{url}"
"""
APP = typer.Typer(pretty_exceptions_enable=False)
APP.command("status")(status.status)
APP.callback()(lambda: None)
ORDER = JournalEntry(
    id="d1",
    source="shopify",
    topic="orders/create",
    entity="order:1234",
    received_at=instant_at(NOW - 60),
    verdicts={"datacue": "delivered", "yespo": "waits: answered 503"},
    milliseconds=120,
)


class Stack:
    """A merchant's stack, deployed or local, on a moto server of its own."""

    def __init__(self, url: str) -> None:
        session = boto3.session.Session("local", "local", region_name="us-east-1")
        self.url = url
        self.client: Any = lambda service: session.client(service, endpoint_url=url)
        table(self.client("dynamodb"), "shoprelay-ledger")
        sqs = self.client("sqs")
        self.urls = {
            name: sqs.create_queue(QueueName=f"shoprelay-{name}")["QueueUrl"]
            for name in ("retry", "dead-letters")
        }
        self.client("s3").create_bucket(Bucket="shoprelay-bodies")
        self.queue = RetryQueue(
            sqs,
            self.client("s3"),
            retry=self.urls["retry"],
            dead=self.urls["dead-letters"],
            bucket="shoprelay-bodies",
        )
        self.journal = DynamoJournal(
            self.client("dynamodb"), "shoprelay-ledger", str, 14, lambda: NOW
        )

    def deploy(self, name: str) -> None:
        outputs = {
            "RetryQueueUrl": self.urls["retry"],
            "DeadLettersUrl": self.urls["dead-letters"],
            "Bucket": "shoprelay-bodies",
            "Table": "shoprelay-ledger",
            "ShopifyWebhooks": "https://hooks.example/webhooks/shopify",
        }
        template = {
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {one: {"Value": value} for one, value in outputs.items()},
        }
        self.client("cloudformation").create_stack(
            StackName=f"shoprelay-{name}", TemplateBody=json.dumps(template)
        )
        self.client("secretsmanager").create_secret(
            Name=f"shoprelay/{name}", SecretString=json.dumps(SECRETS)
        )

    def alarm(self, name: str, state: str) -> None:
        cloudwatch = self.client("cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription="There are dead letters",
            MetricName="x",
            Namespace="x",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Statistic="Sum",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(
            APP, ["status", *arguments, "--endpoint-url", self.url], env={"COLUMNS": "200"}
        )


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    # moto's long poll of an empty queue lasts a whole second
    defaults = DeadLetters.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "wait", 0)
    monkeypatch.setattr("cli.commands.status.time.time", lambda: NOW)
    url = f"http://{host}:{port}"
    for name, value in {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    requests.post(f"{url}/moto-api/reset", timeout=5)
    yield Stack(url)
    running.stop()


def test_verdicts_of_the_last_day_are_counted_by_topic_and_by_destination(stack: Stack) -> None:
    stack.journal.write(ORDER)
    stack.journal.write(replace(ORDER, id="d2", verdicts={"datacue": "delivered, unchanged"}))
    stack.journal.write(replace(ORDER, id="d3", received_at=instant_at(NOW - 90_000)))

    output = json.loads(stack.run("--json").output)["local"]

    assert output["topics"] == {
        "shopify orders/create": {"last": ORDER.received_at, "delivered": 2, "waits": 1}
    }
    assert output["destinations"] == {
        "datacue": {"last": ORDER.received_at, "delivered": 2},
        "yespo": {"last": ORDER.received_at, "waits": 1},
    }
    assert not output["wrong"]


def test_dead_letters_are_counted_by_reason_and_make_it_wrong(stack: Stack) -> None:
    for number in range(3):
        stack.queue.dead_letter(
            replace(envelope(), id=f"d{number}"), DeadLetterReason(reason="no visitor")
        )

    result = stack.run()

    assert result.exit_code == 1
    assert "something is wrong" in result.output
    assert "no visitor" in result.output
    assert json.loads(stack.run("--json").output)["local"]["dead_letters"] == {"no visitor": 3}


def test_waiting_messages_are_counted_and_all_is_well(stack: Stack) -> None:
    stack.queue.park(envelope(), 0.0)
    stack.queue.park(replace(envelope(), id="d9"), 300.0)
    stack.client("dynamodb").put_item(
        TableName="shoprelay-ledger", Item={"pk": {"S": "control#pause#datacue"}}
    )

    result = stack.run()

    assert result.exit_code == 0
    assert "all is well" in result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert ["retry:", "waiting", "1"] in lines
    assert ["retry:", "not", "due", "yet", "1"] in lines
    assert "`shoprelay resume datacue` resumes it" in result.output


def test_a_webhook_that_waits_for_the_store_is_not_called_well(stack: Stack) -> None:
    # The message itself is in the queue; the journal says why.
    entry = JournalEntry(
        id="d7",
        source="woocommerce",
        topic="order.deleted",
        entity="",
        received_at=instant_at(NOW),
        verdicts={"all": "waits: the store answered 502"},
        milliseconds=1,
    )
    stack.journal.write(entry)

    result = stack.run()

    assert result.exit_code == 0
    assert "all is well" not in result.output
    assert "1 wait and are retried" in result.output
    assert json.loads(stack.run("--json").output)["local"]["waiting"] == 1


def deployed(*arguments: str) -> Result:
    return CliRunner().invoke(APP, ["status", *arguments], env={"COLUMNS": "200"})


def test_a_deployed_merchant_shows_its_stack_its_webhooks_and_its_alarms(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.deploy("acme")
    stack.alarm("shoprelay/acme/DeadLetter", "ALARM")
    stack.alarm("shoprelay/acme/Backlog", "OK")
    stack.alarm("shoprelay/acme-two/DeadLetter", "ALARM")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "merchants").mkdir()

    with AdminDouble(StoreData(shop="acme.myshopify.com", tokens={"shpat_one"})) as shop:
        (tmp_path / "merchants" / "acme.toml").write_text(MERCHANT.format(url=shop.url))
        result = deployed("acme", "--json")

    output = json.loads(result.output)["acme"]
    assert result.exit_code == 1
    assert output["webhooks"] == {
        "shopify": f"0 correct, {SHOPIFY_TOPICS} wrong: `shoprelay audit acme --heal` repairs them"
    }
    assert output["alarms"] == {"DeadLetter": "There are dead letters"}
    assert output["stack"]["shoprelay-acme"].startswith("CREATE_COMPLETE")
    assert output["queues"]["retry: oldest, seconds"] == "0"
    assert output["unread"] == []


@pytest.mark.usefixtures("stack")
def test_what_cannot_be_read_is_reported_and_the_rest_is_shown() -> None:
    result = deployed("acme", "--json")

    unread = json.loads(result.output)["acme"]["unread"]
    assert "the journal: there is no stack shoprelay-acme in this account and region" in unread


@pytest.mark.usefixtures("stack")
def test_what_could_not_be_read_is_unknown_and_not_healthy() -> None:
    result = deployed("acme")

    assert result.exit_code == 1
    assert "UNKNOWN" in result.output or "something is wrong" in result.output
    assert "all is well" not in result.output

from __future__ import annotations

import json
import os
import threading
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from cli.local.function import Handler
from cli.local.stack import Stack, StackOptions, running
from shared.errors import NotConfigured
from shared.settings import read_environment

ROOT = Path(__file__).parents[2]
MERCHANT = (ROOT / "merchants" / "demo.toml").read_text()
SECRETS = (ROOT / "merchants" / "demo.secrets.json").read_text()


class Played:
    """Two functions: the door parks what it gets, the worker takes it."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.done = threading.Event()

    def named(self, name: str) -> Handler:
        return {"webhook": self.webhook, "retry": self.retry}[name]

    def webhook(self, event: Mapping[str, Any], _: object) -> Any:
        boto3.client("sqs").send_message(
            QueueUrl=read_environment().retry_queue, MessageBody=event["body"]
        )
        return {"statusCode": 200, "body": "{}"}

    def retry(self, event: Mapping[str, Any], _: object) -> Any:
        self.taken += [record["body"] for record in event["Records"]]
        self.done.set()


class Told:
    def __init__(self) -> None:
        self.events: list[str] = []

    def tell(self, event: str, **_: Any) -> None:
        self.events.append(event)

    def close(self) -> None:
        pass


@pytest.fixture
def played() -> Played:
    return Played()


@pytest.fixture
def stack(played: Played) -> Iterator[Stack]:
    wish = StackOptions(merchant=MERCHANT, secrets=SECRETS, port=0, wait_scale=0.01)
    with running(wish, Told(), handler=played.named) as up:
        yield up


def test_a_webhook_goes_through_the_door_and_the_queue_to_the_worker(
    stack: Stack, played: Played
) -> None:
    answer = requests.post(
        stack.gateway + "/webhooks/shopify",
        data=b'{"a":1}',
        headers={"Content-Type": "application/json"},
        timeout=10,
    )

    assert answer.status_code == 200
    assert played.done.wait(10)
    assert played.taken == ['{"a":1}']


def test_everything_that_a_function_asks_its_environment_for_is_there(stack: Stack) -> None:
    environment = read_environment()
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=environment.secret_name)
    merchant = tomllib.loads(Path(environment.merchant_file).read_text())

    assert secret["SecretString"] == SECRETS
    assert environment.wait_scale == 0.01
    assert merchant["datacue"]["api_url"] == stack.sandbox + "/datacue/api"
    assert stack.store is not None
    assert merchant["woocommerce"]["url"] == stack.store.url
    assert boto3.client("dynamodb").describe_table(TableName=environment.table)
    assert boto3.client("s3").head_bucket(Bucket=environment.bucket)


def test_resources_have_the_names_that_the_operators_commands_know(stack: Stack) -> None:
    urls = stack.urls(("shopify",))

    assert urls["queue"].endswith("/shoprelay-retry")
    assert urls["dead_letters"].endswith("/shoprelay-dead-letters")
    assert (urls["table"], urls["bucket"]) == ("shoprelay-ledger", "shoprelay-bodies")
    assert stack.store is not None
    assert urls["store"] == stack.store.url
    assert urls["webhooks"] == {"shopify": stack.gateway + "/webhooks/shopify"}
    assert requests.get(urls["health"], timeout=10).json() == {"status": "up"}


def test_the_environment_is_as_before_when_it_has_ended(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    before = dict(os.environ)
    wish = StackOptions(merchant=MERCHANT, secrets=SECRETS, port=0)

    with running(wish, Told(), handler=played.named):
        assert "AWS_PROFILE" not in os.environ

    assert dict(os.environ) == before


def test_a_secret_of_another_form_is_refused_with_its_path(played: Played) -> None:
    wish = StackOptions(merchant=MERCHANT, secrets=json.dumps({"shopify": {}}), port=0)

    with (
        pytest.raises(NotConfigured, match="webhook_secrets"),
        running(wish, Told(), handler=played.named),
    ):
        pass

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


class FakeFunctions:
    """Two functions: the receiver parks each webhook, the worker receives it."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.done = threading.Event()

    def handler(self, name: str) -> Handler:
        return {"webhook": self.webhook, "retry": self.retry}[name]

    def webhook(self, event: Mapping[str, Any], _: object) -> Any:
        boto3.client("sqs").send_message(
            QueueUrl=read_environment().retry_queue, MessageBody=event["body"]
        )
        return {"statusCode": 200, "body": "{}"}

    def retry(self, event: Mapping[str, Any], _: object) -> Any:
        self.received += [record["body"] for record in event["Records"]]
        self.done.set()


class RecordingScreen:
    def __init__(self) -> None:
        self.events: list[str] = []

    def show(self, event: str, **_: Any) -> None:
        self.events.append(event)

    def close(self) -> None:
        pass


@pytest.fixture
def functions() -> FakeFunctions:
    return FakeFunctions()


@pytest.fixture
def stack(functions: FakeFunctions) -> Iterator[Stack]:
    options = StackOptions(merchant=MERCHANT, secrets=SECRETS, port=0, wait_scale=0.01)
    with running(options, RecordingScreen(), handler=functions.handler) as up:
        yield up


def test_a_webhook_goes_through_the_receiver_and_the_queue_to_the_worker(
    stack: Stack, functions: FakeFunctions
) -> None:
    response = requests.post(
        stack.gateway + "/webhooks/shopify",
        data=b'{"a":1}',
        headers={"Content-Type": "application/json"},
        timeout=10,
    )

    assert response.status_code == 200
    assert functions.done.wait(10)
    assert functions.received == ['{"a":1}']


def test_the_environment_has_everything_that_a_function_reads(stack: Stack) -> None:
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


def test_resources_have_the_names_that_the_commands_use(stack: Stack) -> None:
    urls = stack.urls(("shopify",))

    assert urls["queue"].endswith("/shoprelay-retry")
    assert urls["dead_letters"].endswith("/shoprelay-dead-letters")
    assert (urls["table"], urls["bucket"]) == ("shoprelay-ledger", "shoprelay-bodies")
    assert stack.store is not None
    assert urls["store"] == stack.store.url
    assert urls["webhooks"] == {"shopify": stack.gateway + "/webhooks/shopify"}
    assert requests.get(urls["health"], timeout=10).json() == {"status": "up"}


def test_the_environment_is_restored_after_the_end(
    functions: FakeFunctions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    before = dict(os.environ)
    options = StackOptions(merchant=MERCHANT, secrets=SECRETS, port=0)

    with running(options, RecordingScreen(), handler=functions.handler):
        assert "AWS_PROFILE" not in os.environ

    assert dict(os.environ) == before


def test_an_invalid_secret_is_rejected_with_its_path(functions: FakeFunctions) -> None:
    options = StackOptions(merchant=MERCHANT, secrets=json.dumps({"shopify": {}}), port=0)

    with (
        pytest.raises(NotConfigured, match="webhook_secrets"),
        running(options, RecordingScreen(), handler=functions.handler),
    ):
        pass

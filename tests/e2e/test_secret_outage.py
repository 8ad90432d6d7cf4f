"""The real handlers while Secrets Manager hangs, or holds a document that is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest

from functions.retry import app as retry
from shared import wiring
from shared.aws_clients import secret_reader
from shared.errors import NotConfigured
from shared.queue import backoff
from shared.queue.envelope import encode
from shared.settings import secret_cache
from tests.e2e.conftest import StackHarness, running_stack, until
from tests.e2e.shop import SECRETS, merchant, product, triggered
from tests.fakes.server import Server, Wire
from tests.queue.test_envelope import envelope

ANSWER_WITHIN = 3.0


@dataclass
class SecretsManager:
    """
    Serves one document, or reads each request and never responds. From the request ``broken_from``
    on it serves what is no document.
    """

    document: str = field(default_factory=lambda: json.dumps(SECRETS))
    hangs: bool = False
    broken_from: int | None = None
    requests: int = 0

    def serve(self, wire: Wire) -> None:
        while wire.read():
            self.requests += 1
            if self.hangs:
                wire.wait()
                return
            if self.broken_from is not None and self.requests >= self.broken_from:
                self.document = "{}"
            body = json.dumps({"Name": "shoprelay/acme", "SecretString": self.document}).encode()
            head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n"
            wire.send(head.encode() + body)


@pytest.fixture
def manager() -> SecretsManager:
    return SecretsManager()


@pytest.fixture
def acme(manager: SecretsManager, monkeypatch: pytest.MonkeyPatch) -> Iterator[StackHarness]:
    """Return a stack whose functions read the secret from the manager, each time, as on AWS."""
    monkeypatch.setattr(secret_cache, "SECRET_AGE", 0.0)
    monkeypatch.setattr(secret_cache, "READ_AGAIN", 0.0)
    with running_stack(merchant(unsure=0)) as one, Server([manager.serve]) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url)
        monkeypatch.setenv("SHOPRELAY_DOOR_PATIENCE", "0.9")  # as in template.yaml
        boto3.DEFAULT_SESSION = None  # the next client reads the environment again
        wiring.reset()
        yield one
        wiring.reset()


def reported(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    found = [one for one in caplog.records if getattr(one, "alarm", "") == "SecretUnusable"]
    return [(one.getMessage(), getattr(one, "kept", "")) for one in found]


def test_the_receiver_answers_in_time_with_the_last_document_while_the_read_hangs(
    acme: StackHarness, manager: SecretsManager, caplog: pytest.LogCaptureFixture
) -> None:
    assert acme.shop.send("products/create", product(1), at=triggered(0)).status == "delivered"
    manager.hangs = True

    reply = acme.shop.send("products/create", product(2), at=triggered(1))

    assert reply.code == 200
    assert reply.seconds < ANSWER_WITHIN
    reasons = {reason for reason, _ in reported(caplog)}
    assert reasons == {"the secret shoprelay/acme cannot be read: ReadTimeoutError"}
    assert acme.settled()
    manager.hangs = False
    assert acme.shop.send("products/create", product(3), at=triggered(2)).status == "delivered"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("whsec-not-json", "the secret is not JSON"),
        ("", "the secret is not JSON"),
        (
            json.dumps({"shopify": SECRETS["shopify"]}),
            "the secret: the section is missing - at `$.datacue`",
        ),
    ],
)
def test_every_function_uses_the_last_document_while_the_newest_is_wrong(
    acme: StackHarness,
    manager: SecretsManager,
    caplog: pytest.LogCaptureFixture,
    document: str,
    reason: str,
) -> None:
    acme.fault(status=429, count=1)
    assert acme.shop.send("products/create", product(1), at=triggered(0)).status == "queued"
    assert acme.settled()
    manager.document = document
    acme.fault(status=429, count=1)

    # The receiver parks this one, and the retry function delivers it.
    assert acme.shop.send("products/create", product(2), at=triggered(1)).status == "queued"
    assert acme.settled()

    assert acme.dead() == 0
    assert set(acme.state()["products"]) == {"1", "2"}
    assert {one for one, _ in reported(caplog)} == {reason}
    assert "whsec" not in caplog.text


def test_without_a_document_the_receiver_answers_500_in_time_and_raises_the_alarm(
    acme: StackHarness, manager: SecretsManager, caplog: pytest.LogCaptureFixture
) -> None:
    manager.hangs = True

    reply = acme.shop.send("products/create", product(1), at=triggered(0))

    assert reply.code == 500
    assert reply.seconds < ANSWER_WITHIN
    assert {kept for _, kept in reported(caplog)} == {"no document is kept"}
    assert acme.calls() == []


@dataclass(frozen=True, slots=True)
class Context:
    """The part of Lambda's context that the retry function reads."""

    function_name: str = "retry"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def test_a_retry_function_that_starts_without_a_document_parks_its_messages(
    acme: StackHarness, manager: SecretsManager, caplog: pytest.LogCaptureFixture
) -> None:
    manager.document = "{}"
    body = encode(envelope(destination="datacue")).decode()
    record = {"messageId": "m-1", "receiptHandle": "r-1", "body": body, "eventSource": "aws:sqs"}

    # A function that raises, or reports the message, leaves it to the limit of five receives.
    result = retry.handler({"Records": [record]}, Context())  # type: ignore[arg-type]  # a part of it

    assert result == {"batchItemFailures": []}
    assert acme.waiting() == 1
    assert reported(caplog) == [
        ("the secret: the section is missing - at `$.shopify`", "no document is kept")
    ]


def test_what_was_parked_without_a_document_is_delivered_once_there_is_one(
    acme: StackHarness, manager: SecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "PAUSED", 1.0)
    # The receiver reads the document first; the retry function never sees a good one.
    manager.broken_from = 2
    acme.fault(status=429, count=1)
    assert acme.shop.send("products/create", product(1), at=triggered(0)).status == "queued"
    assert until(lambda: manager.requests > 2)
    manager.broken_from, manager.document = None, json.dumps(SECRETS)

    assert acme.settled()
    assert acme.dead() == 0
    assert set(acme.state()["products"]) == {"1"}


def test_a_retry_function_with_a_wrong_merchants_file_raises(
    acme: StackHarness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The fixture sets the environment.
    assert acme.waiting() == 0
    monkeypatch.setenv("SHOPRELAY_MERCHANT_FILE", str(tmp_path / "none.toml"))

    with pytest.raises(NotConfigured, match="the merchant file cannot be read"), wiring.retry_app():
        pass


def test_a_document_that_is_too_old_is_used_no_longer(
    acme: StackHarness, manager: SecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert acme.shop.send("products/create", product(1), at=triggered(0)).code == 200
    manager.document = "{}"
    monkeypatch.setattr(secret_cache, "LONGEST_KEPT", 0.0)

    assert acme.shop.send("products/create", product(2), at=triggered(1)).code == 500


@pytest.mark.parametrize(
    ("fail_fast", "longest", "attempts"), [(True, 2.0, 1), (False, 7.0, 2)], ids=["fast", "slow"]
)
def test_a_read_that_hangs_ends_in_time(
    *, fail_fast: bool, longest: float, attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = SecretsManager(hangs=True)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with Server([manager.serve]) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url)
        boto3.DEFAULT_SESSION = None
        read = secret_reader("shoprelay/acme", fail_fast=fail_fast, read_timeout=0.9)
        started = time.monotonic()

        with pytest.raises(NotConfigured, match="ReadTimeoutError"):
            read()

        assert time.monotonic() - started < longest
        assert len(server.requests) == attempts

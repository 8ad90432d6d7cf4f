"""``shoprelay forget``: what is parked, what is printed, and what is never printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from cli.main import app
from shared.model.entity import Entity, Kind
from shared.queue.envelope import Envelope, decode
from shared.sources.contract import Redacted
from tests.sources import woo
from tests.sources.shop import source

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

EMAIL = "jo.unique@shop.example"


@dataclass(frozen=True, slots=True)
class Queues:
    sqs: SQSClient
    retry: str
    dead: str

    def run(self, *words: str, typed: str | None = None, source: str | None = "shopify") -> Result:
        places = ("--queue-url", self.retry, "--dead-letters-url", self.dead, "--bucket", "b")
        source_option = ("--source", source) if source and "--source" not in words else ()
        arguments = ("forget", *words, *source_option, *places)
        return CliRunner().invoke(app, arguments, env={"COLUMNS": "300"}, input=typed)

    def parked(self) -> list[Envelope]:
        found = self.sqs.receive_message(QueueUrl=self.retry).get("Messages", [])
        return [decode(one["Body"].encode()) for one in found]


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> Iterator[Queues]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        sqs = boto3.client("sqs", "us-east-1")
        retry, dead = (sqs.create_queue(QueueName=one)["QueueUrl"] for one in ("retry", "dead"))
        yield Queues(sqs, retry, dead)


def test_what_is_parked_is_a_redaction_as_shopify_sends_it(queues: Queues) -> None:
    result = queues.run(
        "--email", " Jo.Unique@shop.example", "--id", "77", "--order", "5", "--order", "6", "--yes"
    )

    assert result.exit_code == 0
    [envelope] = queues.parked()
    assert (envelope.topic, envelope.destination, envelope.task) == ("customers/redact", None, "")
    guest = Entity(Kind.PERSON, f"email:{EMAIL.encode().hex()}")
    assert source().translate(envelope, 0.0).notice == Redacted(
        people=(Entity(Kind.PERSON, "77"), guest),
        orders=(Entity(Kind.ORDER, "5"), Entity(Kind.ORDER, "6")),
    )
    assert envelope.id in result.stdout


def test_for_woocommerce_it_is_a_webhook_that_no_store_sends(queues: Queues) -> None:
    result = queues.run(
        "--email", EMAIL, "--id", "77", "--order", "5", "--yes", source="woocommerce"
    )

    assert result.exit_code == 0
    [envelope] = queues.parked()
    assert (envelope.source, envelope.topic) == ("woocommerce", "shoprelay.redact")
    guest = Entity(Kind.PERSON, f"email:{EMAIL.encode().hex()}")
    assert woo.source().translate(envelope, 0.0).notice == Redacted(
        people=(Entity(Kind.PERSON, "77"), guest), orders=(Entity(Kind.ORDER, "5"),)
    )


MERCHANT = """
name = "acme"
storefront = "https://acme.example/"
currency = "EUR"
sources = [{sources}]
destinations = ["datacue"]
[shopify]
shop = "acme.myshopify.com"
[woocommerce]
url = "https://shop.acme.example"
"""


@pytest.fixture
def merchants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "merchants"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("named", "sources", "expected"),
    [
        ("acme", '"shopify"', "shopify"),
        ("acme", '"woocommerce"', "woocommerce"),
        # The ids of both are in one namespace: either source will do.
        ("merchants/acme.toml", '"woocommerce", "shopify"', "woocommerce"),
    ],
)
def test_the_source_is_one_that_the_merchant_has(
    queues: Queues, merchants: Path, named: str, sources: str, expected: str
) -> None:
    (merchants / "acme.toml").write_text(MERCHANT.format(sources=sources))

    result = queues.run("--id", "77", "--merchant", named, "--yes", source=None)

    assert result.exit_code == 0
    assert [one.source for one in queues.parked()] == [expected]


@pytest.mark.parametrize("words", [(), ("--merchant", "unknown")])
def test_without_a_merchants_file_the_source_must_be_set(
    queues: Queues, words: tuple[str, ...]
) -> None:
    result = queues.run("--id", "77", "--yes", *words, source=None)

    assert result.exit_code == 2
    assert "Invalid value for --source: no merchant's file names the source" in result.output
    assert queues.parked() == []


def test_without_yes_it_prints_what_it_would_do_and_parks_nothing(queues: Queues) -> None:
    result = queues.run("--id", "77", "--email", EMAIL, "--order", "5")

    assert result.exit_code == 0
    assert result.stdout == (
        "Would erase an e-mail address, customer 77, order 5. This was a dry run: --yes erases "
        "them. It cannot be undone.\n"
    )
    assert queues.parked() == []


def test_json_has_the_same_and_the_delivery_id(queues: Queues) -> None:
    dry = json.loads(queues.run("--id", "77", "--json").stdout)
    done = json.loads(queues.run("--id", "77", "--json", "--yes").stdout)

    assert dry == {"id": None, "email": False, "customer": "77", "orders": [], "dry_run": True}
    assert done["id"] == queues.parked()[0].id


def test_the_address_can_be_read_from_standard_input(queues: Queues) -> None:
    result = queues.run("--email", "-", "--yes", typed=f"{EMAIL}\n")

    assert result.exit_code == 0
    assert json.loads(queues.parked()[0].body)["customer"] == {"id": None, "email": EMAIL}


@pytest.mark.parametrize(
    "words",
    [
        ("--email", EMAIL, "--yes"),
        ("--email", EMAIL, "--json"),
        ("--email", EMAIL, "--order", "x"),
        ("--email", "jo.unique at shop.example"),
        ("--email", EMAIL, "--source", "nowhere"),
    ],
)
def test_the_address_is_never_printed(queues: Queues, words: tuple[str, ...]) -> None:
    assert "jo.unique" not in queues.run(*words).output


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "nobody is named: set --email, --id or --order"),
        (("--email", ""), "Invalid value for --email: this is not an e-mail address"),
        (("--id", "77x"), "Invalid value for --id: Expected an id"),
        (("--order", "5", "--order", "x"), "Invalid value for --order: Expected an id"),
        (
            ("--id", "7", "--source", "nowhere"),
            "Invalid value for --source: unknown source; use one of shopify",
        ),
    ],
)
def test_a_wrong_value_is_named_by_its_option_and_nothing_is_parked(
    queues: Queues, words: tuple[str, ...], text: str
) -> None:
    result = queues.run(*words, "--yes")

    assert result.exit_code == 2
    assert text in result.output
    assert "Traceback" not in result.output
    assert queues.parked() == []


def test_one_identifier_alone_gives_a_hint_about_the_other(queues: Queues) -> None:
    assert "set --email too" in queues.run("--id", "77").stderr
    assert "set --id too" in queues.run("--email", EMAIL).stderr
    assert queues.run("--email", EMAIL, "--id", "77").stderr == ""

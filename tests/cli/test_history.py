"""``shoprelay history`` with a journal in moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
import typer
from moto.server import ThreadedMotoServer
from typer.testing import CliRunner, Result

from cli.commands import history
from shared.model.value import replace
from shared.state.journal import DynamoJournal, JournalEntry
from shared.state.ledger import DynamoLedger, keyed
from tests.state.ledgers import table

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command("history")(history.history)
APP.callback()(lambda: None)

KEY = "k" * 64
ORDER = JournalEntry(
    id="d1",
    source="shopify",
    topic="orders/create",
    entity="order:1234",
    received_at="2026-11-20T09:00:00.000000000Z",
    verdicts={"datacue": "delivered", "yespo": "dead letter: no visitor"},
    milliseconds=120,
)
PRODUCT = replace(
    ORDER,
    id="d2",
    topic="products/update",
    entity="product:1",
    received_at="2026-11-20T10:00:00.000000000Z",
    verdicts={"datacue": "delivered"},
)
CUSTOMER = replace(PRODUCT, id="d3", topic="customers/update", entity="person:7")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    address = f"http://{host}:{port}"
    # moto keeps one account for the whole process, with the items of other tests.
    requests.post(f"{address}/moto-api/reset", timeout=5)
    client = boto3.session.Session("local", "local", region_name="us-east-1").client(
        "dynamodb", endpoint_url=address
    )
    table(client, "shoprelay-ledger")
    DynamoLedger(client, "shoprelay-ledger").pseudonym_key(KEY)
    journal = DynamoJournal(
        client, "shoprelay-ledger", lambda name: keyed(KEY.encode(), name), 14, lambda: 4e9
    )
    for entry in (ORDER, PRODUCT, CUSTOMER):
        journal.write(entry)
    yield address
    running.stop()


def run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        APP, ["history", *arguments, "--endpoint-url", url], env={"COLUMNS": "200"}
    )


def found(url: str, *arguments: str) -> list[str]:
    entries: list[dict[str, Any]] = json.loads(run(url, *arguments, "--json").output)
    return [one["id"] for one in entries]


def test_the_results_of_an_order_are_listed(url: str) -> None:
    result = run(url, "--entity", "order:1234")

    assert result.exit_code == 0
    assert "orders/create" in result.output
    assert "datacue: delivered" in result.output
    assert "yespo: dead letter: no visitor" in result.output
    assert "products/update" not in result.output


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ((), ["d3", "d2", "d1"]),
        (("--limit", "1"), ["d3"]),
        (("--entity", "1234"), ["d1"]),
        (("--entity", "person:7"), ["d3"]),
        (("--topic", "products/update"), ["d2"]),
        (("--verdict", "dead letter"), ["d1"]),
        (("--destination", "yespo"), ["d1"]),
        (("--destination", "datacue", "--verdict", "dead letter"), []),
        (("--since", "2026-11-20T09:30:00Z"), ["d3", "d2"]),
        (("--entity", "order:1234", "--since", "2026-11-20T09:30:00Z"), []),
    ],
)
def test_every_filter_must_match(url: str, arguments: tuple[str, ...], ids: list[str]) -> None:
    assert sorted(found(url, *arguments)) == sorted(ids)


def test_a_customer_is_shown_by_their_hash_only(url: str) -> None:
    assert "person:7" not in run(url, "--entity", "person:7", "--json").output


def test_nothing_found_is_exit_code_1(url: str) -> None:
    result = run(url, "--entity", "order:9")

    assert (result.exit_code, result.output) == (1, "The journal has no matching webhook.\n")


@pytest.mark.parametrize("arguments", [("--entity", "invoice:1"), ("--since", "yesterday evening")])
def test_an_invalid_filter_is_rejected(url: str, arguments: tuple[str, ...]) -> None:
    assert run(url, *arguments).exit_code == 2

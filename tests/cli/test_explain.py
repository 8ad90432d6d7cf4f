"""``shoprelay explain``: its output for webhooks, without any connection."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from cli.commands.explain import described
from cli.commands.explain_dry_run import Assumptions, explain_event
from cli.commands.send import event_of
from cli.merchants.files import named
from cli.sandbox.samples import EVENTS
from shared.model.visitor import Visitor
from shared.sources.shopify.topics import IGNORED
from tests.cli.shell import ACME, Shell, make_shell

BOTH = ACME.replace('["shopify"]', '["shopify", "woocommerce"]') + (
    '[woocommerce]\nurl = "https://shop.acme.example"\n'
)


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    shell = make_shell(tmp_path, monkeypatch, capsys)
    shell.merchant(BOTH.format(more=""))

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "create_connection", fail)
    monkeypatch.setattr(socket.socket, "connect", fail)
    return shell


def explained(shell: Shell, sample: str, *words: str, code: int = 0) -> dict[str, Any]:
    source = "woocommerce" if "." in sample else "shopify"
    file = EVENTS / source / f"{sample}.json"
    result = shell.run("explain", str(file), "--merchant", "acme", "--json", *words)
    assert result.code == code, result.err
    output: dict[str, Any] = json.loads(result.out)
    return output


def test_a_sample_is_shown_as_changes_and_calls_with_their_bodies(shell: Shell) -> None:
    output = explained(shell, "customers__disable__account_closed")

    [change] = output.pop("changes")
    assert output == {
        "source": "shopify",
        "topic": "customers/disable",
        "ignored": None,
        "asks": None,
        "dead_letter": None,
        "notice": None,
        "left_out": [],
        "odd_fields": [],
    }
    assert change["change"] == "PersonSaved"
    [call] = change["destinations"]["datacue"]["calls"]
    assert (call["method"], call["host"], call["label"]) == ("POST", "api.datacue.co", "POST users")
    assert call["url"] == "https://api.datacue.co/v1/users"
    assert call["body"]["user_id"] == change["entity"].removeprefix("person:")


def test_what_the_platform_has_is_updated_and_not_created(shell: Shell) -> None:
    output = explained(shell, "customers__disable__account_closed", "--known")

    [call] = output["changes"][0]["destinations"]["datacue"]["calls"]
    assert call["method"] == "PUT"


def test_an_ignored_topic_is_shown_with_the_reason(shell: Shell) -> None:
    file = shell.folder / "refunds__create__one.json"
    file.write_text("{}")

    result = shell.run("explain", str(file), "--merchant", "acme")

    assert result.code == 0
    assert result.out == f"refunds/create of shopify\nignored: {IGNORED['refunds/create']}\n"


def test_an_unknown_topic_is_shown_as_such(shell: Shell) -> None:
    output = explained(shell, "carts__create__first_item", "--topic", "carts/burn")

    assert (output["ignored"], output["left_out"]) == (
        "unknown topic",
        [{"count": "unknown_topic", "why": "the topic is in neither list of docs/topics.md"}],
    )


def test_omitted_lines_are_counted_with_the_reason(shell: Shell) -> None:
    body = json.loads((EVENTS / "shopify/orders__create__guest.json").read_text())
    body["line_items"][0]["product_id"] = None
    file = shell.folder / "orders__create__tip.json"
    file.write_text(json.dumps(body))

    result = shell.run("explain", str(file), "--merchant", "acme")

    assert (
        "omitted: a tip, a custom item or a deleted product: its line is omitted "
        "(lines_without_product)\n" in result.out
    )


def test_a_cart_of_an_unknown_visitor_is_not_sent_and_the_reason_is_shown(shell: Shell) -> None:
    output = explained(shell, "carts__update__two_lines")

    end = output["changes"][0]["destinations"]["datacue"]
    assert end["calls"] == []
    assert end["nothing"] == "the cart names no customer, and its visitor is not known"


def test_a_variable_product_would_be_queried(shell: Shell) -> None:
    output = explained(shell, "product.created__variable")

    assert (output["asks"], output["changes"]) == ("the store would be queried for product 24", [])


def test_a_simple_product_of_woocommerce_needs_no_query(shell: Shell) -> None:
    output = explained(shell, "product.created__two_pictures")

    [call] = output["changes"][0]["destinations"]["datacue"]["calls"]
    assert call["label"] == "POST products"


def test_a_notice_is_shown_beside_the_changes(shell: Shell) -> None:
    output = explained(shell, "app__uninstalled__removed")

    assert (output["notice"], output["changes"]) == (
        "an alarm for the merchant: the shop sends no more webhooks",
        [],
    )


def test_a_dead_letter_is_shown_with_its_path_and_exit_code_1(shell: Shell) -> None:
    file = shell.folder / "orders__create__broken.json"
    file.write_text('{"id": 5}')

    result = shell.run("explain", str(file), "--merchant", "acme")

    assert result.code == 1
    assert "a dead letter: " in result.out
    assert "- at `$" in result.out


def test_the_table_names_each_change_and_the_bodies_follow(shell: Shell) -> None:
    file = EVENTS / "shopify/orders__create__guest.json"

    result = shell.run("explain", str(file), "--merchant", "acme")

    lines = result.out.splitlines()
    assert lines[1].split() == ["Change", "Entity", "Destination", "Calls", "Why"]
    assert lines[2].startswith("PersonSaved  person:email:")
    assert "OrderSaved   order:6650100001002" in lines[3]
    assert "datacue: POST api.datacue.co (POST orders)" in lines
    assert '  "order_id": "6650100001002",' in lines


def test_a_visitor_set_by_option_is_sent_to_a_tracker(shell: Shell) -> None:
    text = BOTH.format(more="").replace('["datacue"]', '["esputnik"]')
    shell.merchant(f'{text}[esputnik]\nsite_id = "one"\n')

    output = explained(shell, "carts__update__two_lines", "--sc", "cookie-one")

    [call] = output["changes"][0]["destinations"]["esputnik"]["calls"]
    assert call["host"] == "tracker.esputnik.com"
    assert "cookie-one" in json.dumps(call["body"])


@pytest.mark.parametrize("source", ["shopify", "woocommerce"])
def test_every_sample_can_be_explained_for_every_platform(shell: Shell, source: str) -> None:
    platforms = '["datacue", "yespo", "esputnik", "personaclick"]'
    shell.merchant(
        # The samples of privacy topics name their shop.
        BOTH.format(more="")
        .replace('["datacue"]', platforms)
        .replace("acme.myshopify", "demo-store.myshopify")
        + '[yespo]\nsite_id = "one"\n[esputnik]\nsite_id = "two"\n'
        + '[personaclick]\nshop_id = "0123456789abcdef0123456789abcd"\ncatalog = true\n'
    )
    merchant = named("acme")
    events = [
        event_of(merchant, file, None)
        for file in sorted((EVENTS / source).glob("*.json"))
        if not file.name.startswith("shoprelay.")
    ]

    output = [
        described(explain_event(merchant, one, Assumptions(visitor=Visitor(tracker_cookie="c-1"))))
        for one in events
    ]

    assert [one["topic"] for one in output if one["dead_letter"]] == []
    ends = [
        end
        for one in output
        for change in one["changes"]
        for end in change["destinations"].values()
    ]
    assert [end for end in ends if not end["calls"] and not end["nothing"]] == [
        end for end in ends if end["dead_letter"]
    ]
    assert len(ends) > len(output)

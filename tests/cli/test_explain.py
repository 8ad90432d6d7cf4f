"""``shoprelay explain``: what is said of a webhook, with nobody asked."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from cli.commands.explain import described
from cli.commands.explain_dry_run import Supposed
from cli.commands.explain_dry_run import explained as explain
from cli.commands.send import event_of
from cli.merchants.files import named
from cli.sandbox.samples import EVENTS
from shared.model.visitor import Visitor
from shared.sources.shopify.topics import IGNORED
from tests.cli.desk import ACME, Desk, sit_down

BOTH = ACME.replace('["shopify"]', '["shopify", "woocommerce"]') + (
    '[woocommerce]\nurl = "https://shop.acme.example"\n'
)


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    desk = sit_down(tmp_path, monkeypatch, capsys)
    desk.merchant(BOTH.format(more=""))

    def nobody(*_: object, **__: object) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(socket, "create_connection", nobody)
    monkeypatch.setattr(socket.socket, "connect", nobody)
    return desk


def explained(desk: Desk, sample: str, *words: str, code: int = 0) -> dict[str, Any]:
    source = "woocommerce" if "." in sample else "shopify"
    file = EVENTS / source / f"{sample}.json"
    ended = desk.run("explain", str(file), "--merchant", "acme", "--json", *words)
    assert ended.code == code, ended.err
    told: dict[str, Any] = json.loads(ended.out)
    return told


def test_a_sample_is_shown_as_changes_and_calls_with_their_bodies(desk: Desk) -> None:
    told = explained(desk, "customers__disable__account_closed")

    [change] = told.pop("changes")
    assert told == {
        "source": "shopify",
        "topic": "customers/disable",
        "ignored": None,
        "asks": None,
        "dead_letter": None,
        "notice": None,
        "left_out": [],
    }
    assert change["change"] == "PersonSaved"
    [call] = change["destinations"]["datacue"]["calls"]
    assert (call["method"], call["host"], call["label"]) == ("POST", "api.datacue.co", "POST users")
    assert call["url"] == "https://api.datacue.co/v1/users"
    assert call["body"]["user_id"] == change["entity"].removeprefix("person:")


def test_what_was_told_before_is_changed_and_not_made(desk: Desk) -> None:
    told = explained(desk, "customers__disable__account_closed", "--known")

    [call] = told["changes"][0]["destinations"]["datacue"]["calls"]
    assert call["method"] == "PUT"


def test_a_topic_that_means_nothing_is_told_with_the_reason(desk: Desk) -> None:
    file = desk.folder / "refunds__create__one.json"
    file.write_text("{}")

    ended = desk.run("explain", str(file), "--merchant", "acme")

    assert ended.code == 0
    assert ended.out == f"refunds/create of shopify\nignored: {IGNORED['refunds/create']}\n"


def test_an_unknown_topic_is_told_as_such(desk: Desk) -> None:
    told = explained(desk, "carts__create__first_item", "--topic", "carts/burn")

    assert (told["ignored"], told["left_out"]) == (
        "unknown topic",
        [{"count": "unknown_topic", "why": "the topic is in neither list of docs/topics.md"}],
    )


def test_lines_that_are_left_out_are_counted_with_the_reason(desk: Desk) -> None:
    body = json.loads((EVENTS / "shopify/orders__create__guest.json").read_text())
    body["line_items"][0]["product_id"] = None
    file = desk.folder / "orders__create__tip.json"
    file.write_text(json.dumps(body))

    ended = desk.run("explain", str(file), "--merchant", "acme")

    assert (
        "left out: a tip, a custom item or a deleted product: its line is left out "
        "(lines_without_product)\n" in ended.out
    )


def test_a_cart_of_nobody_known_is_told_to_nobody_and_why(desk: Desk) -> None:
    told = explained(desk, "carts__update__two_lines")

    end = told["changes"][0]["destinations"]["datacue"]
    assert end["calls"] == []
    assert end["nothing"] == "the cart names no customer, and nobody knows whose browser it is"


def test_a_variable_product_would_be_asked_for(desk: Desk) -> None:
    told = explained(desk, "product.created__variable")

    assert (told["asks"], told["changes"]) == ("the store would be asked for product 24", [])


def test_a_simple_product_of_woocommerce_needs_no_store(desk: Desk) -> None:
    told = explained(desk, "product.created__two_pictures")

    [call] = told["changes"][0]["destinations"]["datacue"]["calls"]
    assert call["label"] == "POST products"


def test_a_notice_is_told_beside_the_changes(desk: Desk) -> None:
    told = explained(desk, "app__uninstalled__removed")

    assert (told["notice"], told["changes"]) == (
        "an alarm for the merchant: no webhook comes any more",
        [],
    )


def test_what_would_be_a_dead_letter_is_told_with_its_place_and_ends_with_one(desk: Desk) -> None:
    file = desk.folder / "orders__create__broken.json"
    file.write_text('{"id": 5}')

    ended = desk.run("explain", str(file), "--merchant", "acme")

    assert ended.code == 1
    assert "a dead letter: " in ended.out
    assert "- at `$" in ended.out


def test_the_table_names_each_change_and_the_bodies_follow(desk: Desk) -> None:
    file = EVENTS / "shopify/orders__create__guest.json"

    ended = desk.run("explain", str(file), "--merchant", "acme")

    lines = ended.out.splitlines()
    assert lines[1].split() == ["Change", "Entity", "Destination", "Calls", "Why"]
    assert lines[2].startswith("PersonSaved  person:email:")
    assert "OrderSaved   order:6650100001002" in lines[3]
    assert "datacue: POST api.datacue.co (POST orders)" in lines
    assert '  "order_id": "6650100001002",' in lines


def test_a_visitor_given_by_hand_is_whom_a_tracker_is_told_of(desk: Desk) -> None:
    text = BOTH.format(more="").replace('["datacue"]', '["esputnik"]')
    desk.merchant(f'{text}[esputnik]\nsite_id = "one"\n')

    told = explained(desk, "carts__update__two_lines", "--sc", "cookie-one")

    [call] = told["changes"][0]["destinations"]["esputnik"]["calls"]
    assert call["host"] == "tracker.esputnik.com"
    assert "cookie-one" in json.dumps(call["body"])


@pytest.mark.parametrize("source", ["shopify", "woocommerce"])
def test_every_sample_can_be_explained_for_every_platform(desk: Desk, source: str) -> None:
    platforms = '["datacue", "yespo", "esputnik", "personaclick"]'
    desk.merchant(
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

    told = [
        described(explain(merchant, one, Supposed(visitor=Visitor(tracker_cookie="c-1"))))
        for one in events
    ]

    assert [one["topic"] for one in told if one["dead_letter"]] == []
    ends = [
        end for one in told for change in one["changes"] for end in change["destinations"].values()
    ]
    assert [end for end in ends if not end["calls"] and not end["nothing"]] == [
        end for end in ends if end["dead_letter"]
    ]
    assert len(ends) > len(told)

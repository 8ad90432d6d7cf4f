"""``shoprelay send``: what the door gets, and what is said of its answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import SECRETS, Desk, cloudformation, sit_down
from tests.fakes.server import Server, answering

BODY = b'{"id": 7, "email": "ada@shop.example"}'


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    desk = sit_down(tmp_path, monkeypatch, capsys)
    desk.acme()
    (tmp_path / "orders__create__guest.json").write_bytes(BODY)
    (tmp_path / "order.created__guest.json").write_bytes(BODY)
    return desk


def said(status: str, body: str = "{}") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()


@pytest.fixture
def door() -> Iterator[Server]:
    with Server([answering(said("200 OK", '{"status": "delivered"}'))]) as server:
        yield server


def headers(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def test_a_file_is_sent_as_shopify_would_with_the_topic_of_its_name(
    desk: Desk, door: Server
) -> None:
    ended = desk.run(
        *("send", "acme", "orders__create__guest.json", "--json"),
        *("--secrets", desk.secrets(), "--url", door.url),
    )

    told = json.loads(ended.out)
    assert ended.code == 0
    assert isinstance(told.pop("milliseconds"), int)
    assert told == {
        "id": told["id"],
        "topic": "orders/create",
        "url": f"{door.url}/webhooks/shopify",
        "status": 200,
        "says": "delivered",
    }
    [request] = door.requests
    assert request.startswith(b"POST /webhooks/shopify HTTP/1.1\r\n")
    assert request.endswith(BODY)
    sent = headers(request)
    assert sent["x-shopify-topic"] == "orders/create"
    assert sent["x-shopify-shop-domain"] == "acme.myshopify.com"
    assert sent["x-shopify-webhook-id"] == told["id"]
    digest = hmac.new(b"whsec-one", BODY, hashlib.sha256).digest()
    assert sent["x-shopify-hmac-sha256"] == base64.b64encode(digest).decode()


def test_a_topic_with_a_dot_is_sent_as_woocommerce_would(desk: Desk, door: Server) -> None:
    both = 'sources = ["shopify", "woocommerce"]'
    text = (desk.folder / "merchants/acme.toml").read_text()
    shop = '[woocommerce]\nurl = "https://shop.acme.example"\n'
    desk.merchant(text.replace('sources = ["shopify"]', both) + shop)
    document = SECRETS | {"woocommerce": {"webhook_secrets": ["woo-one"]}}

    ended = desk.run(
        *("send", "acme", "order.created__guest.json", "--topic", "order.updated"),
        *("--secrets", desk.secrets(document), "--url", f"{door.url}/elsewhere"),
    )

    assert ended.code == 0
    assert ended.out.startswith("order.updated: 200 delivered, ")
    [request] = door.requests
    assert request.startswith(b"POST /elsewhere HTTP/1.1\r\n")
    sent = headers(request)
    assert sent["x-wc-webhook-topic"] == "order.updated"
    digest = hmac.new(b"woo-one", BODY, hashlib.sha256).digest()
    assert sent["x-wc-webhook-signature"] == base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("401 Unauthorized", "The door does not take the signature, or the shop's name"),
        ("404 Not Found", "There is no door at that address: `shoprelay deploy` prints it."),
        ("418 Teapot", "`shoprelay tail` says what it did."),
    ],
)
def test_a_refusal_is_said_with_what_to_do(desk: Desk, status: str, meaning: str) -> None:
    with Server([answering(said(status))]) as door:
        ended = desk.run(
            *("send", "acme", "orders__create__guest.json"),
            *("--secrets", desk.secrets(), "--url", door.url),
        )

    assert ended.code == 1
    assert meaning in ended.out


def test_without_a_url_the_stack_tells_where_the_door_is(
    desk: Desk, door: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cloudformation(monkeypatch, {"ShopifyWebhooks": f"{door.url}/webhooks/shopify"}):
        ended = desk.run("send", "acme", "orders__create__guest.json", "--secrets", desk.secrets())

    assert ended.code == 0
    assert len(door.requests) == 1

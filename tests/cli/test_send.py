"""``shoprelay send``: the request, and the output for each response."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import SECRETS, Shell, cloudformation, make_shell
from tests.fakes.server import Server, answering

BODY = b'{"id": 7, "email": "ada@shop.example"}'


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    shell = make_shell(tmp_path, monkeypatch, capsys)
    shell.acme()
    (tmp_path / "orders__create__guest.json").write_bytes(BODY)
    (tmp_path / "order.created__guest.json").write_bytes(BODY)
    return shell


def response(status: str, body: str = "{}") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()


@pytest.fixture
def receiver() -> Iterator[Server]:
    with Server([answering(response("200 OK", '{"status": "delivered"}'))]) as server:
        yield server


def headers(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def test_a_file_is_sent_as_shopify_sends_it_with_the_topic_of_its_name(
    shell: Shell, receiver: Server
) -> None:
    result = shell.run(
        *("send", "acme", "orders__create__guest.json", "--json"),
        *("--secrets", shell.secrets(), "--url", receiver.url),
    )

    output = json.loads(result.out)
    assert result.code == 0
    assert isinstance(output.pop("milliseconds"), int)
    assert output == {
        "id": output["id"],
        "topic": "orders/create",
        "url": f"{receiver.url}/webhooks/shopify",
        "status": 200,
        "says": "delivered",
    }
    [request] = receiver.requests
    assert request.startswith(b"POST /webhooks/shopify HTTP/1.1\r\n")
    assert request.endswith(BODY)
    sent = headers(request)
    assert sent["x-shopify-topic"] == "orders/create"
    assert sent["x-shopify-shop-domain"] == "acme.myshopify.com"
    assert sent["x-shopify-webhook-id"] == output["id"]
    digest = hmac.new(b"whsec-one", BODY, hashlib.sha256).digest()
    assert sent["x-shopify-hmac-sha256"] == base64.b64encode(digest).decode()


def test_a_topic_with_a_dot_is_sent_as_woocommerce_sends_it(shell: Shell, receiver: Server) -> None:
    both = 'sources = ["shopify", "woocommerce"]'
    text = (shell.folder / "merchants/acme.toml").read_text()
    shop = '[woocommerce]\nurl = "https://shop.acme.example"\n'
    shell.merchant(text.replace('sources = ["shopify"]', both) + shop)
    document = SECRETS | {"woocommerce": {"webhook_secrets": ["woo-one"]}}

    result = shell.run(
        *("send", "acme", "order.created__guest.json", "--topic", "order.updated"),
        *("--secrets", shell.secrets(document), "--url", f"{receiver.url}/elsewhere"),
    )

    assert result.code == 0
    assert result.out.startswith("order.updated: 200 delivered, ")
    [request] = receiver.requests
    assert request.startswith(b"POST /elsewhere HTTP/1.1\r\n")
    sent = headers(request)
    assert sent["x-wc-webhook-topic"] == "order.updated"
    digest = hmac.new(b"woo-one", BODY, hashlib.sha256).digest()
    assert sent["x-wc-webhook-signature"] == base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("401 Unauthorized", "The signature or the shop's name is wrong"),
        (
            "404 Not Found",
            "There is no receiver at that address: `shoprelay deploy` prints the address.",
        ),
        ("418 Teapot", "`shoprelay tail` shows the log."),
    ],
)
def test_a_rejection_is_printed_with_what_to_do(shell: Shell, status: str, meaning: str) -> None:
    with Server([answering(response(status))]) as receiver:
        result = shell.run(
            *("send", "acme", "orders__create__guest.json"),
            *("--secrets", shell.secrets(), "--url", receiver.url),
        )

    assert result.code == 1
    assert meaning in result.out


def test_without_a_url_the_address_is_read_from_the_stack(
    shell: Shell, receiver: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cloudformation(monkeypatch, {"ShopifyWebhooks": f"{receiver.url}/webhooks/shopify"}):
        result = shell.run(
            "send", "acme", "orders__create__guest.json", "--secrets", shell.secrets()
        )

    assert result.code == 0
    assert len(receiver.requests) == 1

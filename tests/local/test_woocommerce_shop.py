from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cli.sandbox.samples import DOCUMENTS
from cli.sandbox.woocommerce.shop import Shop, samples
from cli.sandbox.woocommerce.store_data import load
from shared.sources.parsing.signature import verify
from shared.sources.woocommerce.headers import pings, to_envelope

Heard = list[tuple[bytes, Mapping[str, str]]]


@pytest.fixture
def heard() -> Heard:
    return []


@pytest.fixture
def shop(heard: Heard) -> Iterator[Shop]:
    """A store whose webhooks go to somebody who only listens."""

    class Listening(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status": "queued"}')

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Listening)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield Shop(
        secret="demo-secret",
        url=f"http://127.0.0.1:{server.server_port}/webhooks/woocommerce",
        held=load(DOCUMENTS),
    )
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_is_signed_and_named_as_woocommerce_does(shop: Shop, heard: Heard) -> None:
    reply = shop.send(shop.webhook("product.updated", 49))

    [(body, headers)] = heard
    verify(body, headers["x-wc-webhook-signature"], ("demo-secret",))
    envelope = to_envelope(body, headers, 0.0)
    assert (envelope.topic, json.loads(body)["name"]) == ("product.updated", "Mütze b0626f")
    assert (headers["x-wc-webhook-resource"], headers["x-wc-webhook-event"]) == (
        "product",
        "updated",
    )
    assert (reply.status, reply.outcome) == (200, "queued")


def test_a_ping_has_neither_topic_nor_signature(shop: Shop, heard: Heard) -> None:
    shop.ping()

    [(body, headers)] = heard
    assert body == b"webhook_id=3"
    assert pings(body, headers)
    assert [name for name in headers if name.startswith("x-wc-")] == []


def test_the_webhook_of_a_variation_is_a_whole_product(shop: Shop) -> None:
    body = json.loads(shop.webhook("product.updated", 50).body)

    assert (body["type"], body["parent_id"], body["price"]) == ("variation", 49, "9.90")
    assert (body["categories"], body["images"]) == ([], [])


def test_a_delete_has_the_id_alone_also_of_what_is_not_there(shop: Shop) -> None:
    assert shop.webhook("product.deleted", 718).body == b'{"id": 718}'


def test_of_what_is_not_there_no_state_can_be_told(shop: Shop) -> None:
    with pytest.raises(KeyError):
        shop.webhook("product.updated", 718)


def test_samples_come_in_an_order_that_makes_sense_in_a_store(tmp_path: Path) -> None:
    for name in (
        "action.woocommerce_before_delete_product__published",
        "order.deleted__trashed",
        "order.created__guest",
        "product.updated__on_sale",
    ):
        (tmp_path / f"{name}.json").write_text("{}")

    assert [one.topic for one in samples(tmp_path)] == [
        "order.created",
        "product.updated",
        "action.woocommerce_before_delete_product",
        "order.deleted",
    ]

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
from shared.sources.woocommerce.headers import is_ping, to_envelope

Requests = list[tuple[bytes, Mapping[str, str]]]


@pytest.fixture
def received() -> Requests:
    return []


@pytest.fixture
def shop(received: Requests) -> Iterator[Shop]:
    """Return a store whose webhooks go to a server that records them."""

    class RecordingHandler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status": "queued"}')

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), RecordingHandler)
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


def test_a_webhook_has_the_signature_and_headers_of_woocommerce(
    shop: Shop, received: Requests
) -> None:
    reply = shop.send(shop.webhook("product.updated", 49))

    [(body, headers)] = received
    verify(body, headers["x-wc-webhook-signature"], ("demo-secret",))
    envelope = to_envelope(body, headers, 0.0)
    assert (envelope.topic, json.loads(body)["name"]) == ("product.updated", "Mütze b0626f")
    assert (headers["x-wc-webhook-resource"], headers["x-wc-webhook-event"]) == (
        "product",
        "updated",
    )
    assert (reply.status, reply.outcome) == (200, "queued")


def test_a_ping_has_neither_topic_nor_signature(shop: Shop, received: Requests) -> None:
    shop.ping()

    [(body, headers)] = received
    assert body == b"webhook_id=3"
    assert is_ping(body, headers)
    assert [name for name in headers if name.startswith("x-wc-")] == []


def test_the_webhook_of_a_variation_has_the_form_of_a_product(shop: Shop) -> None:
    body = json.loads(shop.webhook("product.updated", 50).body)

    assert (body["type"], body["parent_id"], body["price"]) == ("variation", 49, "9.90")
    assert (body["categories"], body["images"]) == ([], [])


def test_a_delete_has_only_the_id_even_of_an_unknown_object(shop: Shop) -> None:
    assert shop.webhook("product.deleted", 718).body == b'{"id": 718}'


def test_an_unknown_object_has_no_update_webhook(shop: Shop) -> None:
    with pytest.raises(KeyError):
        shop.webhook("product.updated", 718)


def test_samples_of_woocommerce_come_in_a_plausible_order(tmp_path: Path) -> None:
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

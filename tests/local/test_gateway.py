from __future__ import annotations

import base64
import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from cli.local.function import Function
from cli.local.gateway import Gateway, HandledWebhook
from shared.errors import NotConfigured

OK = {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": '{"id": "1"}'}


@dataclass
class GatewayHarness:
    """A running gateway, and what its function received."""

    url: str = ""
    events: list[Mapping[str, Any]] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)
    webhooks: list[HandledWebhook] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def running_gateway(
    response: Callable[[], Any] = lambda: OK,
    *,
    timeout: float = 10,
    force_base64: bool = False,
    healthy: bool = True,
) -> Iterator[GatewayHarness]:
    harness = GatewayHarness()

    def handler(event: Mapping[str, Any], context: Any) -> Any:
        harness.events.append(event)
        harness.contexts.append(context)
        return response()

    gateway = Gateway(
        Function(name="webhook", handler=handler, timeout=timeout),
        on_webhook=harness.webhooks.append,
        healthy=lambda: healthy,
        force_base64=force_base64,
    )
    harness.url = gateway.start()
    try:
        yield harness
    finally:
        gateway.stop()


def post(harness: GatewayHarness, body: bytes = b"{}", **headers: str) -> requests.Response:
    sent = {"Content-Type": "application/json"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    return requests.post(harness.url + "/webhooks/shopify", data=body, headers=sent, timeout=10)


def test_a_json_body_reaches_the_function_as_text_in_an_event_of_format_2() -> None:
    body = '{ "title":"Caf\u00e9" }'.encode()

    with running_gateway() as harness:
        before = time.time()
        response = post(harness, body, X_Shopify_Topic="products/create", User_Agent="Shop")
        after = time.time()

    [event] = harness.events
    http = event["requestContext"]["http"]
    assert (response.status_code, response.content) == (200, b'{"id": "1"}')
    assert response.headers["content-type"] == "application/json"
    assert event["version"] == "2.0"
    assert event["routeKey"] == "POST /webhooks/{source}"
    assert event["rawPath"] == "/webhooks/shopify"
    assert event["pathParameters"] == {"source": "shopify"}
    assert event["headers"]["x-shopify-topic"] == "products/create"
    assert (event["body"], event["isBase64Encoded"]) == (body.decode(), False)
    assert http["method"] == "POST"
    assert http["path"] == "/webhooks/shopify"
    assert http["sourceIp"] == "127.0.0.1"
    assert http["userAgent"] == "Shop"
    assert int(before * 1000) <= event["requestContext"]["timeEpoch"] <= after * 1000
    json.dumps(event)


@pytest.mark.parametrize("content_type", ["application/octet-stream", "image/png"])
def test_a_binary_body_reaches_the_function_in_base64(content_type: str) -> None:
    with running_gateway() as harness:
        post(harness, b"\xff\x00", Content_Type=content_type)

    assert harness.events[0]["isBase64Encoded"] is True
    assert base64.b64decode(harness.events[0]["body"]) == b"\xff\x00"


def test_text_that_is_not_utf_8_keeps_its_bytes() -> None:
    with running_gateway() as harness:
        post(harness, b'"\xff"')

    assert harness.events[0]["isBase64Encoded"] is True
    assert base64.b64decode(harness.events[0]["body"]) == b'"\xff"'


def test_base64_can_be_forced() -> None:
    with running_gateway(force_base64=True) as harness:
        post(harness, b'{"a": 1}')

    assert harness.events[0]["isBase64Encoded"] is True
    assert base64.b64decode(harness.events[0]["body"]) == b'{"a": 1}'


def test_a_chunked_body_arrives_whole() -> None:
    with running_gateway() as harness:
        requests.post(
            harness.url + "/webhooks/shopify",
            data=iter([b'{"a"', b": 1}"]),
            headers={"Content-Type": "application/json"},
            timeout=10,
        )

    assert harness.events[0]["body"] == '{"a": 1}'


def test_repeated_headers_are_joined_with_commas() -> None:
    with running_gateway() as harness:
        connection = http.client.HTTPConnection("127.0.0.1", harness.port, timeout=10)
        connection.putrequest("POST", "/webhooks/shopify")
        connection.putheader("X-Twice", "one")
        connection.putheader("X-Twice", "two")
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        connection.getresponse().read()
        connection.close()

    assert harness.events[0]["headers"]["x-twice"] == "one,two"


def test_a_body_over_ten_megabytes_is_rejected_before_the_function() -> None:
    with running_gateway() as harness:
        response = post(harness, b" " * (10 * 1024 * 1024 + 1))

    assert response.status_code == 413
    assert harness.events == []


def test_an_event_over_lambdas_six_megabytes_is_rejected_before_the_function() -> None:
    body = b"\xff" * (5 * 1024 * 1024)

    with running_gateway() as harness:
        as_base64 = post(harness, body, Content_Type="application/octet-stream")
        as_text = post(harness, b" " * len(body))

    assert (as_base64.status_code, as_text.status_code) == (413, 200)
    assert len(harness.events) == 1


def raises() -> Any:
    raise RuntimeError


@pytest.mark.parametrize("response", [raises, object, lambda: {"statusCode": "many"}])
def test_a_handler_that_fails_is_a_500_without_details(response: Callable[[], Any]) -> None:
    with running_gateway(response) as harness:
        sent = post(harness)

    assert (sent.status_code, sent.json()) == (500, {"message": "Internal Server Error"})


def test_a_handler_that_is_too_slow_is_a_503() -> None:
    with running_gateway(lambda: time.sleep(0.5), timeout=0.1) as harness:
        response = post(harness)

    assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})


def test_a_result_without_a_status_code_is_the_body_of_a_200() -> None:
    with running_gateway(lambda: {"id": "1"}) as harness:
        response = post(harness)

    assert (response.status_code, response.json()) == (200, {"id": "1"})


def test_a_base64_result_is_decoded() -> None:
    with running_gateway(
        lambda: {"statusCode": 201, "body": "aGk=", "isBase64Encoded": True}
    ) as harness:
        response = post(harness)

    assert (response.status_code, response.content) == (201, b"hi")


def test_an_empty_401_stays_empty() -> None:
    with running_gateway(lambda: {"statusCode": 401, "body": ""}) as harness:
        response = post(harness)

    assert (response.status_code, response.content) == (401, b"")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/webhooks/shopify"), ("POST", "/webhooks/"), ("POST", "/webhooks/a/b"), ("GET", "/")],
)
def test_another_route_is_a_404(method: str, path: str) -> None:
    with running_gateway() as harness:
        response = requests.request(method, harness.url + path, timeout=10)

    assert response.status_code == 404
    assert harness.events == []


def test_an_unknown_source_is_passed_to_the_function() -> None:
    with running_gateway() as harness:
        requests.post(harness.url + "/webhooks/nobody", data=b"", timeout=10)

    assert harness.events[0]["pathParameters"] == {"source": "nobody"}


@pytest.mark.parametrize(("healthy", "status"), [(True, 200), (False, 503)])
def test_health_reports_whether_the_stack_is_up(*, healthy: bool, status: int) -> None:
    with running_gateway(healthy=healthy) as harness:
        response = requests.get(harness.url + "/health", timeout=10)

    assert response.status_code == status
    assert response.json() == {"status": "up" if healthy else "down"}


def test_the_context_is_like_lambdas() -> None:
    with running_gateway(timeout=10) as harness:
        post(harness)

    [context] = harness.contexts
    assert context.function_name == "webhook"
    assert context.memory_limit_in_mb == 512
    assert context.invoked_function_arn.endswith(":function:webhook")
    assert len(context.aws_request_id) == 36
    assert 0 < context.get_remaining_time_in_millis() <= 10_000


def test_every_webhook_is_reported_with_its_response() -> None:
    with running_gateway() as harness:
        post(harness, X_Shopify_Webhook_Id="abc")

    [webhook] = harness.webhooks
    assert webhook.source == "shopify"
    assert webhook.headers["x-shopify-webhook-id"] == "abc"
    assert (webhook.response.status, webhook.response.body) == (200, b'{"id": "1"}')


def test_a_port_in_use_is_an_error_of_one_line() -> None:
    def nothing(_: HandledWebhook) -> None:
        return None

    gateway = Gateway(Function(name="webhook", handler=lambda _e, _c: OK), on_webhook=nothing)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(NotConfigured, match=f"cannot listen on port {port}"):
            gateway.start(port)

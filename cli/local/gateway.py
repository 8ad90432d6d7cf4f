"""A local HTTP API in front of the webhook function."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request as Incoming
from werkzeug.wrappers import Response as Outgoing

from cli.local.function import Function, HandlerFailed, HandlerTimedOut
from cli.local.request import Request, Response, event, gateway_error, parse_response
from shared.errors import NotConfigured

# API Gateway accepts 10 MB; Lambda accepts an event of 6 MiB, in which the body may be in base64.
MAX_REQUEST = 10 * 1024 * 1024
MAX_EVENT = 6 * 1024 * 1024
_WEBHOOK = re.compile(r"/webhooks/(?P<source>[^/]+)")
_ROUTE = "POST /webhooks/{source}"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledWebhook:
    """A webhook that got a response: its source and headers, the response, and its duration."""

    source: str
    headers: Mapping[str, str]
    response: Response
    milliseconds: int


class _Quiet(WSGIRequestHandler):
    """A handler without a request log, and without 40 ms between two segments of a response."""

    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Do not log."""


class Gateway:
    """
    Serve POST /webhooks/{source} and GET /health on 127.0.0.1.

    ``on_webhook`` is called for every webhook; ``healthy`` returns whether the stack is up.
    """

    def __init__(
        self,
        webhook: Function,
        *,
        on_webhook: Callable[[HandledWebhook], None],
        healthy: Callable[[], bool] = lambda: True,
        force_base64: bool = False,
    ) -> None:
        self._webhook = webhook
        self._on_webhook = on_webhook
        self._healthy = healthy
        self._force_base64 = force_base64

    def start(self, port: int = 0) -> str:
        """Listen (0: on a free port); return the URL. Raise NotConfigured for a port in use."""
        try:
            listening = socket.create_server(("127.0.0.1", port), backlog=512)
        except OSError as error:
            text = f"cannot listen on port {port}: {error.strerror}; choose another with --port N"
            raise NotConfigured(text) from None
        with listening:
            self._server = make_server(
                "127.0.0.1",
                listening.getsockname()[1],
                self._serve,
                threaded=True,
                request_handler=_Quiet,
                fd=listening.fileno(),
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="gateway", daemon=True
        )
        self._thread.start()
        return f"http://127.0.0.1:{self._server.port}"

    def stop(self) -> None:
        """Stop accepting requests."""
        self._server.shutdown()
        self._thread.join()

    def _serve(self, environ: Any, start: Any) -> Iterable[bytes]:
        incoming = Incoming(environ)
        response = self._respond(incoming)
        outgoing = Outgoing(response.body, status=response.status, headers=dict(response.headers))
        return outgoing(environ, start)

    def _respond(self, incoming: Incoming) -> Response:
        at = time.time()
        if incoming.method == "GET" and incoming.path == "/health":
            up = self._healthy()
            status = json.dumps({"status": "up" if up else "down"}).encode()
            return Response(status=200 if up else 503, body=status)
        match = _WEBHOOK.fullmatch(incoming.path)
        body = _read(incoming)
        if incoming.method != "POST" or match is None:
            return gateway_error(404, "Not Found")
        if body is None:
            return gateway_error(413, "Request Entity Too Large")
        request = _request(incoming, body, at)
        return self._webhook_response(request, match["source"])

    def _webhook_response(self, request: Request, source: str) -> Response:
        lambda_event = event(request, _ROUTE, {"source": source}, force_base64=self._force_base64)
        if len(lambda_event["body"]) > MAX_EVENT:
            response = gateway_error(413, "Request Entity Too Large")
        else:
            response = self._invoke(lambda_event)
        took = int((time.time() - request.at) * 1000)
        self._on_webhook(
            HandledWebhook(
                source=source, headers=lambda_event["headers"], response=response, milliseconds=took
            )
        )
        return response

    def _invoke(self, lambda_event: Mapping[str, Any]) -> Response:
        try:
            return parse_response(self._webhook.invoke(lambda_event))
        except HandlerTimedOut:
            log.error("the webhook function timed out")  # noqa: TRY400 - there is no traceback
            return gateway_error(503, "Service Unavailable")
        except (HandlerFailed, TypeError, ValueError):
            log.exception("the webhook function failed")
            return gateway_error(500, "Internal Server Error")


def _read(incoming: Incoming) -> bytes | None:
    # The rest of a request that is too large is read too: a client that is cut off while it sends
    # gets a reset instead of the response.
    body = incoming.stream.read(MAX_REQUEST + 1)
    if len(body) <= MAX_REQUEST:
        return body
    while incoming.stream.read(1024 * 1024):
        pass
    return None


def _request(incoming: Incoming, body: bytes, at: float) -> Request:
    return Request(
        method=incoming.method,
        path=incoming.path,
        body=body,
        at=at,
        # The server joins repeated headers with commas, as API Gateway does.
        headers=dict(incoming.headers),
        query=incoming.query_string.decode("latin-1"),
        source_ip=incoming.remote_addr or "127.0.0.1",
    )

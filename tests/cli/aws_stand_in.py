"""Two services of AWS that moto lacks, on loopback, with a fixed response for each path."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# (status, body) by the path of Lambda, or by the target of Service Quotas.
Responses = dict[str, tuple[int, Any]]

SETTINGS = "/2016-08-19/account-settings"
QUOTA = "ServiceQuotasV20190624.GetServiceQuota"
DEFAULT_QUOTA = "ServiceQuotasV20190624.GetAWSDefaultServiceQuota"


def configuration(name: str) -> str:
    return f"/2015-03-31/functions/{name}/configuration"


def reserved(name: str) -> str:
    return f"/2019-09-30/functions/{name}/concurrency"


def recursion(name: str) -> str:
    return f"/2024-08-31/functions/{name}/recursion-config"


def denied(action: str) -> tuple[int, Any]:
    message = f"User: arn:aws:iam::123456789012:user/jo is not authorized to perform: {action} on x"
    return 403, {"__type": "AccessDeniedException", "message": message}


def absent(kind: str = "ResourceNotFoundException") -> tuple[int, Any]:
    return 404, {"__type": kind, "message": "does not exist"}


@contextmanager
def standing_in(responses: Responses) -> Iterator[str]:
    """Serve the responses, and 404 for everything else; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._respond(self.path.rstrip("/") or "/")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._respond(self.headers.get("X-Amz-Target", self.path))

        def _respond(self, what: str) -> None:
            status, content = responses.get(what, absent())
            body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            self.send_response(status)
            if "__type" in content:
                self.send_header("x-amzn-ErrorType", content["__type"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

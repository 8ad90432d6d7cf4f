"""
A Lambda Runtime API on loopback, as far as `awslambdaric` uses it: it returns events and receives
responses. "Using the Lambda runtime API for custom runtimes", Lambda developer guide.
"""

from __future__ import annotations

import json
import queue
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ARN = "arn:aws:lambda:us-east-1:123456789012:function:shoprelay-artefact"
_ROOT = "/2018-06-01/runtime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """
    A request of the function's process: ``next`` (it waits for an event), ``response``, ``error``,
    or ``init/error``; ``at`` is when, in seconds of `time.perf_counter`.
    """

    what: str
    at: float
    body: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    body: bytes = field(repr=False)
    deadline_ms: int


class RuntimeApi:
    """Serves one function's process at a time, which calls ``address``."""

    def __init__(self) -> None:
        self.received: queue.SimpleQueue[Received] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[_Event | None] = queue.SimpleQueue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="runtime-api", daemon=True
        )

    @property
    def address(self) -> str:
        """The host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Start to respond."""
        self._thread.start()

    def stop(self) -> None:
        """Close the connection that waits for an event, and stop to respond."""
        self._events.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def offer(self, event: Any, seconds: float) -> None:
        """Queue an event for the next request; its deadline is in so many seconds."""
        deadline = int((time.time() + seconds) * 1000)
        self._events.put(_Event(body=json.dumps(event).encode(), deadline_ms=deadline))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Header and body are sent in one segment, at once. In two, with Nagle's algorithm, each
            # invocation would seem to take 40 ms longer, the wait for the ACK of the first.
            wbufsize = -1
            disable_nagle_algorithm = True

            def handle(self) -> None:
                # A process that is killed while it waits resets its connection.
                with suppress(ConnectionError):
                    super().handle()

            def do_GET(self) -> None:
                api.received.put(Received(what="next", at=time.perf_counter()))
                event = api._events.get()
                if event is None:
                    self.close_connection = True
                    return
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4()))
                self.send_header("Lambda-Runtime-Deadline-Ms", str(event.deadline_ms))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", ARN)
                self.send_header("Content-Type", "application/json")
                self._end(event.body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                at = time.perf_counter()
                what = self.path.removeprefix(f"{_ROOT}/invocation/").removeprefix(f"{_ROOT}/")
                name = what if what == "init/error" else what.rpartition("/")[2]
                api.received.put(Received(what=name, at=at, body=json.loads(body or b"null")))
                self.send_response(202)
                self._end(b"")

            def _end(self, body: bytes) -> None:
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        return Handler

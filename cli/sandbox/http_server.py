"""
HTTP/1.1 on loopback, in threads that `HttpServer.stop` can end at any moment.

A response is sent in one segment with Nagle's algorithm off: the second segment of a response on a
keep-alive connection would wait 40 ms for the client's delayed acknowledgement of the first.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from threading import Event, Lock, Thread
from typing import Any

from cli.sandbox.exchange import Response

# More than any platform accepts; a longer body is not read.
_MAX_BODY = 64 * 1024 * 1024
_DRIP_INTERVAL = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A received request: ``target`` is path and query, ``headers`` have lower-case names."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Drip:
    """A response whose body never ends."""

    start: Response


# None cuts the connection without a response.
Reply = Response | Drip | None
Serve = Callable[[Incoming], Reply]


class HttpServer(TCPServer):
    """A listening socket, and one thread per connection."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, serve: Serve, stopping: Event) -> None:
        self.serve = serve
        self.stopping = stopping
        self._open: dict[Thread, socket.socket] = {}
        self._lock = Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        self._loop = Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        """The port that the system chose for 0."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Start to serve."""
        self._loop.start()

    def stop(self) -> None:
        """Stop: cut every connection, wake all waiting threads, and join them."""
        self.stopping.set()
        self.shutdown()
        self._loop.join()
        with self._lock:
            opened = dict(self._open)
        for connection in opened.values():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in opened:
            thread.join()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle a connection in its own thread."""
        thread = Thread(target=self._handle_connection, args=(request, client_address), daemon=True)
        with self._lock:
            self._open[thread] = request
        thread.start()

    def _handle_connection(self, request: socket.socket, client_address: Any) -> None:
        try:
            # Clients that disconnect in the middle are a case that the sandbox must handle.
            with suppress(OSError):
                self.finish_request(request, client_address)
        finally:
            self.shutdown_request(request)
            with self._lock:
                self._open = {
                    thread: other for thread, other in self._open.items() if other is not request
                }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: HttpServer

    def _serve(self) -> None:
        incoming = self._read()
        if incoming is None or self.server.stopping.is_set():
            self.close_connection = True
            return
        reply = self.server.serve(incoming)
        if reply is None:
            self._cut()
        elif isinstance(reply, Drip):
            self._drip(reply.start)
        else:
            self.wfile.write(self._head(reply, len(reply.body)) + self._content(reply))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815 - the names http.server looks for

    def _read(self) -> Incoming | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAX_BODY:
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return None
        if "Transfer-Encoding" in self.headers:
            # The body is not read: the next request on this connection would start inside it.
            self.close_connection = True
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Incoming(method=self.command, target=self.path, headers=headers, body=body)

    def _head(self, response: Response, length: int | None) -> bytes:
        lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        lines += list(_framing(response.status, length))
        if self.close_connection:
            lines.append("Connection: close")
        return "\r\n".join((*lines, "", "")).encode("latin-1")

    def _content(self, response: Response) -> bytes:
        return b"" if self.command == "HEAD" or _has_no_body(response.status) else response.body

    def _cut(self) -> None:
        # With a linger of 0 seconds the close sends a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _drip(self, start: Response) -> None:
        self.close_connection = True
        self.wfile.write(self._head(start, None))
        while not self.server.stopping.wait(_DRIP_INTERVAL):
            self.wfile.write(b"1\r\n \r\n")

    def log_message(self, *_: object) -> None:
        """Do not log: the journal has the request."""


def _phrase(status: int) -> str:
    with suppress(ValueError):
        return HTTPStatus(status).phrase
    return "Unknown"


def _has_no_body(status: int) -> bool:
    return status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


def _framing(status: int, length: int | None) -> Iterator[str]:
    if length is None:
        yield "Transfer-Encoding: chunked"
    elif not _has_no_body(status):
        yield f"Content-Length: {length}"

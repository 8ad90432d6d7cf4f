"""A loopback server of raw sockets: a platform that responds, drips, resets or never responds."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

# Longer than any test may take: the client must end an endless response.
LIMIT = 60.0


@dataclass
class Wire:
    """The server's end of one connection."""

    sock: socket.socket
    requests: list[bytes]

    def read(self) -> bytes:
        """Read one whole request, and record it; empty if the client has closed."""
        seen = b""
        while b"\r\n\r\n" not in seen:
            if not (more := self.sock.recv(65536)):
                return b""
            seen += more
        head, _, body = seen.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            body += self.sock.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes) -> None:
        """Send the same bytes repeatedly until the client closes the connection."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            self.sock.sendall(data)
            time.sleep(0.01)

    def wait(self) -> bytes:
        """Wait until the client closes the connection, or sends something."""
        return self.sock.recv(1)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Script = Callable[[Wire], object]


def answering(data: bytes) -> Script:
    """Respond to every request on the connection with the same bytes."""

    def answer(wire: Wire) -> None:
        while wire.read():
            wire.send(data)

    return answer


@dataclass
class Server:
    """Runs one script per connection, the last one for all further ones."""

    scripts: list[Script]
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    closed: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(LIMIT)

    def _start(self, work: Callable[[], object]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                script = self.scripts[min(self.connections, len(self.scripts) - 1)]
                self.connections += 1
                self._start(lambda sock=sock, script=script: self._serve(sock, script))  # type: ignore[misc]  # mypy does not infer a lambda's defaults

    def _serve(self, sock: socket.socket, script: Script) -> None:
        sock.settimeout(LIMIT)
        with sock, suppress(OSError):
            wire = self.tls.wrap_socket(sock, server_side=True) if self.tls else sock
            with wire:
                script(Wire(wire, self.requests))
        self.closed.set()

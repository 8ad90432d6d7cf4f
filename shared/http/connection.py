"""
Connections to untrusted servers: another thread can abort a call, and the size of a response is
bounded, whatever its headers say of its length.
"""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests
from msgspec import field
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from shared.model.value import MutableValue

MAX_RESPONSE = 1024 * 1024
# What the headers of a response and the framing of its chunks may add to the body.
MAX_OVERHEAD = 1024 * 1024
HINTS = 20  # before a response

# urllib3 logs headers that it cannot read, with the URL, which may hold an e-mail address.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)


class Watch(MutableValue, kw_only=False):
    """
    One call that must end in time: the socket that it uses, to be shut down by a timer. Its
    response may have ``most`` bytes of body on the wire.
    """

    # The socket, not the connection: http.client removes it from the connection if a response has
    # no length, and continues to read.
    most: int = MAX_RESPONSE
    sock: Any = None
    cut: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def end(self) -> None:
        """Abort the call."""
        with self.lock:
            self.cut = True
            sock = self.sock
        if sock is not None:
            # shutdown wakes the reading thread; close alone would not.
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def carried_by(self, connection: Any) -> None:
        """Record the connection of the call; raise TimeoutError if the call is aborted already."""
        with self.lock:
            self.sock = getattr(connection, "sock", None)
            cut = self.cut
        if cut:
            raise TimeoutError


_CURRENT = threading.local()


class _Meter:
    """Counts the bytes of one response; more than the call allows is an error."""

    # http.client bounds a line, urllib3 a chunk's; but a chunk of length -1 is read to the end, and
    # the number of headers and trailers is not bounded.
    def __init__(self, file: Any) -> None:
        self._file = file
        watch: Watch | None = getattr(_CURRENT, "watch", None)
        self._left = (watch.most if watch is not None else MAX_RESPONSE) + MAX_OVERHEAD

    def read(self, size: int = -1) -> bytes:
        return self._counted(self._file.read(self._least(size)))

    def read1(self, size: int = -1) -> bytes:
        return self._counted(self._file.read1(self._least(size)))

    def readline(self, size: int = -1) -> bytes:
        return self._counted(self._file.readline(self._least(size)))

    def _least(self, size: int) -> int:
        return self._left + 1 if size < 0 else min(size, self._left + 1)

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise OSError("the response does not end")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Response(http.client.HTTPResponse):
    """A response with a bounded size, without cookies, after all early hints."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp: Any = _Meter(self.fp)

    def _read_status(self) -> tuple[str, int, str]:
        # http.client skips only 100, and returns a 103 as the response: the real one would be read
        # as the response to the next call.
        for _ in range(HINTS):
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]  # not in its stubs
            if not http.HTTPStatus.CONTINUE < found[1] < http.HTTPStatus.OK:
                return found
            http.client.parse_headers(self.fp)
        raise http.client.BadStatusLine("hints without end")

    def begin(self) -> None:
        super().begin()
        # A session would send the cookies with every later call.
        del self.headers["Set-Cookie"]


class _Watched:
    """Registers the connection of a call with the watch of the calling thread."""

    response_class: Any = _Response
    timeout: Any
    port: int
    _dns_host: str

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._register()
        super().request(*args, **kwargs)  # type: ignore[misc]  # mixed into a connection below

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # as above
        # The time may have ended before there was a socket to shut down.
        self._register()

    def _new_conn(self) -> socket.socket:
        # urllib3 tries each address of a name for the whole time-out: limit the sum of all.
        started, whole = time.perf_counter(), self.timeout
        self.timeout = whole / _addresses(self._dns_host, self.port)
        try:
            found: socket.socket = super()._new_conn()  # type: ignore[misc]  # as above
        finally:
            self.timeout = whole
        # The TLS handshake has the rest of the time.
        found.settimeout(max(0.01, whole - (time.perf_counter() - started)))
        return found

    def _register(self) -> None:
        watch: Watch | None = getattr(_CURRENT, "watch", None)
        if watch is not None:
            watch.carried_by(self)


def _addresses(host: str, port: int) -> int:
    try:
        return max(1, len(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    except OSError:
        return 1  # the connection itself raises the error of the name


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _SecureConnection(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Session(requests.Session):
    """A session that ignores redirects."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """
        Return None: there is no redirect.

        Requests reads and unpacks the whole body of a redirect, even if it must not follow any.
        """


class Adapter(HTTPAdapter):
    """Makes the connections of this module."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Register the connections of this thread with a watch."""
    _CURRENT.watch = watch
    try:
        yield
    finally:
        _CURRENT.watch = None

"""
Connections that are not trusted: one can be cut from outside, and of an answer only so much is
read, whatever it says of its length.
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
# All bytes of an answer: its body, its headers, and what frames its chunks.
MAX_HEADERS_SIZE = 2 * MAX_RESPONSE
HINTS = 20  # before an answer

# urllib3 warns of headers that it cannot read, with the URL, which may hold an e-mail address.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)


class Watch(MutableValue, kw_only=False):
    """One call that must end in time: the socket it uses, to be cut by a timer."""

    # The socket, not the connection: http.client takes it away from the connection when an answer
    # has no length, and reads on.
    sock: Any = None
    cut: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def end(self) -> None:
        """Cut the call."""
        with self.lock:
            self.cut = True
            sock = self.sock
        if sock is not None:
            # shutdown wakes the thread that reads; close alone would not.
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def carried_by(self, connection: Any) -> None:
        """Note the connection of the call; raises TimeoutError when it is cut already."""
        with self.lock:
            self.sock = getattr(connection, "sock", None)
            cut = self.cut
        if cut:
            raise TimeoutError


_CURRENT = threading.local()


class _Meter:
    """The bytes of one answer; beyond ``MOST`` of them it breaks, however they are asked for."""

    # http.client bounds a line, urllib3 a chunk's; but a chunk of length -1 reads to the end, and
    # headers and trailers may go on.
    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = MAX_HEADERS_SIZE

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
            raise OSError("the answer does not end")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Response(http.client.HTTPResponse):
    """An answer of which only so much is read, that sets no cookies, behind all early hints."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp: Any = _Meter(self.fp)

    def _read_status(self) -> tuple[str, int, str]:
        # http.client skips 100 alone, and takes a 103 for the answer: the true one would be read as
        # the answer to the next call.
        for _ in range(HINTS):
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]  # not in its stubs
            if not http.HTTPStatus.CONTINUE < found[1] < http.HTTPStatus.OK:
                return found
            http.client.parse_headers(self.fp)
        raise http.client.BadStatusLine("hints without end")

    def begin(self) -> None:
        super().begin()
        # A session would send them with every later call.
        del self.headers["Set-Cookie"]


class _Watched:
    """Tells the watch of the calling thread which connection carries its call."""

    response_class: Any = _Response
    timeout: Any
    port: int
    _dns_host: str

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._tell()
        super().request(*args, **kwargs)  # type: ignore[misc]  # mixed into a connection below

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # as above
        # The time may have run out while there was no socket to cut.
        self._tell()

    def _new_conn(self) -> socket.socket:
        # Each address of a name is tried for the whole time-out: together they get no more.
        started, whole = time.perf_counter(), self.timeout
        self.timeout = whole / _addresses(self._dns_host, self.port)
        try:
            found: socket.socket = super()._new_conn()  # type: ignore[misc]  # as above
        finally:
            self.timeout = whole
        # TLS has what is left of it.
        found.settimeout(max(0.01, whole - (time.perf_counter() - started)))
        return found

    def _tell(self) -> None:
        watch: Watch | None = getattr(_CURRENT, "watch", None)
        if watch is not None:
            watch.carried_by(self)


def _addresses(host: str, port: int) -> int:
    try:
        return max(1, len(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    except OSError:
        return 1  # the connection itself tells what is wrong with the name


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _SecureConnection(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Session(requests.Session):
    """A session that looks at no redirect."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """
        Tell of no redirect.

        Requests reads the whole body of one, and unpacks it, also when told not to follow any.
        """


class Adapter(HTTPAdapter):
    """Makes connections of this page."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Let a watch know the connections of this thread."""
    _CURRENT.watch = watch
    try:
        yield
    finally:
        _CURRENT.watch = None

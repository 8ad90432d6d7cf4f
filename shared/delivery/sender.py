"""
The only place that speaks HTTP to a platform.

A platform's answer is not trusted: it is bounded in time, headers and an endless drip included, and
in size. Nothing is retried here; no redirect is followed; no proxy or netrc of the machine is read.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NotConnected
from requests.exceptions import ConnectTimeout, ReadTimeout, RequestException
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from shared.delivery.call import Call
from shared.delivery.verdict import Answer, NoAnswer

MAX_ANSWER = 1024 * 1024
CONNECT_WITHIN = 2.0
CHUNK = 16 * 1024


@dataclass(slots=True)
class _Watch:
    """One call that must end in time: the socket it uses, to be cut by a timer."""

    # The socket, not the connection: http.client takes it away from the connection when an answer
    # has no length, and reads on.
    sock: Any = None
    cut: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def end(self) -> None:
        with self.lock:
            self.cut = True
            sock = self.sock
        if sock is not None:
            # shutdown wakes the thread that reads; close alone would not.
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def carried_by(self, connection: Any) -> None:
        with self.lock:
            self.sock = getattr(connection, "sock", None)
            cut = self.cut
        if cut:
            raise TimeoutError


_CURRENT = threading.local()


class _Watched:
    """Tells the watch of the calling thread which connection carries its call."""

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
        whole = self.timeout
        self.timeout = whole / _addresses(self._dns_host, self.port)
        try:
            found: socket.socket = super()._new_conn()  # type: ignore[misc]  # as above
        finally:
            self.timeout = whole
        found.settimeout(whole)
        return found

    def _tell(self) -> None:
        watch: _Watch | None = getattr(_CURRENT, "watch", None)
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


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


class Sender:
    """
    Sends calls over one session. ``close`` at the end of each invocation: a container that sleeps
    must not wake up with connections that the platform has long dropped.
    """

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(max_retries=0, pool_maxsize=16))

    def send(self, call: Call, headers: Mapping[str, str], within: float) -> Answer | NoAnswer:
        """Send one call; ``within`` seconds there is an answer or none. Never raises."""
        started = time.perf_counter()
        watch = _Watch()
        timer = threading.Timer(within, watch.end)
        timer.daemon = True
        timer.start()
        try:
            with _watched(watch):
                status, seen, body = self._exchange(call, headers, within)
        except (RequestException, HTTPError, OSError, ValueError) as error:
            sent, reason = _silence(error, cut=watch.cut)
            return NoAnswer(sent=sent, reason=reason, milliseconds=_since(started))
        finally:
            timer.cancel()
        if watch.cut:
            return NoAnswer(
                sent=True, reason="no whole answer in time", milliseconds=_since(started)
            )
        return Answer(status=status, headers=seen, body=body, milliseconds=_since(started))

    def _exchange(
        self, call: Call, headers: Mapping[str, str], within: float
    ) -> tuple[int, dict[str, str], bytes]:
        with self._session.request(
            call.method,
            call.url,
            data=call.body or None,
            # A compressed answer could unpack to anything.
            headers={"Accept-Encoding": "identity", **headers},
            timeout=(min(within, CONNECT_WITHIN), within),
            allow_redirects=False,
            stream=True,
        ) as response:
            seen = {name.lower(): value for name, value in response.headers.items()}
            return response.status_code, seen, _read(response)

    def close(self) -> None:
        """Close every socket."""
        self._session.close()


def _read(response: requests.Response) -> bytes:
    body = b""
    for chunk in response.raw.stream(CHUNK, decode_content=False):
        body += chunk
        if len(body) >= MAX_ANSWER:
            return body[:MAX_ANSWER]
    return body


def _silence(error: Exception, *, cut: bool) -> tuple[bool, str]:
    """Tell whether the platform may have received the call, and why no answer came."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(error, ConnectTimeout) or isinstance(
        reason, (NewConnectionError, NameResolutionError)
    ):
        return False, "no connection"
    if isinstance(error, requests.exceptions.SSLError):
        return False, "no trusted connection"
    if cut or isinstance(error, ReadTimeout):
        return True, "no answer in time"
    if isinstance(error, NotConnected):
        return True, "the connection broke"
    return True, f"the answer is not HTTP: {type(error).__name__}"


@contextmanager
def _watched(watch: _Watch) -> Iterator[None]:
    _CURRENT.watch = watch
    try:
        yield
    finally:
        _CURRENT.watch = None


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)

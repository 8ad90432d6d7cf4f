"""One request to a shop's own API: bounded in time and size, every failure a StoreUnavailable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Timer
from typing import Any, Self

import requests
from msgspec import field
from urllib3.exceptions import HTTPError

from shared.errors import StoreUnavailable
from shared.http.connection import Adapter, Watch, watched
from shared.http.verdict import retry_after
from shared.model.value import Hidden, Value

_CONNECT = 2.0
_READ = 10.0
# With less time left (seconds), no response would arrive before the deadline.
_LEAST = 0.2
# The socket's time-out ends this much earlier than the abort, because its error is more precise.
_GRACE = 0.1
_CHUNK = 65536
_ENDLESS = "the store's answer does not end"
# 250 variants of Shopify are about 150 kB, 100 products of WooCommerce with long texts a few MB.
_MOST = 8 * 1024 * 1024


class StoreResponse(Value):
    """
    The store's response; ``headers`` have lower-case names, ``after`` is its Retry-After in
    seconds.
    """

    status: int
    body: Hidden[bytes]
    after: float | None = None
    headers: Hidden[Mapping[str, str]] = field(default_factory=dict)


class StoreClient:
    """
    Sends requests over a session; the clock is in epoch seconds.

    As a context manager it closes its connections at the end: a frozen Lambda must not keep
    sockets. The next request opens new ones.
    """

    def __init__(self, session: requests.Session, now: Callable[[], float]) -> None:
        self._session = session
        self.now = now
        for scheme in ("http://", "https://"):
            session.mount(scheme, Adapter())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], deadline: float
    ) -> StoreResponse:
        """Send bytes and read the whole response before the deadline. Raise StoreUnavailable."""
        return self._send("POST", url, headers, deadline, data=body)

    def get(
        self,
        url: str,
        headers: Mapping[str, str],
        deadline: float,
        auth: tuple[str, str] | None = None,
    ) -> StoreResponse:
        """
        Read a response before the deadline; ``auth`` is name and password, for HTTP Basic. Raise
        StoreUnavailable.
        """
        return self._send("GET", url, headers, deadline, auth=auth)

    def send(  # noqa: PLR0913 - a request has so many parts
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        deadline: float,
        *,
        body: bytes | None = None,
        auth: tuple[str, str] | None = None,
    ) -> StoreResponse:
        """Send any other request; ``auth`` as in `get`. Raise StoreUnavailable."""
        return self._send(method, url, headers, deadline, data=body, auth=auth)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], deadline: float, **more: Any
    ) -> StoreResponse:
        left = deadline - self.now()
        if left < _LEAST:
            raise StoreUnavailable("no time is left to ask the store")
        watch = Watch(most=_MOST)
        more |= {"headers": dict(headers), "timeout": (min(_CONNECT, left), min(_READ, left))}
        try:
            with _cut_after(left + _GRACE, watch):
                response = self._exchange(method, url, deadline, **more)
        except (HTTPError, OSError, ValueError) as error:
            # All errors of requests are OSErrors. Their text contains the URL.
            reason = f"the store gave no answer: {type(error).__name__}"
            raise StoreUnavailable(_ENDLESS if watch.cut else reason) from None
        # After an abort, truncated headers or a truncated body without a length look complete.
        if watch.cut:
            raise StoreUnavailable(_ENDLESS)
        return response

    def _exchange(self, method: str, url: str, deadline: float, **more: Any) -> StoreResponse:
        # A redirect is not followed: it would send the token to another server.
        with self._session.request(
            method, url, allow_redirects=False, stream=True, **more
        ) as response:
            headers = _lower(response.headers)
            return StoreResponse(
                status=response.status_code,
                body=self._read(response, deadline),
                after=retry_after(headers, self.now()),
                headers=headers,
            )

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        content = bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if self.now() > deadline or len(content) > _MOST:
                raise StoreUnavailable(_ENDLESS)
        return bytes(content)


@contextmanager
def _cut_after(seconds: float, watch: Watch) -> Iterator[None]:
    """Abort the call inside after some time; a time-out bounds each read, but not their sum."""
    timer = Timer(seconds, watch.end)
    timer.daemon = True
    timer.start()
    try:
        with watched(watch):
            yield
    finally:
        timer.cancel()


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}

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
# With less time than this left, no answer would come in time.
_LEAST = 0.2
# A time-out of the socket tells more than a cut: it comes first.
_GRACE = 0.1
_CHUNK = 65536
_ENDLESS = "the store's answer does not end"
# 250 variants of Shopify are about 150 kB, 100 products of WooCommerce with long texts a few MB.
_MOST = 8 * 1024 * 1024


class StoreResponse(Value):
    """
    What the store answered; ``headers`` have lower-case names, ``after`` is its Retry-After in
    seconds.
    """

    status: int
    body: Hidden[bytes]
    after: float | None = None
    headers: Hidden[Mapping[str, str]] = field(default_factory=dict)


class StoreClient:
    """
    A session and a clock (epoch seconds).

    As a context it closes its connections at the end: a frozen Lambda must not keep sockets. The
    next post opens new ones.
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
        """Send bytes and read the whole answer before the deadline. Raises StoreUnavailable."""
        return self._ask("POST", url, headers, deadline, data=body)

    def get(
        self,
        url: str,
        headers: Mapping[str, str],
        deadline: float,
        auth: tuple[str, str] | None = None,
    ) -> StoreResponse:
        """
        Read an answer before the deadline; ``auth`` is name and password, for HTTP Basic. Raises
        StoreUnavailable.
        """
        return self._ask("GET", url, headers, deadline, auth=auth)

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
        """Send any other request; ``auth`` as in `get`. Raises StoreUnavailable."""
        return self._ask(method, url, headers, deadline, data=body, auth=auth)

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], deadline: float, **more: Any
    ) -> StoreResponse:
        left = deadline - self.now()
        if left < _LEAST:
            raise StoreUnavailable("no time is left to ask the store")
        watch = Watch()
        more |= {"headers": dict(headers), "timeout": (min(_CONNECT, left), min(_READ, left))}
        try:
            with _cut_after(left + _GRACE, watch):
                reply = self._exchange(method, url, deadline, **more)
        except (HTTPError, OSError, ValueError) as error:
            # All of requests' own are OSErrors. Their text holds the URL.
            told = f"the store gave no answer: {type(error).__name__}"
            raise StoreUnavailable(_ENDLESS if watch.cut else told) from None
        # Headers that were cut look like whole ones, and so does a body without a length.
        if watch.cut:
            raise StoreUnavailable(_ENDLESS)
        return reply

    def _exchange(self, method: str, url: str, deadline: float, **more: Any) -> StoreResponse:
        # A redirect is not followed: it would carry the token elsewhere.
        with self._session.request(
            method, url, allow_redirects=False, stream=True, **more
        ) as answer:
            there = _lower(answer.headers)
            return StoreResponse(
                status=answer.status_code,
                body=self._read(answer, deadline),
                after=retry_after(there, self.now()),
                headers=there,
            )

    def _read(self, answer: requests.Response, deadline: float) -> bytes:
        content = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            content += chunk
            if self.now() > deadline or len(content) > _MOST:
                raise StoreUnavailable(_ENDLESS)
        return bytes(content)


@contextmanager
def _cut_after(seconds: float, watch: Watch) -> Iterator[None]:
    """Cut what is sent and read in here; a time-out bounds each wait for bytes, not all of them."""
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

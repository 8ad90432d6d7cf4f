"""One POST to the shop's own API: bounded in time and size, every failure a StoreUnavailable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

import requests

from shared.delivery.verdict import retry_after
from shared.errors import StoreUnavailable

_CONNECT = 2.0
_READ = 10.0
# With less time than this left, no answer would come in time.
_LEAST = 0.2
_CHUNK = 65536
# 250 variants are about 150 kB.
_MOST = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the store answered; ``after`` is its Retry-After in seconds."""

    status: int
    body: bytes = field(repr=False)
    after: float | None = None


class Wire:
    """
    A session and a clock (epoch seconds).

    As a context it closes its connections at the end: a frozen Lambda must not keep sockets. The
    next post opens new ones.
    """

    def __init__(self, session: requests.Session, now: Callable[[], float]) -> None:
        self._session = session
        self.now = now

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def post(self, url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> Reply:
        """
        Send bytes and read the whole answer before the deadline. Raises StoreUnavailable.

        A redirect is not followed: it would carry the token elsewhere.
        """
        left = deadline - self.now()
        if left < _LEAST:
            raise StoreUnavailable("no time is left to ask the store")
        try:
            with self._session.post(
                url,
                data=body,
                headers=dict(headers),
                timeout=(min(_CONNECT, left), min(_READ, left)),
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = self._read(answer, deadline)
                after = retry_after(_lower(answer.headers), self.now())
                return Reply(status=answer.status_code, body=content, after=after)
        except requests.RequestException as error:
            # The error's own text holds the URL.
            raise StoreUnavailable(f"the store gave no answer: {type(error).__name__}") from None

    def _read(self, answer: requests.Response, deadline: float) -> bytes:
        content = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            content += chunk
            if self.now() > deadline or len(content) > _MOST:
                raise StoreUnavailable("the store's answer does not end")
        return bytes(content)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}

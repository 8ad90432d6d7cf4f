"""
The HTTP client for platforms; no other module sends a request to a platform.

A platform's response is not trusted: it is bounded in time, slow headers and an endless body
included, and in size. Nothing is retried here; no redirect is followed; no proxy or netrc of the
machine is read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

import requests
from requests.exceptions import ConnectionError as NotConnected
from requests.exceptions import ConnectTimeout, ReadTimeout, RequestException
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from shared.http.call import Call
from shared.http.connection import MAX_RESPONSE, Adapter, Session, Watch, watched
from shared.http.verdict import NoResponse, Response

CONNECT_WITHIN = 2.0
CHUNK = 16 * 1024


class HttpClient:
    """
    Sends calls over one session. Call ``close`` at the end of each invocation: a container that was
    frozen must not use connections that the platform has closed since.
    """

    def __init__(self) -> None:
        self._session = Session()
        self._session.trust_env = False
        self._session.headers.clear()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, Adapter(max_retries=0, pool_maxsize=16))

    def send(self, call: Call, headers: Mapping[str, str], within: float) -> Response | NoResponse:
        """Send one call and return its response, or its lack after ``within`` s. Never raise."""
        started = time.perf_counter()
        watch = Watch()
        timer = threading.Timer(within, watch.end)
        timer.daemon = True
        timer.start()
        try:
            with watched(watch):
                status, seen, body = self._exchange(call, headers, within)
        except (RequestException, HTTPError, OSError, ValueError) as error:
            sent, reason = _failure(error, cut=watch.cut)
            return NoResponse(sent=sent, reason=reason, milliseconds=_since(started))
        finally:
            timer.cancel()
        if watch.cut:
            return NoResponse(
                sent=True, reason="no whole answer in time", milliseconds=_since(started)
            )
        return Response(status=status, headers=seen, body=body, milliseconds=_since(started))

    def _exchange(
        self, call: Call, headers: Mapping[str, str], within: float
    ) -> tuple[int, dict[str, str], bytes]:
        with self._session.request(
            call.method,
            call.url,
            data=call.body or None,
            # A compressed response could unpack to any size.
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
        if len(body) >= MAX_RESPONSE:
            return body[:MAX_RESPONSE]
    return body


# The reasons are kept as release 0.1 wrote them: operators select dead letters by these words.
def _failure(error: Exception, *, cut: bool) -> tuple[bool, str]:
    """Return whether the platform may have received the call, and why there is no response."""
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


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)

"""
How requests are authenticated with a consumer key, as includes/class-wc-rest-authentication.php
accepts it: with HTTP Basic over https, or with a signed query (one-legged OAuth 1.0a) in any case.

Many hosts remove the Authorization header before PHP reads it, and behind some proxies PHP does not
know that the request came over https. The store then says that there is no key. So the other ways
are tried, and the one that is accepted is remembered. The key's secret in the query would be
accepted too, but would be in the access logs of the host.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from shared.http.store_client import StoreClient, StoreResponse
from shared.sources.woocommerce.rest_errors import error_code

# (method, URL, deadline, JSON) -> response: sends a request that is authenticated with the key.
SendRequest = Callable[[str, str, float, bytes | None], StoreResponse]

BASIC = "HTTP Basic"
SIGNED = "a signed query"
# get_home_url() of a store that does not know that it is https: that address is signed.
SIGNED_AS_HTTP = "a signed query as over http"

# Firewalls of WordPress reject clients with the name of a library.
_HEADERS = {"Accept": "application/json", "User-Agent": "Shoprelay"}
# `rest_authorization_required_code` is 401 only for nobody: a known key without a permission gets
# 403, and a key with a wrong secret or signature has another code.
_NOBODY = "woocommerce_rest_cannot_"


class Authentication:
    """The ways to send requests with one key, the accepted one first."""

    def __init__(self, ways: Mapping[str, SendRequest]) -> None:
        self._ways = dict(ways)
        self.accepted = next(iter(ways))

    def send(self, method: str, url: str, deadline: float, body: bytes | None) -> StoreResponse:
        """Send a request in the accepted way, or in the first other one in which it is accepted."""
        response = self._ways[self.accepted](method, url, deadline, body)
        if not _is_nobody(response):
            return response
        for name, send in self._ways.items():
            if name == self.accepted:
                continue
            again = send(method, url, deadline, body)
            if again.status != HTTPStatus.UNAUTHORIZED:
                self.accepted = name
                return again
        return response


def authenticate(url: str, key: tuple[str, str], client: StoreClient) -> Authentication:
    """Return the ways in which the store at a URL may accept a key, the most likely first."""
    if url.startswith("http://"):
        return Authentication({SIGNED: _signed(client, key)})
    return Authentication(
        {
            BASIC: _basic(client, key),
            SIGNED: _signed(client, key),
            SIGNED_AS_HTTP: _signed(client, key, as_http=True),
        }
    )


def _is_nobody(response: StoreResponse) -> bool:
    unauthorized = response.status == HTTPStatus.UNAUTHORIZED
    return unauthorized and error_code(response).startswith(_NOBODY)


def _basic(client: StoreClient, key: tuple[str, str]) -> SendRequest:
    def send(method: str, url: str, deadline: float, body: bytes | None) -> StoreResponse:
        return client.send(method, url, _headers(body), deadline, body=body, auth=key)

    return send


def _signed(client: StoreClient, key: tuple[str, str], *, as_http: bool = False) -> SendRequest:
    def send(method: str, url: str, deadline: float, body: bytes | None) -> StoreResponse:
        # Imported when needed: a store that accepts HTTP Basic does not pay for it.
        from shared.sources.woocommerce.oauth import sign  # noqa: PLC0415

        if as_http:
            plain = url.replace("https://", "http://", 1)
            signed = sign(plain, key, client.now(), method).replace("http://", "https://", 1)
        else:
            signed = sign(url, key, client.now(), method)
        return client.send(method, signed, _headers(body), deadline, body=body)

    return send


def _headers(body: bytes | None) -> Mapping[str, str]:
    return _HEADERS if body is None else {**_HEADERS, "Content-Type": "application/json"}

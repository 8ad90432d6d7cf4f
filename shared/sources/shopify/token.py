"""The access token of the shop's API: a static one, or one that is granted for a day."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlencode

import msgspec

from shared.errors import NotUnderstood, StoreUnavailable
from shared.http.store_client import StoreClient
from shared.sources.parsing.documents import read

# A token is renewed this many seconds before it expires.
_EARLY = 300.0
_OK = 200
# OAuth responds 400 (RFC 6749, section 5.2) to an unknown client.
_REFUSALS = frozenset({400, 401, 403})


class Token(Protocol):
    """A provider of an access token; a ``renewable`` one is requested again after `forget`."""

    @property
    def renewable(self) -> bool:
        """Return whether a new token can be requested."""
        ...

    def get(self, deadline: float) -> str:
        """Return the token. Raises StoreUnavailable."""
        ...

    def forget(self) -> None:
        """Discard a token that the store rejected."""
        ...


class Static:
    """A token that was created manually."""

    renewable = False

    def __init__(self, text: str) -> None:
        self._text = text

    def get(self, deadline: float) -> str:
        """Return the token."""
        del deadline
        return self._text

    def forget(self) -> None:
        """Do nothing: there is no other token."""


class _Grant(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: float = 0


class Granted:
    """
    A token of the client-credentials grant, cached until shortly before it expires (24 hours).

    shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
    """

    renewable = True

    def __init__(self, url: str, credentials: tuple[str, str], client: StoreClient) -> None:
        self._url = url
        self._credentials = credentials
        self._client = client
        self._text = ""
        self._until = 0.0

    def get(self, deadline: float) -> str:
        """Return the token, from the cache or from the store."""
        if not self._text or self._client.now() >= self._until:
            self._renew(deadline)
        return self._text

    def forget(self) -> None:
        """Discard the token, so that the next call requests a new one."""
        self._text = ""

    def _renew(self, deadline: float) -> None:
        name, secret = self._credentials
        form = urlencode(
            {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = self._client.post(self._url, form.encode(), headers, deadline)
        if response.status != _OK:
            raise StoreUnavailable(
                f"the store granted no token: {response.status}",
                response.after,
                refused=response.status in _REFUSALS,
            )
        try:
            grant = read(response.body, _Grant)
        except NotUnderstood:
            raise StoreUnavailable("the store's grant is not understood") from None
        self._text = grant.access_token
        self._until = self._client.now() + grant.expires_in - _EARLY

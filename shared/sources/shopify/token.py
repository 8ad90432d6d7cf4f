"""The access token of the shop's API: a static one, or one granted for a day."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlencode

import msgspec

from shared.errors import NotUnderstood, StoreUnavailable
from shared.http.store_client import StoreClient
from shared.sources.parsing.scalars import read

# A token that is about to end is not worth a query.
_EARLY = 300.0
_OK = 200
# OAuth says 400 (RFC 6749, section 5.2) of a client that it does not know.
_REFUSALS = frozenset({400, 401, 403})


class Token(Protocol):
    """Gives an access token; a ``renewable`` one is asked for anew after `forget`."""

    @property
    def renewable(self) -> bool:
        """Whether forgetting it helps."""
        ...

    def give(self, deadline: float) -> str:
        """Give the token. Raises StoreUnavailable."""
        ...

    def forget(self) -> None:
        """Drop a token that the store refused."""
        ...


class Static:
    """A token that was made by hand."""

    renewable = False

    def __init__(self, text: str) -> None:
        self._text = text

    def give(self, deadline: float) -> str:
        """Give the token."""
        del deadline
        return self._text

    def forget(self) -> None:
        """Keep it: there is no other."""


class _Grant(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: float = 0


class Granted:
    """
    A token of the client-credentials grant, kept until shortly before it ends (24 hours).

    shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
    """

    renewable = True

    def __init__(self, url: str, client: tuple[str, str], wire: StoreClient) -> None:
        self._url = url
        self._client = client
        self._wire = wire
        self._text = ""
        self._until = 0.0

    def give(self, deadline: float) -> str:
        """Give the token, from the cache or from the store."""
        if not self._text or self._wire.now() >= self._until:
            self._renew(deadline)
        return self._text

    def forget(self) -> None:
        """Ask the store the next time."""
        self._text = ""

    def _renew(self, deadline: float) -> None:
        name, secret = self._client
        form = urlencode(
            {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = self._wire.post(self._url, form.encode(), headers, deadline)
        if reply.status != _OK:
            raise StoreUnavailable(
                f"the store granted no token: {reply.status}",
                reply.after,
                refused=reply.status in _REFUSALS,
            )
        try:
            grant = read(reply.body, _Grant)
        except NotUnderstood:
            raise StoreUnavailable("the store's grant is not understood") from None
        self._text = grant.access_token
        self._until = self._wire.now() + grant.expires_in - _EARLY

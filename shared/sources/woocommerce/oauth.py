"""
One-legged OAuth 1.0a: the only way in which WooCommerce accepts a key over plain http, and where
HTTP Basic does not reach it. It is imported only for such a store, so that the others do not pay
for the import.
"""

from __future__ import annotations

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_QUERY, Client


def sign(url: str, key: tuple[str, str], at: float, method: str = "GET") -> str:
    """
    Return the URL of a request, signed with a consumer key and its secret.

    ``at`` is in epoch seconds; the store accepts 15 minutes of difference to its own clock. A JSON
    body is not signed. The signature is in the query, not in a header: many hosts remove the
    Authorization header before PHP reads it. The URL has the key's name and a one-time signature.
    """
    name, secret = key
    client = Client(
        name,
        client_secret=secret,
        signature_method=SIGNATURE_HMAC_SHA256,
        signature_type=SIGNATURE_TYPE_QUERY,
        timestamp=str(int(at)),
    )
    signed, _, _ = client.sign(url, http_method=method)
    return str(signed)

"""
OAuth 1.0a with one leg, for a store without https: the only way that WooCommerce takes a key over
plain http (includes/class-wc-rest-authentication.php). Imported for such a store alone, so that
https pays nothing for it.
"""

from __future__ import annotations

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_QUERY, Client


def sign(url: str, key: tuple[str, str], at: float, method: str = "GET") -> str:
    """
    Give the URL of a request, signed with a consumer key and its secret; ``at`` in epoch seconds,
    which the store takes within 15 minutes of its own clock. A body of JSON is not signed.

    In the query, not in a header: many a host strips Authorization before PHP sees it. What it
    shows is the key's name and a signature that counts once.
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

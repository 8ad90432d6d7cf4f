"""Shopify's signature: base64 of the HMAC-SHA256 of the raw bytes, keyed with the app's secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from shared.errors import NotAuthentic
from shared.sources.shopify.headers import header


def sign(raw: bytes, secret: str) -> str:
    """Give the signature that Shopify puts in the header."""
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def verify(raw: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """
    Check the signature against every secret, in constant time. Raises NotAuthentic.

    While secrets rotate Shopify signs with the oldest one that is not revoked, so there is a list
    (shopify.dev: rotate or revoke client credentials). All are compared, so that the time does not
    tell which one matched.
    """
    given = header(headers, "hmac-sha256").encode()
    good = False
    for secret in secrets:
        good |= hmac.compare_digest(sign(raw, secret).encode(), given)
    if not good:
        raise NotAuthentic("the signature is missing or wrong")

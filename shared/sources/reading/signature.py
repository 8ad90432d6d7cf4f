"""The signature that shops use: base64 of the HMAC-SHA256 of the raw bytes, keyed with a secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from shared.errors import NotAuthentic


def sign(raw: bytes, key: str) -> str:
    """Give the signature that a shop puts in its header."""
    digest = hmac.new(key.encode(), raw, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def verify(raw: bytes, given: str, keys: Sequence[str]) -> None:
    """
    Check a signature against every key, in constant time. Raises NotAuthentic.

    All are compared, so that the time does not tell which one matched.
    """
    good = False
    for key in keys:
        good |= hmac.compare_digest(sign(raw, key).encode(), given.encode())
    if not good:
        raise NotAuthentic("the signature is missing or wrong")

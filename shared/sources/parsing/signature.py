"""The signature of webhooks: base64 of the HMAC-SHA256 of the raw bytes, keyed with a secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from shared.errors import NotAuthentic, NotConfigured


def sign(raw: bytes, key: str) -> str:
    """Return the signature that a shop sends in its header."""
    digest = hmac.new(key.encode(), raw, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def validated_keys(keys: Sequence[str], source: str) -> tuple[str, ...]:
    """Return the keys. Raises NotConfigured for one that would accept every webhook, or none."""
    if not keys or not all(key and key == key.strip() for key in keys):
        reason = "the secret: a webhook secret is empty, or has a blank at one end"
        raise NotConfigured(reason, f"$.{source}.webhook_secrets")
    return tuple(keys)


def verify(raw: bytes, given: str, keys: Sequence[str]) -> None:
    """
    Check a signature against every key, in constant time. Raises NotAuthentic.

    Every key is compared, so that the duration does not reveal which one matched.
    """
    good = False
    for key in keys:
        good |= hmac.compare_digest(sign(raw, key).encode(), given.encode())
    if not good:
        raise NotAuthentic("the signature is missing or wrong")

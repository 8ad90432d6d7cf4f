"""Authentication: key and signature at the API, the key alone at the events host."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field

from cli.sandbox.exchange import Request, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The merchant's key and secret."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


def check_signature(request: Request, keys: Keys) -> None:
    """
    Check the API's signature: the password is the HMAC-SHA256 of the exact bytes of the body (of
    the empty string for a request without one) in lower-case hex. The guide's PHP samples show raw
    bytes; its later edition corrects them.
    """
    digest = hmac.new(keys.secret.encode(), request.body, hashlib.sha256).hexdigest()
    _basic(request, keys.key, digest)


def check_events_key(request: Request, keys: Keys) -> None:
    """Check the events host's key, with an empty password: a secret there is rejected."""
    _basic(request, keys.key, "")


def _basic(request: Request, key: str, password: str) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(token, validate=True)
    except binascii.Error:
        decoded = b""
    if scheme != "Basic" or not hmac.compare_digest(decoded, f"{key}:{password}".encode()):
        raise Violation("Unauthorized", 401)

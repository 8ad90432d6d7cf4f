"""
The headers of a call: HTTP Basic, with a checksum of the body as the password.

The checksum is lower-case hexadecimal: the document's PHP samples use the raw digest, which was
corrected later (DataCueCo/slate, 977ba6f, 2019-01-27).
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from shared.destinations.datacue.api import EVENTS
from shared.http.call import Call

VERSION = "0.1.0"


def checksum(body: bytes, secret: str) -> str:
    """Return the HMAC-SHA256 of exactly these bytes; no body is the empty string."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(call: Call, key: str, secret: str) -> dict[str, str]:
    """Return the headers of a call. The events' host rejects a password with 401."""
    password = "" if call.surface == EVENTS else checksum(call.body, secret)
    token = base64.b64encode(f"{key}:{password}".encode()).decode()
    signed = {"Authorization": f"Basic {token}", "User-Agent": f"Shoprelay/{VERSION}"}
    if call.body:
        signed["Content-Type"] = "application/json"
    return signed

"""
Who asks: consumer keys, as includes/class-wc-rest-authentication.php of WooCommerce looks at them.
Written from that file, and not with the library that our client signs with.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import quote, unquote

from cli.sandbox.woocommerce.problem import Refused, problem

_WINDOW = 15 * 60
_NEEDED = (
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
)
_METHODS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}
_PARAMETER = re.compile(r'(oauth_[a-z_-]*)="?([^",]*)"?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A consumer key; ``may`` is what it was made for: read, write or read_write."""

    name: str
    secret: str = field(repr=False)
    may: str = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthRequest:
    """A request. ``secure`` is what PHP believes of it, ``home`` the store's address as set."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    secure: bool
    home: str


class Keys:
    """The keys of a store; ``clock`` gives epoch seconds."""

    def __init__(self, keys: tuple[Key, ...], clock: Callable[[], float]) -> None:
        self.known = {key.name: key for key in keys}
        self._clock = clock
        self._nonces: dict[int, str] = {}

    def holder(self, asked: AuthRequest) -> Key | None:
        """Give the key of a request; None for a stranger. Raises Refused."""
        key = (self._basic(asked) if asked.secure else None) or self._oauth(asked)
        if key is not None:
            doing = "read" if asked.method in ("GET", "HEAD") else "write"
            if doing not in key.may.split("_"):
                _refuse(f"The API key provided does not have {doing} permissions.")
        return key

    def _basic(self, asked: AuthRequest) -> Key | None:
        name, secret = asked.query.get("consumer_key"), asked.query.get("consumer_secret")
        if not name or not secret:
            name, secret = _credentials(asked.headers.get("authorization", ""))
        # A key that nobody knows is as good as none.
        key = self.known.get(name) if secret else None
        if key is not None and not hmac.compare_digest(key.secret.encode(), secret.encode()):
            _refuse("Consumer secret is invalid.")
        return key

    def _oauth(self, asked: AuthRequest) -> Key | None:
        given = {**asked.query, **_header(asked.headers.get("authorization", ""))}
        missing = [name for name in _NEEDED if not given.get(name)]
        if len(missing) == len(_NEEDED):
            return None
        if missing:
            code = "woocommerce_rest_authentication_missing_parameter"
            text = f"Missing OAuth parameters {', '.join(missing)}"
            raise Refused(problem(401, code, text))
        key = self.known.get(given["oauth_consumer_key"])
        if key is None:
            _refuse("Consumer key is invalid.")
        if not hmac.compare_digest(given["oauth_signature"], expected_signature(asked, given, key)):
            _refuse("Invalid signature - provided signature does not match.")
        self._once(given)
        return key

    def _once(self, given: Mapping[str, str]) -> None:
        now, text = self._clock(), given["oauth_timestamp"]
        at = int(text) if text.isdecimal() else 0
        if abs(now - at) > _WINDOW:
            _refuse("Invalid timestamp.")
        if given["oauth_nonce"] in self._nonces.values():
            _refuse("Invalid nonce - nonce has already been used.")
        self._nonces = {when: one for when, one in self._nonces.items() if now - when <= _WINDOW}
        self._nonces[at] = given["oauth_nonce"]


def expected_signature(asked: AuthRequest, given: Mapping[str, str], key: Key) -> str:
    """Sign a request as the store does to compare. Raises Refused for a method it does not know."""
    digest = _METHODS.get(given["oauth_signature_method"])
    if digest is None:
        _refuse("Invalid signature - signature method is invalid.")
    pairs = sorted((name, one) for name, one in given.items() if name != "oauth_signature")
    query = "%26".join(_escaped(f"{_escaped(name)}={_escaped(one)}") for name, one in pairs)
    text = f"{asked.method}&{_escaped(asked.home + asked.path)}&{query}"
    return base64.b64encode(
        hmac.new(f"{key.secret}&".encode(), text.encode(), digest).digest()
    ).decode()


def _credentials(header: str) -> tuple[str, str]:
    kind, _, rest = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(rest if kind == "Basic" else "").decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def _header(header: str) -> dict[str, str]:
    if not header.startswith("OAuth "):
        return {}
    return {name: unquote(one) for name, one in _PARAMETER.findall(header)}


def _escaped(text: str) -> str:
    return quote(text, safe="")


def _refuse(text: str) -> NoReturn:
    raise Refused(problem(401, "woocommerce_rest_authentication_error", text))

"""
Authentication with consumer keys, as in WooCommerce's includes/class-wc-rest-authentication.php.
Written from that file, without the library that our client signs with.
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

from cli.sandbox.woocommerce.problem import Rejected, problem

_WINDOW = 15 * 60
_NEEDED = (
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
)
_METHODS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}
_PARAMETER = re.compile(r'(?<![a-z_-])(oauth_[a-z_-]*)="?([^",]*)"?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A consumer key; ``may`` is its permission: read, write or read_write."""

    name: str
    secret: str = field(repr=False)
    may: str = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthRequest:
    """A request. ``secure``: PHP considers it HTTPS; ``home`` is the store's address as set."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    secure: bool
    home: str


class Keys:
    """The keys of a store; ``clock`` is in epoch seconds."""

    def __init__(self, keys: tuple[Key, ...], clock: Callable[[], float]) -> None:
        self.known = {key.name: key for key in keys}
        self._clock = clock
        self._nonces: dict[int, str] = {}

    def holder(self, request: AuthRequest) -> Key | None:
        """Return the key of a request; None without authentication. Raise Rejected."""
        key = (self._basic(request) if request.secure else None) or self._oauth(request)
        if key is not None:
            doing = "read" if request.method in ("GET", "HEAD") else "write"
            if doing not in key.may.split("_"):
                _reject(f"The API key provided does not have {doing} permissions.")
        return key

    def _basic(self, request: AuthRequest) -> Key | None:
        name, secret = request.query.get("consumer_key"), request.query.get("consumer_secret")
        if not name or not secret:
            name, secret = _credentials(request.headers.get("authorization", ""))
        # An unknown key counts as no key.
        key = self.known.get(name) if secret else None
        if key is not None and not hmac.compare_digest(key.secret.encode(), secret.encode()):
            _reject("Consumer secret is invalid.")
        return key

    def _oauth(self, request: AuthRequest) -> Key | None:
        parameters = {**request.query, **_header(request.headers.get("authorization", ""))}
        missing = [name for name in _NEEDED if not parameters.get(name)]
        if len(missing) == len(_NEEDED):
            return None
        if missing:
            code = "woocommerce_rest_authentication_missing_parameter"
            text = f"Missing OAuth parameters {', '.join(missing)}"
            raise Rejected(problem(401, code, text))
        key = self.known.get(parameters["oauth_consumer_key"])
        if key is None:
            _reject("Consumer key is invalid.")
        if not hmac.compare_digest(
            parameters["oauth_signature"], expected_signature(request, parameters, key)
        ):
            _reject("Invalid signature - provided signature does not match.")
        self._once(parameters)
        return key

    def _once(self, parameters: Mapping[str, str]) -> None:
        now, text = self._clock(), parameters["oauth_timestamp"]
        at = int(text) if text.isdecimal() else 0
        if abs(now - at) > _WINDOW:
            _reject("Invalid timestamp.")
        if parameters["oauth_nonce"] in self._nonces.values():
            _reject("Invalid nonce - nonce has already been used.")
        self._nonces = {when: one for when, one in self._nonces.items() if now - when <= _WINDOW}
        self._nonces[at] = parameters["oauth_nonce"]


def expected_signature(request: AuthRequest, parameters: Mapping[str, str], key: Key) -> str:
    """Return the signature that the store expects. Raise Rejected for an unknown method."""
    digest = _METHODS.get(parameters["oauth_signature_method"])
    if digest is None:
        _reject("Invalid signature - signature method is invalid.")
    pairs = sorted((name, one) for name, one in parameters.items() if name != "oauth_signature")
    query = "%26".join(_escaped(f"{_escaped(name)}={_escaped(one)}") for name, one in pairs)
    text = f"{request.method}&{_escaped(request.home + request.path)}&{query}"
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


def _reject(text: str) -> NoReturn:
    raise Rejected(problem(401, "woocommerce_rest_authentication_error", text))

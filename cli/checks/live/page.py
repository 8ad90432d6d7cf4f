"""Addresses of stores and platforms: which may be plain http, and how long to wait."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from cli.checks.finding import Finding, wrong

# Seconds for one request: the operator waits for it.
TIMEOUT = 15.0


def is_local(url: str) -> bool:
    """Return whether an address is this machine. Nobody else can read plain http there."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def open_to_read(url: str, key: str) -> Finding | None:
    """Return a finding for http, which anybody on the way can read; None for other addresses."""
    if not url.startswith("http://") or is_local(url):
        return None
    secure = f"https://{url.removeprefix('http://')}"
    detail = "the address is http: keys and customer data can be read on the way"
    return wrong(detail, f'set {key} = "{secure}"')

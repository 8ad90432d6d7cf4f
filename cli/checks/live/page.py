"""Reading one page of somebody else's: who answers, and what an address may be."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from cli.checks.finding import Finding, wrong

# So many seconds a page may take; an operator waits.
PATIENCE = 15.0


def is_here(url: str) -> bool:
    """Tell whether an address is this machine: there plain http is read by nobody else."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def open_to_read(url: str, key: str) -> Finding | None:
    """Find what is wrong with http: whoever is in between reads keys and customers."""
    if not url.startswith("http://") or is_here(url):
        return None
    secure = f"https://{url.removeprefix('http://')}"
    told = "it is http: keys and customers can be read on the way"
    return wrong(told, f'set {key} = "{secure}"')

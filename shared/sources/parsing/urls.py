"""Addresses of pages and pictures: themes, CDNs and plugins send them relative to the shop."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

_ABSOLUTE = ("https://", "http://")


def absolute(url: str | None, base: str) -> str | None:
    """
    Return an address with scheme and host, those of ``base`` where it has none.

    None if it cannot be one: a placeholder like ``data:image/gif``, or ``#``.
    """
    text = (url or "").strip()
    if not text or text.startswith("#"):
        return None
    if text.lower().startswith(_ABSOLUTE):
        return text
    try:
        joined = urljoin(f"{base.rstrip('/')}/", text)
        parts = urlsplit(joined)
    except ValueError:
        return None
    return joined if parts.scheme in {"http", "https"} and parts.hostname else None

"""The merchant file of the local functions: documented hosts are replaced with the sandbox."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from shared.settings import Merchant

# (section, key, the documented host, where the sandbox serves it)
DOCUMENTED = (
    ("datacue", "api_url", "api.datacue.co", "/datacue/api"),
    ("datacue", "events_url", "events.datacue.co", "/datacue/events"),
    ("yespo", "url", "tracker.yespo.io", "/yespo"),
    ("esputnik", "url", "tracker.esputnik.com", "/esputnik"),
    ("personaclick", "url", "api.personaclick.com", "/personaclick"),
)
# Reserved (RFC 2606): a store there does not exist.
_FICTIONAL_SUFFIX = ".example"


def sandboxed(text: str, merchant: Merchant, sandbox: str, store: str | None = None) -> str:
    """
    Return the merchant file with the sandbox in place of every documented host, and ``store``, if
    given, in place of the WooCommerce store.
    """
    document = tomllib.loads(text)
    if store is not None:
        shop = document["woocommerce"]
        # The samples come from the store's own address.
        shop["other_urls"] = [*shop.get("other_urls", ()), shop["url"]]
        shop["url"] = store
    for section, key, host, path in DOCUMENTED:
        settings = getattr(merchant, section)
        url = urlsplit(getattr(settings, key) if settings else "")
        if url.hostname == host:
            document.setdefault(section, {})[key] = sandbox + path + url.path.rstrip("/")
    return toml(document)


def uses_sandbox(merchant: Merchant) -> bool:
    """Return whether every URL of the merchant's destinations is a documented one."""
    return all(
        urlsplit(getattr(getattr(merchant, section), key)).hostname == host
        for section, key, host, _ in DOCUMENTED
        if section in merchant.destinations
    )


def is_fictional(merchant: Merchant) -> bool:
    """Return whether the WooCommerce store's host is reserved, so that the store cannot exist."""
    shop = merchant.woocommerce
    host = urlsplit(shop.url).hostname if shop else None
    return host is not None and host.endswith(_FICTIONAL_SUFFIX)


def toml(document: Mapping[str, Any]) -> str:
    """Return a merchant document as TOML."""
    # The keys of a merchant file are bare, its tables one level deep, its values text, numbers,
    # booleans and lists of text: for these, JSON is valid TOML.
    top = {key: value for key, value in document.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in document.items() if isinstance(value, dict)}
    lines = [_pair(key, value) for key, value in top.items()]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(_pair(key, value) for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _pair(key: str, value: Any) -> str:
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"

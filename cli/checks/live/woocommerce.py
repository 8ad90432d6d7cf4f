"""What a WooCommerce store says of our key, asked of its REST API; nothing is changed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from cli.checks.finding import Finding, ok, unknown, wrong
from cli.checks.live.page import PATIENCE, is_here, open_to_read
from cli.checks.live.shopify import currency
from shared.errors import StoreUnavailable
from shared.http.connection import Session
from shared.http.store_client import StoreClient, StoreResponse
from shared.settings import Merchant, Secrets
from shared.sources.woocommerce.store import RestApi, connect

Named = tuple[str, Callable[[], Finding]]

_HEADERS = {"Accept": "application/json", "User-Agent": "Shoprelay"}
_SPACE = "wc/v3"
_PERMALINKS = "in WordPress: Settings, Permalinks, anything but Plain"
_ADDRESS = "correct `url` in [woocommerce]: the home address, as in WordPress' settings"


def checks(merchant: Merchant, secrets: Secrets) -> Iterator[Named]:
    """Give what is looked at, one by one; the key only where there is a store."""
    shop = merchant.woocommerce
    if shop is None or secrets.woocommerce is None:
        return
    url = shop.url.rstrip("/")
    there: list[bool] = []
    yield "woocommerce address", lambda: address(url)
    yield "woocommerce store", lambda: _store(url, there)
    if there:
        store = connect(merchant, secrets, time.time)
        yield "woocommerce key", lambda: _key(merchant, store)
        if store is not None:
            yield "woocommerce version", lambda: _version(store)


def address(url: str) -> Finding:
    """See that the address is https."""
    return open_to_read(url, "url") or ok("on this machine" if is_here(url) else "https")


def _store(url: str, there: list[bool]) -> Finding:
    """Ask WordPress which interfaces it has: its index needs no key."""
    wire = StoreClient(Session(), time.time)
    try:
        with wire:
            reply = wire.get(f"{url}/wp-json/", _HEADERS, time.time() + PATIENCE)
    except StoreUnavailable as error:
        return wrong(error.reason, _ADDRESS)
    if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        to = urlsplit(reply.headers.get("location", ""))
        return wrong(f"it redirects to {to.scheme}://{to.netloc}", _ADDRESS)
    if reply.status == HTTPStatus.NOT_FOUND:
        return wrong("there is no /wp-json/ at that address: permalinks are plain", _PERMALINKS)
    spaces = _spaces(reply)
    if spaces is None:
        told = f"/wp-json/ answers {reply.status} without JSON: a login page, or a firewall?"
        return wrong(told, "let requests to /wp-json/wc/ through")
    if _SPACE not in spaces:
        return wrong(f"WordPress answers, without {_SPACE}", "in WordPress: activate WooCommerce")
    there.append(True)
    return ok(f"WordPress answers, with {_SPACE}")


def _spaces(reply: StoreResponse) -> list[Any] | None:
    try:
        found = json.loads(reply.body.removeprefix(b"\xef\xbb\xbf"))["namespaces"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, list) else None


def _key(merchant: Merchant, store: RestApi | None) -> Finding:
    """Ask for the currency: the key works, may read, and is of the right store."""
    put = (
        f"shoprelay secrets put {merchant.name} woocommerce.consumer_key "
        "woocommerce.consumer_secret"
    )
    if store is None:
        return unknown("no consumer key: variable products will be dead letters", put)
    try:
        found = store.currency(time.time() + PATIENCE)
    except StoreUnavailable as error:
        if error.refused and merchant.woocommerce and merchant.woocommerce.url.startswith("https"):
            told = f"{error.reason}; or a proxy before PHP hides that it is https"
            return wrong(told, put)
        return wrong(error.reason, put if error.refused else "try again in a minute")
    return _in_currency(found, merchant)


def _in_currency(found: str, merchant: Merchant) -> Finding:
    compared = currency(found, merchant.currency)
    return compared if found != merchant.currency else ok(f"it may read; the store is in {found}")


def _version(store: RestApi) -> Finding:
    """Ask which WooCommerce it is; a key of a user who is no administrator may not know."""
    try:
        reply = store.send("GET", "system_status?_fields=environment", time.time() + PATIENCE)
        version = json.loads(reply.body)["environment"]["version"]
    except (StoreUnavailable, ValueError, KeyError, TypeError):
        return unknown("the key may not ask which version it is")
    return ok(str(version))

"""Check a WooCommerce store and our key with requests to its REST API. Nothing is changed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from cli.checks.finding import Finding, ok, unknown, wrong
from cli.checks.live.page import TIMEOUT, is_local, open_to_read
from cli.checks.live.shopify import currency
from shared.errors import NotUnderstood, StoreUnavailable
from shared.http.connection import Session
from shared.http.store_client import StoreClient, StoreResponse
from shared.settings import Merchant, Secrets
from shared.sources.woocommerce.store import RestApi, connect

NamedCheck = tuple[str, Callable[[], Finding]]

_HEADERS = {"Accept": "application/json", "User-Agent": "Shoprelay"}
_SPACE = "wc/v3"
_PERMALINKS = "in WordPress: Settings, Permalinks, choose anything but Plain"
_ADDRESS = "correct `url` in [woocommerce]: the home address, as in WordPress' settings"


def checks(merchant: Merchant, secrets: Secrets) -> Iterator[NamedCheck]:
    """Yield the checks. Those of the key follow when there is a store."""
    shop = merchant.woocommerce
    if shop is None or secrets.woocommerce is None:
        return
    url = shop.url.rstrip("/")
    found: list[bool] = []
    yield "woocommerce address", lambda: address(url)
    yield "woocommerce store", lambda: _store(url, found)
    if found:
        store = connect(merchant, secrets, time.time)
        yield "woocommerce key", lambda: _key(merchant, store)
        if store is not None:
            yield "woocommerce version", lambda: _version(store)


def address(url: str) -> Finding:
    """Check that the address is https."""
    return open_to_read(url, "url") or ok("on this machine" if is_local(url) else "https")


def _store(url: str, found: list[bool]) -> Finding:
    """Check which APIs WordPress has. Its index needs no key."""
    client = StoreClient(Session(), time.time)
    try:
        with client:
            reply = client.get(f"{url}/wp-json/", _HEADERS, time.time() + TIMEOUT)
    except StoreUnavailable as error:
        return wrong(error.reason, _ADDRESS)
    if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        to = urlsplit(reply.headers.get("location", ""))
        return wrong(f"it redirects to {to.scheme}://{to.netloc}", _ADDRESS)
    if reply.status == HTTPStatus.NOT_FOUND:
        return wrong(
            "there is no /wp-json/ at that address: permalinks are set to Plain", _PERMALINKS
        )
    spaces = _spaces(reply)
    if spaces is None:
        detail = f"/wp-json/ responds {reply.status} without JSON: a login page, or a firewall?"
        return wrong(detail, "allow requests to /wp-json/wc/")
    if _SPACE not in spaces:
        return wrong(
            f"WordPress responds, but has no {_SPACE}", "in WordPress: activate WooCommerce"
        )
    found.append(True)
    return ok(f"WordPress responds, and has {_SPACE}")


def _spaces(reply: StoreResponse) -> list[Any] | None:
    try:
        found = json.loads(reply.body.removeprefix(b"\xef\xbb\xbf"))["namespaces"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, list) else None


def _key(merchant: Merchant, store: RestApi | None) -> Finding:
    """Request the currency: the key is valid, may read, and is for the right store."""
    put = (
        f"shoprelay secrets put {merchant.name} woocommerce.consumer_key "
        "woocommerce.consumer_secret"
    )
    if store is None:
        return unknown("no consumer key: variable products will be dead letters", put)
    try:
        found = store.currency(time.time() + TIMEOUT)
    except StoreUnavailable as error:
        if error.refused and merchant.woocommerce and merchant.woocommerce.url.startswith("https"):
            detail = f"{error.reason}; or a proxy before PHP hides that the request is https"
            return wrong(detail, put)
        return wrong(error.reason, put if error.refused else "try again in a minute")
    except NotUnderstood as error:
        return wrong(str(error), "choose a currency in WooCommerce, Settings, General")
    return _in_currency(found, merchant)


def _in_currency(found: str, merchant: Merchant) -> Finding:
    compared = currency(found, merchant.currency)
    return (
        compared if found != merchant.currency else ok(f"the key can read; the currency is {found}")
    )


def _version(store: RestApi) -> Finding:
    """Request the version of WooCommerce, which only a key of an administrator may read."""
    try:
        reply = store.send("GET", "system_status?_fields=environment", time.time() + TIMEOUT)
        version = json.loads(reply.body)["environment"]["version"]
    except (StoreUnavailable, ValueError, KeyError, TypeError):
        return unknown("the key may not read the version")
    return ok(str(version))

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
from shared.settings import Merchant, Secrets, WooCommerce
from shared.sources.woocommerce.authentication import BASIC, SIGNED, SIGNED_AS_HTTP
from shared.sources.woocommerce.headers import is_home
from shared.sources.woocommerce.store import RestApi, connect

NamedCheck = tuple[str, Callable[[], Finding]]

_HEADERS = {"Accept": "application/json", "User-Agent": "Shoprelay"}
_SPACE = "wc/v3"
_PERMALINKS = "in WordPress: Settings, Permalinks, choose anything but Plain"
# What else to say of a way in which the store accepts the key.
_WAYS = {
    BASIC: "",
    SIGNED: ", with a signed query",
    SIGNED_AS_HTTP: ", with a query that is signed as over http: PHP does not see the https",
}
_ADDRESS = "correct `url` in [woocommerce]: the home address, as in WordPress' settings"


def checks(merchant: Merchant, secrets: Secrets) -> Iterator[NamedCheck]:
    """Yield the checks. Those of the key follow when there is a store."""
    shop = merchant.woocommerce
    if shop is None or secrets.woocommerce is None:
        return
    url = shop.url.rstrip("/")
    found: list[bool] = []
    yield "woocommerce address", lambda: address(url)
    yield "woocommerce store", lambda: _store(shop, found)
    if found:
        store = connect(merchant, secrets, time.time)
        yield "woocommerce key", lambda: _key(merchant, store)
        if store is not None:
            yield "woocommerce documents", lambda: _documents(store)
            yield "woocommerce version", lambda: _version(store)


def address(url: str) -> Finding:
    """Check that the address is https."""
    return open_to_read(url, "url") or ok("on this machine" if is_local(url) else "https")


def _store(shop: WooCommerce, found: list[bool]) -> Finding:
    """Check which APIs WordPress has, and its own address. Its index needs no key."""
    url = shop.url.rstrip("/")
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
    index = _index(reply)
    spaces = index.get("namespaces")
    if not isinstance(spaces, list):
        detail = f"/wp-json/ responds {reply.status} without JSON: a login page, or a firewall?"
        return wrong(detail, "allow requests to /wp-json/wc/")
    if _SPACE not in spaces:
        return wrong(
            f"WordPress responds, but has no {_SPACE}", "in WordPress: activate WooCommerce"
        )
    found.append(True)
    home = index.get("home")
    if isinstance(home, str) and not is_home(home, (shop.url, *shop.other_urls)):
        return wrong(
            f"its home address is {home}, so its webhooks would get a 401",
            "correct `url` in [woocommerce], or add that address to `other_urls`",
        )
    return ok(f"WordPress responds, and has {_SPACE}")


def _index(reply: StoreResponse) -> dict[str, Any]:
    try:
        found = json.loads(reply.body.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


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
        return wrong(error.reason, put if error.refused else "try again in a minute")
    except NotUnderstood as error:
        return wrong(str(error), "choose a currency in WooCommerce, Settings, General")
    return _in_currency(found, merchant, _way(merchant, store.authentication.accepted))


def _way(merchant: Merchant, accepted: str) -> str:
    """Say in which way the store accepts the key, where that is not the usual one."""
    shop = merchant.woocommerce
    return _WAYS[accepted] if shop and shop.url.startswith("https") else ""


def _in_currency(found: str, merchant: Merchant, way: str) -> Finding:
    compared = currency(found, merchant.currency)
    if found != merchant.currency:
        return compared
    return ok(f"the key can read{way}; the currency is {found}")


def _documents(store: RestApi) -> Finding:
    """Request a page of each document that webhooks are about: the key's user may see them."""
    for name in ("products", "orders", "customers"):
        try:
            reply = store.send("GET", f"{name}?per_page=1&_fields=id", time.time() + TIMEOUT)
        except StoreUnavailable as error:
            return wrong(error.reason, "try again in a minute")
        if reply.status != HTTPStatus.OK:
            return wrong(
                f"the key may not read {name}: {reply.status}",
                "create the key for a user who may see products, orders and customers",
            )
    return ok("the key can read products, orders and customers")


def _version(store: RestApi) -> Finding:
    """Request the version of WooCommerce, which only a key of an administrator may read."""
    try:
        reply = store.send("GET", "system_status?_fields=environment", time.time() + TIMEOUT)
        version = json.loads(reply.body)["environment"]["version"]
    except (StoreUnavailable, ValueError, KeyError, TypeError):
        return unknown("the key may not read the version")
    return ok(str(version))

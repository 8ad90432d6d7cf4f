"""Check a Shopify store and our token with queries of its Admin API. Nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import requests

from cli.checks.finding import Finding, ok, unknown, wrong
from cli.checks.live.admin import STORE, Admin, StoreFacts, codes, read
from cli.checks.live.page import open_to_read
from shared.errors import StoreUnavailable
from shared.http.store_client import StoreResponse
from shared.settings import Merchant, Secrets
from shared.sources.shopify.scopes import COMPLIANCE, lacking
from shared.sources.shopify.topics import HANDLED

NamedCheck = tuple[str, Callable[[], Finding]]

# Level 1 is access to customers and orders at all, level 2 to names and addresses (shopify.dev,
# "Work with protected customer data"). The query requests one of each; nothing of it is kept.
_PEOPLE = """query ShoprelayCheckPeople {
  customers(first: 1) { nodes { id firstName } }
  orders(first: 1) { nodes { id email } }
}"""
_STATUSES = {
    401: ("Shopify rejects the token", "secrets"),
    402: ("the shop is frozen: its bill is not paid", "shop"),
    403: ("the token lacks a permission, or the shop is locked", "secrets"),
    404: ("there is no such shop, or no such version of its API", "shop"),
    423: ("the shop is locked", "shop"),
}


def checks(merchant: Merchant, secrets: Secrets) -> Iterator[NamedCheck]:
    """Yield the checks. Those that need the store follow when the first one has succeeded."""
    if merchant.shopify is None or secrets.shopify is None:
        return
    admin = Admin(merchant, secrets.shopify)
    if not admin.has_token:
        yield "shopify store", lambda: _no_token(merchant.name)
        return
    facts: list[StoreFacts] = []
    yield "shopify store", lambda: _store(admin, merchant, facts)
    if facts:
        store = facts[0]
        yield "shopify API version", lambda: _version(store, merchant)
        yield "shopify scopes", lambda: _scopes(store.scopes)
        yield "shopify currency", lambda: currency(store.currency, merchant.currency)
        yield "shopify customer data", lambda: _people(admin)


def _no_token(name: str) -> Finding:
    return unknown(
        "no token: the store was not queried, and `connect` cannot create subscriptions",
        f"shoprelay secrets put {name} shopify.client_id shopify.client_secret",
    )


def _store(admin: Admin, merchant: Merchant, facts: list[StoreFacts]) -> Finding:
    shop = merchant.shopify
    if shop is None:
        return unknown("there is no section [shopify]")
    if bad := open_to_read(shop.admin_url or "", "admin_url"):
        return bad
    try:
        reply, found = admin.query(STORE)
    except StoreUnavailable as error:
        what = "shopify.client_secret" if error.refused else ""
        put = f"shoprelay secrets put {merchant.name} shopify.client_id {what}"
        address = "admin_url" if shop.admin_url else "shop"
        return wrong(error.reason, put if what else f"correct `{address}` in [shopify]")
    if reply.status != requests.codes.ok:
        return _rejected(reply, merchant.name)
    store = read(reply, found)
    if store is None:
        return wrong(f"the store rejected the query: {codes(found)}", "check the app's scopes")
    facts.append(store)
    if store.domain != shop.shop:
        detail = f"the token is for {store.domain}, not for {shop.shop}"
        return wrong(detail, f'set shop = "{store.domain}" in [shopify], or use another token')
    return ok(f"{store.domain} responds, plan {store.plan}")


def _rejected(reply: StoreResponse, name: str) -> Finding:
    detail, where = _STATUSES.get(reply.status, (f"the store responded {reply.status}", ""))
    put = f"shoprelay secrets put {name} shopify.access_token"
    following = {"secrets": put, "shop": "correct `shop` in [shopify], or ask the merchant"}
    return wrong(detail, following.get(where, "try again in a minute"))


def _version(store: StoreFacts, merchant: Merchant) -> Finding:
    wanted = merchant.shopify.api_version if merchant.shopify else ""
    if not store.version:
        return unknown("the response does not name its API version")
    if store.version != wanted:
        # The oldest supported version responds in place of a retired one (shopify.dev, "About
        # Shopify API versioning").
        detail = f"version {wanted} has ended: {store.version} responded"
        return wrong(detail, f'set api_version = "{store.version}" in [shopify]')
    return ok(f"version {wanted} is supported")


def _scopes(granted: Collection[str]) -> Finding:
    wanted = [topic for topic in HANDLED if topic not in COMPLIANCE]
    missing: dict[str, list[str]] = {}
    for topic in wanted:
        if scope := lacking(topic, granted):
            missing.setdefault(scope, []).append(topic)
    if missing:
        detail = "; ".join(f"{scope} for {', '.join(those)}" for scope, those in missing.items())
        following = "add them to the app, release a version of it, and update the app in the shop"
        return wrong(f"missing: {detail}", following)
    return ok(f"enough for all {len(wanted)} topics")


def currency(actual: str, wanted: str) -> Finding:
    """Compare the store's currency with the file's."""
    if actual != wanted:
        return wrong(f"the store has {actual}, the file {wanted}", f'set currency = "{actual}"')
    return ok(actual)


def _people(admin: Admin) -> Finding:
    try:
        reply, found = admin.query(_PEOPLE)
    except StoreUnavailable as error:
        return unknown(error.reason)
    errors = codes(found)
    if "ACCESS_DENIED" in errors:
        detail = "Shopify denies access to customers and orders (protected customer data)"
        return wrong(detail, "request access in the app's API access, both levels: name and e-mail")
    if reply.status != requests.codes.ok or errors:
        return unknown(f"the store responded {reply.status} {errors}".strip())
    return ok("customers and orders can be read")

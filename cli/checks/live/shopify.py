"""What a Shopify store says of our token, asked of its Admin API; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import requests

from cli.checks.finding import Finding, ok, unknown, wrong
from cli.checks.live.admin import STORE, Admin, Seen, codes, read
from cli.checks.live.page import open_to_read
from shared.errors import StoreUnavailable
from shared.http.store_client import StoreResponse
from shared.settings import Merchant, Secrets
from shared.sources.shopify.scopes import COMPLIANCE, lacking
from shared.sources.shopify.topics import HANDLED

Named = tuple[str, Callable[[], Finding]]

# Level 1 is that there is an answer at all, level 2 are a name and an address (shopify.dev, "Work
# with protected customer data"). One of each is asked for, and nothing of it is kept.
_PEOPLE = """query ShoprelayCheckPeople {
  customers(first: 1) { nodes { id firstName } }
  orders(first: 1) { nodes { id email } }
}"""
_STATUSES = {
    401: ("Shopify does not take the token", "secrets"),
    402: ("the shop is frozen: its bill is not paid", "shop"),
    403: ("the token may not ask that, or the shop is locked", "secrets"),
    404: ("there is no such shop, or no such version of its API", "shop"),
    423: ("the shop is locked", "shop"),
}


def checks(merchant: Merchant, secrets: Secrets) -> Iterator[Named]:
    """Give what is looked at, one by one; what needs the store waits for its first answer."""
    if merchant.shopify is None or secrets.shopify is None:
        return
    admin = Admin(merchant, secrets.shopify)
    if not admin.asked:
        yield "shopify store", lambda: _unasked(merchant.name)
        return
    seen: list[Seen] = []
    yield "shopify store", lambda: _store(admin, merchant, seen)
    if seen:
        store = seen[0]
        yield "shopify API version", lambda: _version(store, merchant)
        yield "shopify scopes", lambda: _scopes(store.scopes)
        yield "shopify currency", lambda: currency(store.currency, merchant.currency)
        yield "shopify customer data", lambda: _people(admin)


def _unasked(name: str) -> Finding:
    return unknown(
        "no token: the store is not asked, nor can `connect` register webhooks",
        f"shoprelay secrets put {name} shopify.client_id shopify.client_secret",
    )


def _store(admin: Admin, merchant: Merchant, seen: list[Seen]) -> Finding:
    shop = merchant.shopify
    if shop is None:
        return unknown("there is no section [shopify]")
    if bad := open_to_read(shop.admin_url or "", "admin_url"):
        return bad
    try:
        reply, found = admin.ask(STORE)
    except StoreUnavailable as error:
        what = "shopify.client_secret" if error.refused else ""
        put = f"shoprelay secrets put {merchant.name} shopify.client_id {what}"
        address = "admin_url" if shop.admin_url else "shop"
        return wrong(error.reason, put if what else f"correct `{address}` in [shopify]")
    if reply.status != requests.codes.ok:
        return _refused(reply, merchant.name)
    store = read(reply, found)
    if store is None:
        return wrong(f"the store refused the query: {codes(found)}", "look at the app's scopes")
    seen.append(store)
    if store.domain != shop.shop:
        told = f"the token is of {store.domain}, not of {shop.shop}"
        return wrong(told, f'set shop = "{store.domain}" in [shopify], or take the other token')
    return ok(f"{store.domain} answers, plan {store.plan}")


def _refused(reply: StoreResponse, name: str) -> Finding:
    told, where = _STATUSES.get(reply.status, (f"the store answered {reply.status}", ""))
    put = f"shoprelay secrets put {name} shopify.access_token"
    following = {"secrets": put, "shop": "correct `shop` in [shopify], or ask the merchant"}
    return wrong(told, following.get(where, "try again in a minute"))


def _version(store: Seen, merchant: Merchant) -> Finding:
    wanted = merchant.shopify.api_version if merchant.shopify else ""
    if not store.version:
        return unknown("the store does not say which version answered")
    if store.version != wanted:
        # shopify.dev, "About Shopify API versioning": what is no longer supported falls forward.
        told = f"{wanted} is not served any more: {store.version} answered"
        return wrong(told, f'set api_version = "{store.version}" in [shopify]')
    return ok(f"{wanted} is served")


def _scopes(granted: Collection[str]) -> Finding:
    wanted = [topic for topic in HANDLED if topic not in COMPLIANCE]
    missing: dict[str, list[str]] = {}
    for topic in wanted:
        if scope := lacking(topic, granted):
            missing.setdefault(scope, []).append(topic)
    if missing:
        told = "; ".join(f"{scope} for {', '.join(those)}" for scope, those in missing.items())
        following = "add them to the app, release a version of it, and let the shop take that"
        return wrong(f"missing: {told}", following)
    return ok(f"enough for all {len(wanted)} topics")


def currency(told: str, wanted: str) -> Finding:
    """Compare the store's currency with the file's."""
    if told != wanted:
        return wrong(f"the store has {told}, the file {wanted}", f'set currency = "{told}"')
    return ok(told)


def _people(admin: Admin) -> Finding:
    try:
        reply, found = admin.ask(_PEOPLE)
    except StoreUnavailable as error:
        return unknown(error.reason)
    named = codes(found)
    if "ACCESS_DENIED" in named:
        told = "Shopify keeps customers and orders back (protected customer data)"
        return wrong(told, "request access in the app's API access, both levels: name and e-mail")
    if reply.status != requests.codes.ok or named:
        return unknown(f"the store answered {reply.status} {named}".strip())
    return ok("customers and orders are shown")

"""A site at a tracker as a destination: one record of functions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from shared.destinations.building.fields import encode
from shared.destinations.contract import NO_BRIEF, Brief, Destination, Plan, Planner
from shared.destinations.tracker import browsing, carts, orders, people, products
from shared.destinations.tracker.site import Site
from shared.http.call import Call, Request
from shared.http.verdict import Delivered, Response, Retry, Verdict, judge_status
from shared.model.change import (
    Browsed,
    CartSaved,
    Change,
    CheckoutStarted,
    ConsentChanged,
    OrderRemoved,
    OrderSaved,
    PersonRemoved,
    PersonSaved,
    ProductRemoved,
    ProductSaved,
    StockChanged,
)
from shared.settings import Merchant, TrackerSecrets


def destination(site: Site, merchant: Merchant, secrets: TrackerSecrets) -> Destination:
    """Return the destination of a site."""

    def brief(change: Change) -> Brief:
        match change:
            case OrderSaved():
                return orders.brief(site, change)
            case CartSaved():
                return carts.cart_brief(site, change)
            case CheckoutStarted():
                return carts.checkout_brief(site)
            case Browsed():
                return browsing.brief(site, change)
            case PersonSaved():
                return Brief(visitor=True)
            case _:
                return NO_BRIEF

    def sign(call: Call) -> Request:
        return Request(call=call, headers=_headers(secrets.api_key))

    return Destination(
        name=site.name,
        fingerprint=_fingerprint(site, merchant, secrets.api_key),
        plans=_plans(site),
        brief=brief,
        sign=sign,
        judge=_judge,
        forgets=False,
    )


def _plans(site: Site) -> Mapping[type[Change], Planner]:
    return {
        ProductSaved: lambda change, known, _: products.saved(site, change, known),
        ProductRemoved: lambda change, known, _: products.removed(site, change, known),
        StockChanged: lambda change, known, _: products.stock_changed(site, change, known),
        PersonSaved: lambda change, known, _: people.saved(site, change, known),
        PersonRemoved: lambda change, _known, _: people.removed(change),
        ConsentChanged: lambda _change, _known, _: Plan(counts=(people.CONSENT,)),
        OrderSaved: lambda change, known, brief: orders.saved(site, change, known, brief),
        OrderRemoved: lambda _change, _known, _: orders.removed(),
        CartSaved: lambda change, known, brief: carts.cart_saved(site, change, known, brief),
        CheckoutStarted: lambda change, known, _: carts.checkout_started(site, change, known),
        Browsed: lambda change, known, brief: browsing.browsed(site, change, known, brief),
    }


def _judge(_call: Call, answer: Response, now: float) -> Verdict:
    """Judge by the status: one document answers 200, the other 204, and neither with a body."""
    verdict = judge_status(answer, now)
    if isinstance(verdict, Delivered) and answer.body.lstrip()[:1] == b"<":
        # The page is from a proxy or a parked domain: the platform did not get the call.
        return Retry(reason="a page instead of an answer", status=answer.status)
    return verdict


def _headers(key: str | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": "Shoprelay"}
    if key:
        # "No authorization is required"; the platform's own module for WooCommerce sends this.
        token = base64.b64encode(f":{key}".encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    return headers


def _fingerprint(site: Site, shop: Merchant, key: str | None) -> str:
    """
    Return a hash that differs between accounts, dialects, or ids of the feed.

    The key is hashed first, because a fingerprint may be logged.
    """
    parts = (
        site.name,
        site.url,
        site.site_id,
        site.feed_id,
        shop.storefront,
        shop.currency,
        hashlib.sha256((key or "").encode()).hexdigest(),
    )
    return hashlib.sha256(encode(parts)).hexdigest()

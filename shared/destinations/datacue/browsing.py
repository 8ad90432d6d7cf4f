"""
Browsing events in the storefront, sent to the events' host.

The anonymous id here is the browser's own, which the storefront assigned. It is sent whatever the
setting ``carts`` is: that setting is about cart tokens, and pages do not identify a browser by one.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from shared.destinations.building.fields import Body
from shared.destinations.building.values import text
from shared.destinations.contract import NO_BRIEF, Brief, Event, Plan, Rule
from shared.destinations.datacue import browsing_payloads, events, rows
from shared.destinations.datacue.api import Api
from shared.model.browsing import (
    BannerClicked,
    BrowsingEvent,
    CategoryViewed,
    Goods,
    LoggedIn,
    PageViewed,
    ProductClicked,
    ProductViewed,
    Searched,
    WishlistAdded,
    WishlistRemoved,
)
from shared.model.change import Browsed

BROWSING = Event(name="browsing", rule=Rule.ONCE, again=False)

Block = Literal["related", "similar", "recent", "product"]
# The three blocks in the table; a click anywhere else gets the value of the sample.
_BLOCKS: dict[str | None, Block] = {
    "related": "related",
    "similar": "similar",
    "recent": "recent",
}


def brief(change: Browsed) -> Brief:
    """Return the brief: the event, if DataCue supports it and can identify the visitor."""
    known = _form(change.event) and _user(change.event)
    return Brief(event=BROWSING) if known else NO_BRIEF


def browsed(api: Api, change: Browsed) -> Plan:
    """Return the plan of a browsing event; one that the document does not support is counted."""
    event = change.event
    body, user = _form(event), _user(event)
    if body is None:
        return Plan(counts=("browsing_not_expressible",))
    if user is None:
        return Plan(counts=("browsing_of_unknown_visitor",))
    if api.newer and isinstance(event.action, BannerClicked):
        body = _banner_2021(event.action)
    call = events.call(api, "browsing", events.event_body(user, body, event.at, event.visit))
    return Plan(calls=(call,))


def _user(event: BrowsingEvent) -> events.User | None:
    """
    Return the ids of the visitor; None if there is none.

    DataCue uses the first of the two ids and links both. A login needs the first.
    """
    user_id, anonymous = (
        rows.user_id(event.buyer.id, event.buyer.email),
        text(event.buyer.anonymous),
    )
    if not user_id and (not anonymous or isinstance(event.action, LoggedIn)):
        return None
    profile = dict(event.profile) or UNSET
    return events.User(user_id=user_id, anonymous_id=anonymous, profile=profile)


def _form(event: BrowsingEvent) -> Body | None:
    match event.action:
        case PageViewed(home=True):
            return browsing_payloads.HomePage()
        case ProductViewed(goods=goods):
            return browsing_payloads.ProductPage(
                product_id=goods.product_id, variant_id=_variant(goods)
            )
        case CategoryViewed(names=(*_, narrowest)):
            return browsing_payloads.CategoryPage(category_name=narrowest)
        case Searched(query=query):
            return browsing_payloads.Search(term=query.strip())
        case LoggedIn():
            return browsing_payloads.Login()
        case _:
            return _list_or_click(event)


def _list_or_click(event: BrowsingEvent) -> Body | None:
    match event.action:
        case WishlistAdded(goods=goods):
            return _wishlist("add", goods)
        case WishlistRemoved(goods=goods):
            return _wishlist("remove", goods)
        case BannerClicked(banner_id=banner):
            return browsing_payloads.BannerClick(banner_id=banner)
        case ProductClicked(goods=goods, block=block):
            subtype = _BLOCKS.get(block, "product")
            return browsing_payloads.ProductClick(subtype=subtype, product_id=goods.product_id)
        case _:
            return None


def _wishlist(subtype: Literal["add", "remove"], goods: Goods) -> Body:
    return browsing_payloads.Wishlist(
        subtype=subtype, product_id=goods.product_id, variant_id=_variant(goods)
    )


def _banner_2021(click: BannerClicked) -> Body:
    return browsing_payloads.BannerClick2021(
        banner_id=click.banner_id, category_id=text(click.category_id)
    )


def _variant(goods: Goods) -> str | UnsetType:
    if goods.variant_id is None and not goods.default:
        return UNSET
    return rows.variant_id(goods.variant_id or "", default=goods.default)

"""
Browsing events from the storefront's pages, sent to the events' host.

The anonymous id is the browser's own, set by the storefront. It is sent whatever ``carts`` says:
that setting is about cart tokens, which identify no browser in a page.
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
# The three blocks of the table; a click anywhere else is the sample's.
_BLOCKS: dict[str | None, Block] = {
    "related": "related",
    "similar": "similar",
    "recent": "recent",
}


def brief(change: Browsed) -> Brief:
    """Decide whether DataCue knows the browsing event, and can know whose it is."""
    known = _form(change.event) and _user(change.event)
    return Brief(event=BROWSING) if known else NO_BRIEF


def browsed(api: Api, change: Browsed) -> Plan:
    """Plan a browsing event; an action without an event in the document is counted."""
    now = change.event
    form, user = _form(now), _user(now)
    if form is None:
        return Plan(counts=("browsing_not_expressible",))
    if user is None:
        return Plan(counts=("browsing_of_unknown_visitor",))
    if api.newer and isinstance(now.action, BannerClicked):
        form = _banner_2021(now.action)
    whole = events.event_body(user, form, now.at, now.visit)
    return Plan(calls=(events.call(api, "browsing", whole),))


def _user(now: BrowsingEvent) -> events.User | None:
    """
    Return the user of an event. With both ids DataCue uses the first and links them; a shopper who
    is logged in has the first.
    """
    named, anonymous = rows.user_id(now.buyer.id, now.buyer.email), text(now.buyer.anonymous)
    if not named and (not anonymous or isinstance(now.action, LoggedIn)):
        return None
    profile = dict(now.profile) or UNSET
    return events.User(user_id=named, anonymous_id=anonymous, profile=profile)


def _form(now: BrowsingEvent) -> Body | None:
    match now.action:
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
            return _list_or_click(now)


def _list_or_click(now: BrowsingEvent) -> Body | None:
    match now.action:
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

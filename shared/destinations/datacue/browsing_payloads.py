"""
The browsing events in the document's tables; carts and checkouts are in `events`, whether they come
from a browser or a webhook. Types that differ in 2021-02 have the year in their name.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from shared.destinations.building.fields import Body, Text


class HomePage(Body, kw_only=True, frozen=True):
    """A view of the shop's home page."""

    type: Literal["pageview"] = "pageview"
    subtype: Literal["home"] = "home"


class ProductPage(Body, kw_only=True, frozen=True):
    """A product page; the older table says `related`, its sample and the newer table this."""

    type: Literal["pageview"] = "pageview"
    subtype: Literal["product"] = "product"
    product_id: Text
    variant_id: Text | UnsetType = UNSET


class CategoryPage(Body, kw_only=True, frozen=True):
    """A page with several products."""

    type: Literal["pageview"] = "pageview"
    subtype: Literal["category"] = "category"
    category_name: Text


class Search(Body, kw_only=True, frozen=True):
    """A search in the shop."""

    type: Literal["search"] = "search"
    term: Text


class Wishlist(Body, kw_only=True, frozen=True):
    """A product was added to or removed from the wishlist."""

    type: Literal["wishlist"] = "wishlist"
    subtype: Literal["add", "remove"]
    product_id: Text
    variant_id: Text | UnsetType = UNSET


class BannerClick(Body, kw_only=True, frozen=True):
    """A click on a banner."""

    type: Literal["click"] = "click"
    subtype: Literal["banner"] = "banner"
    banner_id: Text


class BannerClick2021(BannerClick, kw_only=True, frozen=True):
    """A click on a banner, optionally with the category that it links to."""

    category_id: Text | UnsetType = UNSET


class ProductClick(Body, kw_only=True, frozen=True):
    """A click on a product in a block; the table has three blocks, the sample has `product`."""

    type: Literal["click"] = "click"
    subtype: Literal["related", "similar", "recent", "product"]
    product_id: Text


class Login(Body, kw_only=True, frozen=True):
    """A login of the user in `user_id`."""

    type: Literal["login"] = "login"

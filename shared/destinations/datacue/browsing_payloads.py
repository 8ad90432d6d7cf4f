"""
Browsing events, as in the document's tables; carts and checkouts are in `events`. What differs in
2021-02 has the year in its name.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from shared.destinations.building.fields import Body, Text


class HomePage(Body, kw_only=True, frozen=True):
    """The shop's first page was viewed."""

    type: Literal["pageview"] = "pageview"
    subtype: Literal["home"] = "home"


class ProductPage(Body, kw_only=True, frozen=True):
    """A product's page; `related` in the older table, `product` in its sample and the newer one."""

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
    """The wishlist grew, or shrank, by one product."""

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
    """A click on a banner, with the category that it leads to."""

    category_id: Text | UnsetType = UNSET


class ProductClick(Body, kw_only=True, frozen=True):
    """A click on a product in a block; the table knows three, the sample says `product`."""

    type: Literal["click"] = "click"
    subtype: Literal["related", "similar", "recent", "product"]
    product_id: Text


class Login(Body, kw_only=True, frozen=True):
    """A login; `user_id` is the user."""

    type: Literal["login"] = "login"

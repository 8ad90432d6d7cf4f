"""A site at a tracker, and the features of its variant of the protocol."""

from __future__ import annotations

from typing import Literal

from shared.model.value import Value
from shared.settings import FeedId, OnForeignCurrency


class Site(Value):
    """
    One site at one tracker. ``shop`` is the merchant's name, ``currency`` the shop's, and
    ``foreign_currency`` what to do with a purchase in another one.

    ``links``: products have a link to their page. ``found``: searches have a flag for whether they
    had results. ``custom``: custom events are supported, and ``checkout_event`` is the name of the
    one for a checkout. ``purchase_guid``: a purchase refers to the cart state that it came from.
    ``invents``: a cookie is generated for a visitor whose cookie is not known, and counted as
    ``invented`` unless that is empty.
    """

    name: str
    shop: str
    currency: str
    foreign_currency: OnForeignCurrency
    url: str
    site_id: str
    feed_id: FeedId
    max_purchase_age_days: int
    searches: Literal["all", "without-results"]
    links: bool = False
    found: bool = False
    custom: bool = False
    checkout_event: str | None = None
    purchase_guid: bool = False
    invents: bool = False
    invented: str = ""

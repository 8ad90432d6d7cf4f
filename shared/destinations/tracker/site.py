"""The site at a tracker, and which of the two dialects it uses."""

from __future__ import annotations

from typing import Literal

from shared.model.value import Value
from shared.settings import FeedId


class Site(Value):
    """
    One site at one tracker. ``shop`` is the merchant's name.

    ``links``: products have the URL of their page. ``found``: searches have `isFound`. ``custom``:
    there are custom events, and ``checkout_event`` names the one for a checkout.
    ``purchase_guid``: a purchase names the cart state that it came from. ``invents``: a shopper
    without a known cookie gets a generated one, counted as ``invented`` where that is not empty.
    """

    name: str
    shop: str
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

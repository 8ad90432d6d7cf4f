"""Yespo as a destination: the tracker's protocol, with product links and `isFound`."""

from __future__ import annotations

from shared.destinations.contract import Destination
from shared.destinations.tracker import destination
from shared.destinations.tracker.site import Site
from shared.errors import NotConfigured
from shared.settings import Merchant, Secrets

NAME = "yespo"


def build(merchant: Merchant, secrets: Secrets) -> Destination:
    """Return the destination. Raise NotConfigured without its section."""
    own = merchant.yespo
    if own is None:
        raise NotConfigured("the merchant file: the section is missing", f"$.{NAME}")
    site = Site(
        name=NAME,
        shop=merchant.name,
        currency=merchant.currency,
        foreign_currency=own.foreign_currency,
        url=own.url,
        site_id=own.site_id,
        feed_id=own.feed_id,
        max_purchase_age_days=own.max_purchase_age_days,
        searches=own.searches,
        links=True,
        found=True,
        # "You can create your own cookies."
        invents=True,
    )
    return destination.destination(site, merchant, secrets.yespo)

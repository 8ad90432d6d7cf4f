"""Browsing events of invented visitors: one of each kind, by the names in golden files."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.model.browsing import (
    BannerClicked,
    BrowsingAction,
    BrowsingEvent,
    CartAdded,
    CartRemoved,
    CategoryViewed,
    Custom,
    Goods,
    Impressions,
    LoggedIn,
    PageViewed,
    ProductClicked,
    ProductViewed,
    Pushed,
    Recommended,
    Searched,
    Shown,
    WishlistAdded,
    WishlistRemoved,
    WishlistSet,
)
from shared.model.browsing_check import browsed
from shared.model.change import Browsed
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Visit
from shared.model.person import Buyer
from shared.model.value import replace
from shared.model.visitor import Campaign, Visitor

AT = "2026-11-21T09:00:00.250000000Z"
SC = "CDA68358-94FB-4D83-9655-3FEB3C4114A3"
VISITOR = Visitor(
    tracker_cookie=SC,
    device_id="7rjVGhMykT",
    session_id="R5eQXkrKCf",
    seen_at="2026-11-21T08:59:00.000000000Z",
    segment="A",
    campaign=Campaign(origin="bulk", code="spring-1", at="2026-11-20T12:00:00.000000000Z"),
)
ADA = Buyer(
    id="7",
    email="ada@shop.example",
    entity=Entity(Kind.PERSON, "7"),
    anonymous="browser-1",
    name="Ada Moss",
    phone="+1 541 754 3010",
)
ANONYMOUS = Buyer(anonymous="browser-1")
SHIRT = Goods(
    product_id="1",
    variant_id="11",
    default=False,
    sku="MOSS-S",
    price=Money(Decimal("24.50"), "USD"),
    in_stock=True,
    tags={"season": ("autumn", "winter")},
)
CUP = Goods(product_id="2", variant_id="21", default=True, price=Money(Decimal(8), "USD"))
DYNAMIC = Recommended(by="dynamic", code="3d045e1b39c321ff")


def browsing_event(action: BrowsingAction, **more: Any) -> Browsed:
    """Return a browsing event of Ada on a page of the shop."""
    facts: dict[str, Any] = {
        "buyer": ADA,
        "url": "https://acme.example/products/moss-shirt",
        "referrer": "https://search.example/",
        "tags": {"theme": ("dark",)},
        "visit": Visit(ip="203.0.113.9", user_agent="Mozilla/5.0"),
        "profile": {"sex": "female", "location": "Santiago", "segment": "platinum"},
    }
    event = BrowsingEvent(id="happening-1", at=AT, action=action, visitor=VISITOR)
    return browsed(replace(event, **facts | more))


BROWSING_EVENTS: Mapping[str, Browsed] = {
    "home_viewed": browsing_event(PageViewed(home=True)),
    "other_page_viewed": browsing_event(PageViewed()),
    "product_viewed": browsing_event(ProductViewed(goods=SHIRT)),
    "product_viewed_recommended": browsing_event(ProductViewed(goods=CUP, recommended=DYNAMIC)),
    "product_viewed_by_somebody": browsing_event(
        ProductViewed(goods=SHIRT), buyer=ANONYMOUS, profile={}, tags={}, visit=Visit()
    ),
    "category_viewed": browsing_event(CategoryViewed(id="146", names=("Men", "Shirts"))),
    "category_viewed_without_a_name": browsing_event(CategoryViewed(id="146")),
    "searched_and_found": browsing_event(Searched(query="moss shirt", found=True)),
    "searched_and_found_nothing": browsing_event(Searched(query="moon shirt", found=False)),
    "searched_recommended": browsing_event(
        Searched(query="moss", recommended=Recommended(by="search", code="moss"))
    ),
    "wishlist_added": browsing_event(WishlistAdded(goods=SHIRT)),
    "wishlist_removed": browsing_event(WishlistRemoved(goods=SHIRT)),
    "wishlist_set": browsing_event(WishlistSet(goods=(SHIRT, CUP))),
    "wishlist_emptied": browsing_event(WishlistSet(goods=())),
    "cart_added": browsing_event(CartAdded(goods=SHIRT, quantity=2, recommended=DYNAMIC)),
    "cart_removed": browsing_event(CartRemoved(goods=SHIRT)),
    "banner_clicked": browsing_event(BannerClicked(banner_id="b1", category_id="146")),
    "product_clicked": browsing_event(ProductClicked(goods=SHIRT, block="similar")),
    "impressions": browsing_event(
        Impressions(
            shown=(Shown(block="1253", goods=SHIRT), Shown(block="1254", category_id="146"))
        )
    ),
    "logged_in": browsing_event(LoggedIn()),
    "custom": browsing_event(
        Custom(
            name="size_guide", category="help", label="opened", value=3, tags={"table": ("men",)}
        )
    ),
    "push_received": browsing_event(Pushed(act="received", code="731d5e0c", kind="chain")),
    "push_clicked": browsing_event(Pushed(act="clicked", code="731d5e0c", kind="chain")),
    "push_closed": browsing_event(Pushed(act="closed", code="731d5e0c", kind="chain")),
    "sms_clicked": browsing_event(Pushed(act="clicked", code="731d5e0c", kind="bulk", sms=True)),
}

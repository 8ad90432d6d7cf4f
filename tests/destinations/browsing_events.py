"""Browsing events of invented shoppers: one of each kind, by name, as golden files name them."""

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
SOMEBODY = Buyer(anonymous="browser-1")
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


def happened(what: BrowsingAction, **more: Any) -> Browsed:
    """Give what Ada did on a page of the shop."""
    facts: dict[str, Any] = {
        "buyer": ADA,
        "url": "https://acme.example/products/moss-shirt",
        "referrer": "https://search.example/",
        "tags": {"theme": ("dark",)},
        "visit": Visit(ip="203.0.113.9", user_agent="Mozilla/5.0"),
        "profile": {"sex": "female", "location": "Santiago", "segment": "platinum"},
    }
    happening = BrowsingEvent(id="happening-1", at=AT, action=what, visitor=VISITOR)
    return browsed(replace(happening, **facts | more))


HAPPENINGS: Mapping[str, Browsed] = {
    "home_viewed": happened(PageViewed(home=True)),
    "other_page_viewed": happened(PageViewed()),
    "product_viewed": happened(ProductViewed(goods=SHIRT)),
    "product_viewed_recommended": happened(ProductViewed(goods=CUP, recommended=DYNAMIC)),
    "product_viewed_by_somebody": happened(
        ProductViewed(goods=SHIRT), buyer=SOMEBODY, profile={}, tags={}, visit=Visit()
    ),
    "category_viewed": happened(CategoryViewed(id="146", names=("Men", "Shirts"))),
    "category_viewed_without_a_name": happened(CategoryViewed(id="146")),
    "searched_and_found": happened(Searched(query="moss shirt", found=True)),
    "searched_and_found_nothing": happened(Searched(query="moon shirt", found=False)),
    "searched_recommended": happened(
        Searched(query="moss", recommended=Recommended(by="search", code="moss"))
    ),
    "wishlist_added": happened(WishlistAdded(goods=SHIRT)),
    "wishlist_removed": happened(WishlistRemoved(goods=SHIRT)),
    "wishlist_set": happened(WishlistSet(goods=(SHIRT, CUP))),
    "wishlist_emptied": happened(WishlistSet(goods=())),
    "cart_added": happened(CartAdded(goods=SHIRT, quantity=2, recommended=DYNAMIC)),
    "cart_removed": happened(CartRemoved(goods=SHIRT)),
    "banner_clicked": happened(BannerClicked(banner_id="b1", category_id="146")),
    "product_clicked": happened(ProductClicked(goods=SHIRT, block="similar")),
    "impressions": happened(
        Impressions(
            shown=(Shown(block="1253", goods=SHIRT), Shown(block="1254", category_id="146"))
        )
    ),
    "logged_in": happened(LoggedIn()),
    "custom": happened(
        Custom(
            name="size_guide", category="help", label="opened", value=3, tags={"table": ("men",)}
        )
    ),
    "push_received": happened(Pushed(act="received", code="731d5e0c", kind="chain")),
    "push_clicked": happened(Pushed(act="clicked", code="731d5e0c", kind="chain")),
    "push_closed": happened(Pushed(act="closed", code="731d5e0c", kind="chain")),
    "sms_clicked": happened(Pushed(act="clicked", code="731d5e0c", kind="bulk", sms=True)),
}

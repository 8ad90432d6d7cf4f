"""Validation of browsing events, and their changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.model.browsing import (
    BrowsingEvent,
    CartAdded,
    CategoryViewed,
    Custom,
    Goods,
    Impressions,
    PageViewed,
    ProductViewed,
    Pushed,
    Recommended,
    Searched,
    Shown,
    WishlistSet,
)
from shared.model.browsing_check import browsed
from shared.model.change import Browsed
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.person import Buyer
from shared.model.value import replace
from shared.model.version import Version

SHIRT = Goods(product_id="1", variant_id="11")
HOME = BrowsingEvent(id="h-1", at="2026-11-21T09:00:00Z", action=PageViewed(home=True))


def event_of(action: Any, **more: Any) -> BrowsingEvent:
    return replace(HOME, action=action, **more)


def test_the_change_of_a_browsing_event_has_its_id_and_time() -> None:
    exact = "2026-11-21T09:00:00.250000000Z"

    assert browsed(replace(HOME, at="2026-11-21T11:00:00.25+02:00")) == Browsed(
        entity=Entity(Kind.BROWSING, "h-1"),
        version=Version(exact, exact),
        event=replace(HOME, at=exact),
    )


@pytest.mark.parametrize("invalid_id", ["", " ", "ada@shop.example", "a b", "a\n", "x" * 65])
def test_an_id_that_cannot_be_a_key_is_rejected(invalid_id: str) -> None:
    with pytest.raises(ValueError, match=r"^id: not 1 to 64 letters"):
        browsed(replace(HOME, id=invalid_id))


@pytest.mark.parametrize(
    ("invalid", "path"),
    [
        (event_of(ProductViewed(goods=Goods(product_id=" "))), "action.goods.product_id: blank"),
        (
            event_of(ProductViewed(goods=SHIRT, recommended=Recommended(by="dynamic", code=""))),
            "action.recommended.code: blank",
        ),
        (event_of(CategoryViewed(id="7", names=("Men", ""))), "action.names.1: blank"),
        (event_of(Searched(query="\t")), "action.query: blank"),
        (event_of(WishlistSet(goods=(SHIRT, Goods(product_id="")))), "action.goods.1.product_id: "),
        (event_of(CartAdded(goods=SHIRT, quantity=0)), "action.quantity: below 1"),
        (
            event_of(ProductViewed(goods=replace(SHIRT, price=Money(Decimal(-1), "USD")))),
            "action.goods.price: not an amount",
        ),
        (
            event_of(ProductViewed(goods=replace(SHIRT, price=Money(Decimal("NaN"), "USD")))),
            "action.goods.price: not an amount",
        ),
        (event_of(Impressions(shown=(Shown(block="b"),))), "action.shown.0: neither a product nor"),
        (
            event_of(Impressions(shown=(Shown(block="b", goods=SHIRT, category_id="7"),))),
            "action.shown.0: neither a product nor a category, or both",
        ),
        (event_of(Pushed(act="opened", code="c", kind="bulk")), "action.act: none of received,"),
        (event_of(Custom(name="")), "action.name: blank"),
        (event_of(PageViewed(), tags={"ada@shop.example": ("x", " ")}), "tags.value 0.1: blank"),
        (event_of(PageViewed(), profile={"": "Paris"}), "profile.key 0: blank"),
        (event_of(PageViewed(), buyer=Buyer(anonymous="")), "buyer.anonymous: blank"),
        (event_of(PageViewed(), url=""), "url: blank"),
    ],
)
def test_an_invalid_field_is_rejected_with_its_path(invalid: BrowsingEvent, path: str) -> None:
    with pytest.raises(ValueError, match="^" + path) as refused:
        browsed(invalid)

    assert "ada@" not in str(refused.value)


def test_an_invalid_time_is_rejected() -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 time"):
        browsed(replace(HOME, at="yesterday"))


@pytest.mark.parametrize("act", ["received", "clicked", "closed"])
def test_each_act_of_a_message_is_accepted(act: str) -> None:
    assert browsed(event_of(Pushed(act=act, code="c", kind="bulk"))).entity.id == "h-1"


def test_an_empty_wishlist_is_valid() -> None:
    assert browsed(event_of(WishlistSet(goods=()))).event.action == WishlistSet(goods=())

"""How a browsing event becomes a change, and what is refused."""

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


def happened(what: Any, **more: Any) -> BrowsingEvent:
    return replace(HOME, action=what, **more)


def test_a_happening_becomes_a_change_that_has_its_id_and_its_moment() -> None:
    exact = "2026-11-21T09:00:00.250000000Z"

    assert browsed(replace(HOME, at="2026-11-21T11:00:00.25+02:00")) == Browsed(
        entity=Entity(Kind.BROWSING, "h-1"),
        version=Version(exact, exact),
        event=replace(HOME, at=exact),
    )


@pytest.mark.parametrize("own", ["", " ", "ada@shop.example", "a b", "a\n", "x" * 65])
def test_an_id_that_could_not_be_a_key_is_refused(own: str) -> None:
    with pytest.raises(ValueError, match=r"^id: not 1 to 64 letters"):
        browsed(replace(HOME, id=own))


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (happened(ProductViewed(goods=Goods(product_id=" "))), "action.goods.product_id: blank"),
        (
            happened(ProductViewed(goods=SHIRT, recommended=Recommended(by="dynamic", code=""))),
            "action.recommended.code: blank",
        ),
        (happened(CategoryViewed(id="7", names=("Men", ""))), "action.names.1: blank"),
        (happened(Searched(query="\t")), "action.query: blank"),
        (happened(WishlistSet(goods=(SHIRT, Goods(product_id="")))), "action.goods.1.product_id: "),
        (happened(CartAdded(goods=SHIRT, quantity=0)), "action.quantity: below 1"),
        (
            happened(ProductViewed(goods=replace(SHIRT, price=Money(Decimal(-1), "USD")))),
            "action.goods.price: not an amount",
        ),
        (
            happened(ProductViewed(goods=replace(SHIRT, price=Money(Decimal("NaN"), "USD")))),
            "action.goods.price: not an amount",
        ),
        (happened(Impressions(shown=(Shown(block="b"),))), "action.shown.0: neither a product nor"),
        (
            happened(Impressions(shown=(Shown(block="b", goods=SHIRT, category_id="7"),))),
            "action.shown.0: neither a product nor a category, or both",
        ),
        (happened(Pushed(act="opened", code="c", kind="bulk")), "action.act: none of received,"),
        (happened(Custom(name="")), "action.name: blank"),
        (happened(PageViewed(), tags={"ada@shop.example": ("x", " ")}), "tags.value 0.1: blank"),
        (happened(PageViewed(), profile={"": "Paris"}), "profile.key 0: blank"),
        (happened(PageViewed(), buyer=Buyer(anonymous="")), "buyer.anonymous: blank"),
        (happened(PageViewed(), url=""), "url: blank"),
    ],
)
def test_what_no_platform_could_make_sense_of_is_refused(wrong: BrowsingEvent, place: str) -> None:
    with pytest.raises(ValueError, match="^" + place) as refused:
        browsed(wrong)

    assert "ada@" not in str(refused.value)


def test_a_moment_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 moment"):
        browsed(replace(HOME, at="yesterday"))


@pytest.mark.parametrize("act", ["received", "clicked", "closed"])
def test_each_act_of_a_message_is_known(act: str) -> None:
    assert browsed(happened(Pushed(act=act, code="c", kind="bulk"))).entity.id == "h-1"


def test_an_emptied_wishlist_is_no_mistake() -> None:
    assert browsed(happened(WishlistSet(goods=()))).event.action == WishlistSet(goods=())

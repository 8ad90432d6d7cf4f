"""
Every example request in the document, built from a change and compared field by field.

Not sent, with the reason:
* ``order_cash``, ``order_bonuses``, ``custom`` of a purchase: no supported shop provides them, and
  an order's own properties must have been created in the account.
* ``referer`` of a purchase and of a whole cart: a webhook has no page.
* an id that is a number (``100123``, ``category_id``: 146): ids are always strings.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.destinations.contract import KnownState
from shared.model.browsing import (
    CartAdded,
    CartRemoved,
    CategoryViewed,
    Custom,
    ProductViewed,
    Pushed,
    Recommended,
    Searched,
    WishlistAdded,
    WishlistRemoved,
    WishlistSet,
)
from shared.model.change import Change
from shared.model.value import replace
from shared.model.visitor import Campaign
from tests.destinations.personaclick_harness import (
    AT,
    URL,
    VISITOR,
    browsed,
    cart,
    goods,
    line,
    order,
    planned,
    usd,
)

SEED = Path(__file__).parents[2].parent / "shared" / "seeds" / "personaclick-tracker.txt"

IN_SEGMENT = replace(VISITOR, segment="A")
PLAIN = KnownState(visitor=IN_SEGMENT)
CAMPAIGN = Campaign(origin="chain", code="abcdef-0123-4567-9810-012345abcdef", at=AT)
LED = KnownState(visitor=replace(IN_SEGMENT, campaign=CAMPAIGN))
PRODUCT_PAGE = "https://mystore.com/product/100500"
BY = Recommended(by="dynamic", code="3d045e1b39c321ff695604587597231c")

VISIT = {
    "shop_id": "0d42fd8b713d0752776ca589cc0056",
    "did": "7rjVGhMykT",
    "seance": "R5eQXkrKCf",
    "segment": "A",
}
OF_PRODUCT = VISIT | {"referer": PRODUCT_PAGE}
SOURCE = {"source": '{"from":"chain","code":"abcdef-0123-4567-9810-012345abcdef"}'}
RECOMMENDED = {
    "recommended_by": "dynamic",
    "recommended_code": "3d045e1b39c321ff695604587597231c",
}
MOSS = {"items": [{"id": "100500"}]}
TWO = {"items": [{"id": "100500", "quantity": 3}, {"id": "100123", "quantity": 1}]}
BOUGHT = VISIT | {
    "event": "purchase",
    "referer": "https://mystore.com/order/success",
    "order_id": "N100500",
    "order_price": 750,
    "order_cash": 650,
    "order_bonuses": 100,
    "order_discount": 50,
    "promocode": "BIRTHDAY",
    "delivery_type": "delivery",
    "payment_type": "cart",
    "items": [
        {"id": "100500", "amount": 3, "price": 100},
        {"id": 100123, "amount": 1, "price": 500},
    ],
    "custom": {
        "order_comment": "Delivery after 15:00, 2nd floor, apt. 222",
        "boxes": 2,
        "refund_date": "2021-09-21",
    },
}
MESSAGE = {
    "shop_id": "0d42fd8b713d0752776ca589cc0056",
    "code": "731d5e0c-e3b1-11eb-ba80-0242ac130004",
    "type": "chain",
    "stream": "android",
}

# By name: the path of the request and its body, as in the document.
DOCUMENTED: dict[str, tuple[str, dict[str, Any]]] = {
    "view": ("push", OF_PRODUCT | {"event": "view", "stream": "ios"} | MOSS | RECOMMENDED),
    "view_with_source": (
        "push",
        OF_PRODUCT | {"event": "view", "stream": "android"} | MOSS | RECOMMENDED | SOURCE,
    ),
    "category": (
        "push",
        VISIT
        | {"event": "category", "stream": "web", "category_id": 146}
        | {"referer": "https://mystore.com/category/146"},
    ),
    "category_with_source": (
        "push",
        VISIT
        | {"event": "category", "stream": "android", "category_id": 146}
        | {"referer": "https://mystore.com/category/146"}
        | SOURCE,
    ),
    "cart": (
        "push",
        OF_PRODUCT
        | {"event": "cart", "stream": "ios", "items": [{"id": "100500", "amount": 2}]}
        | RECOMMENDED,
    ),
    "cart_with_source": (
        "push",
        OF_PRODUCT
        | {"event": "cart", "stream": "web", "items": [{"id": "100500", "amount": 3}]}
        | RECOMMENDED
        | SOURCE,
    ),
    "remove_from_cart": (
        "push",
        OF_PRODUCT | {"event": "remove_from_cart", "stream": "android"} | MOSS,
    ),
    "full_cart": (
        "push",
        VISIT
        | {"event": "cart", "stream": "ios", "full_cart": True}
        | {"referer": "https://mystore.com/cart"}
        | TWO,
    ),
    "full_cart_with_source": (
        "push",
        VISIT
        | {"event": "cart", "stream": "android", "full_cart": True}
        | {"referer": "https://mystore.com/cart"}
        | TWO
        | SOURCE,
    ),
    "cart_cleaning": (
        "push",
        VISIT
        | {"event": "cart", "stream": "web", "full_cart": True}
        | {"referer": "https://mystore.com/cart"},
    ),
    "cart_cleaning_with_source": (
        "push",
        VISIT
        | {"event": "cart", "stream": "android", "full_cart": True}
        | {"referer": "https://mystore.com/cart"}
        | SOURCE,
    ),
    "purchase": ("push", BOUGHT | {"stream": "ios"}),
    "purchase_with_source": ("push", BOUGHT | {"stream": "android"} | SOURCE),
    "search": (
        "push",
        VISIT
        | {"event": "search", "stream": "web", "referer": "https://mystore.com/search"}
        | {"search_query": "apple", "recommended_code": "apple"},
    ),
    "search_with_source": (
        "push",
        VISIT
        | {"event": "search", "stream": "android", "referer": "https://mystore.com/search"}
        | {"search_query": "apple", "recommended_code": "apple"}
        | SOURCE,
    ),
    "wish": ("push", OF_PRODUCT | {"event": "wish", "stream": "web"} | MOSS),
    "wish_with_source": ("push", OF_PRODUCT | {"event": "wish", "stream": "ios"} | MOSS | SOURCE),
    "remove_wish": ("push", OF_PRODUCT | {"event": "remove_wish", "stream": "android"} | MOSS),
    "remove_wish_with_source": (
        "push",
        OF_PRODUCT | {"event": "remove_wish", "stream": "ios"} | MOSS | SOURCE,
    ),
    "full_wish": (
        "push",
        VISIT
        | {"event": "wish", "stream": "ios", "full_wish": True}
        | {"referer": "https://mystore.com/wish"}
        | {"items": [{"id": "100500"}, {"id": "100123"}]},
    ),
    "wish_cleaning": (
        "push",
        VISIT
        | {"event": "wish", "stream": "web", "full_wish": True}
        | {"referer": "https://mystore.com/wish"},
    ),
    "custom": (
        "push/custom",
        OF_PRODUCT
        | {"event": "my_event", "stream": "web"}
        | {"category": "my_category", "label": "my_label", "value": 100500},
    ),
    "custom_with_source": (
        "push/custom",
        OF_PRODUCT
        | {"event": "my_event", "stream": "web"}
        | {"category": "my_category", "label": "my_label", "value": 100500}
        | SOURCE,
    ),
    "received": ("track/received", MESSAGE),
    "clicked": ("track/clicked", MESSAGE),
    "closed": ("track/closed", MESSAGE),
}


def check(name: str, change: Change, known_state: KnownState = PLAIN, **other: Any) -> None:
    """Compare the only call with the document, except fields that have an ``other`` value."""
    path, printed = DOCUMENTED[name]
    [call] = planned(change, known_state, stream=printed["stream"]).calls
    expected = {key: value for key, value in (printed | other).items() if value is not None}

    assert (call.method, call.url) == ("POST", f"{URL}{path}")
    assert json.loads(call.body, parse_float=Decimal) == expected


# -- the product's page ------------------------------------------------------------------------


VIEW = browsed(ProductViewed(goods=goods(), recommended=BY), url=PRODUCT_PAGE)
CATEGORY = browsed(CategoryViewed(id="146"), url="https://mystore.com/category/146")


def test_view() -> None:
    check("view", VIEW)


def test_view_with_source() -> None:
    check("view_with_source", VIEW, LED)


def test_category() -> None:
    check("category", CATEGORY, category_id="146")


def test_category_with_source() -> None:
    check("category_with_source", CATEGORY, LED, category_id="146")


# -- the cart ----------------------------------------------------------------------------------


def added(quantity: int) -> Change:
    action = CartAdded(goods=goods(), quantity=quantity, recommended=BY)
    return browsed(action, url=PRODUCT_PAGE)


WHOLE = cart(line(quantity=3), line(variant_id="100123", quantity=1))


def test_cart() -> None:
    check("cart", added(2))


def test_cart_with_source() -> None:
    check("cart_with_source", added(3), LED)


def test_remove_from_cart() -> None:
    check("remove_from_cart", browsed(CartRemoved(goods=goods()), url=PRODUCT_PAGE))


def test_full_cart() -> None:
    check("full_cart", WHOLE, referer=None)


def test_full_cart_with_source() -> None:
    check("full_cart_with_source", WHOLE, LED, referer=None)


def test_cart_cleaning() -> None:
    check("cart_cleaning", cart(), referer=None)


def test_cart_cleaning_with_source() -> None:
    check("cart_cleaning_with_source", cart(), LED, referer=None)


# -- the purchase ------------------------------------------------------------------------------


PURCHASE = order(
    line(quantity=3, price=usd("100")),
    line(variant_id="100123", quantity=1, price=usd("500")),
    id="N100500",
    total=usd("750"),
    discount=usd("50"),
    promo_code="BIRTHDAY",
    delivery="delivery",
    payment="cart",
)
NOT_SENT: dict[str, Any] = {
    "referer": None,
    "order_cash": None,
    "order_bonuses": None,
    "custom": None,
    "items": [
        {"id": "100500", "amount": 3, "price": 100},
        {"id": "100123", "amount": 1, "price": 500},
    ],
}


def test_purchase() -> None:
    check("purchase", PURCHASE, **NOT_SENT)


def test_purchase_with_source() -> None:
    check("purchase_with_source", PURCHASE, LED, **NOT_SENT)


# -- searches and wishes -----------------------------------------------------------------------


SEARCH = browsed(
    Searched(query="apple", recommended=Recommended(by="search", code="apple")),
    url="https://mystore.com/search",
)
WISH = browsed(WishlistAdded(goods=goods()), url=PRODUCT_PAGE)
REMOVE_WISH = browsed(WishlistRemoved(goods=goods()), url=PRODUCT_PAGE)


def test_search() -> None:
    check("search", SEARCH)


def test_search_with_source() -> None:
    check("search_with_source", SEARCH, LED)


def test_wish() -> None:
    check("wish", WISH)


def test_wish_with_source() -> None:
    check("wish_with_source", WISH, LED)


def test_remove_wish() -> None:
    check("remove_wish", REMOVE_WISH)


def test_remove_wish_with_source() -> None:
    check("remove_wish_with_source", REMOVE_WISH, LED)


def test_full_wish() -> None:
    action = WishlistSet(goods=(goods("100500"), goods("100123")))
    check("full_wish", browsed(action, url="https://mystore.com/wish"))


def test_wish_cleaning() -> None:
    check("wish_cleaning", browsed(WishlistSet(goods=()), url="https://mystore.com/wish"))


# -- the shop's own events, and messages -------------------------------------------------------


CUSTOM = browsed(
    Custom(name="my_event", category="my_category", label="my_label", value=100500),
    url=PRODUCT_PAGE,
)


def message(act: str) -> Change:
    return browsed(Pushed(act=act, code="731d5e0c-e3b1-11eb-ba80-0242ac130004", kind="chain"))


def test_custom() -> None:
    check("custom", CUSTOM)


def test_custom_with_source() -> None:
    check("custom_with_source", CUSTOM, LED)


def test_received() -> None:
    check("received", message("received"))


def test_clicked() -> None:
    check("clicked", message("clicked"))


def test_closed() -> None:
    check("closed", message("closed"))


# -- the document itself -----------------------------------------------------------------------


def test_every_request_in_the_document_is_compared() -> None:
    if not SEED.is_file():
        pytest.skip("the document is not beside this checkout")
    # In the document, the object of the first purchase ends before its properties.
    text = SEED.read_text(encoding="utf-8")
    text = text.replace('500}]},"custom"', '500}],"custom"').replace("""21"}' #""", """21"}}' #""")
    found = re.findall(r"curl 'https://api\.personaclick\.com/([a-z/]+)'.*?-d '(\{.*?\})'", text)

    assert [(path, json.loads(body)) for path, body in found] == list(DOCUMENTED.values())

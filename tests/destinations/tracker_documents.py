"""
The example requests in the trackers' two documents, with an invented person instead of theirs. A
request that is in both documents is here once.
"""

from __future__ import annotations

from typing import Any

SC = "CDA68358-94FB-4D83-9655-3FEB3C4114A3"
EMAIL, NAME = "ada@shop.example", "Ada Moss"


def _info(event: str, **more: Any) -> dict[str, Any]:
    return {
        "eventName": event,
        "siteId": "8A412DC",
        "datetime": 1579622183208,
        "externalCustomerId": "1234509876",
        "user_phone": "1-541-754-3010",
        "user_email": EMAIL,
        "user_name": NAME,
        "user_es_contact_id": "255830499",
        "cookies": {"sc": SC},
    } | more


_TWO = {"some_tags": ["1", "a2"], "some_tags1": ["4", "gg"]}
_SOME = {"some_tags": ["some_tag1", "some_tag2"]}
_SEEN = {
    "productKey": "72354",
    "price": "754 USD",
    "isInStock": "1",
    "tag_something": ["abc", "bca"],
}
_IN_CART = {"quantity": 1, "price_currency_code": "USD", "tag_something": ["aaa", "bbb"]}
_BOUGHT = [
    {"product_id": "430738", "unit_price": "201.95", "quantity": 1},
    {"product_id": "211452", "unit_price": "341.80", "quantity": 2},
]
_PHONE = {
    "brand": "Apple",
    "name": "iPhone 7",
    "description": "Some description",
    "product_id": "430738",
    "imgurl": "https://domain.com/apple/product_large.png",
    "unit_price": "201.95",
    "isInStock": "1",
    "tag_discount": ["10"],
    "tag_oldprice": ["224.38"],
    "price_currency_code": "UAH",
    "category_id": ["3"],
    "tag_something": ["aaa", "bbb"],
}
_DEEP = {"category": "level1 > level2 > level3", "category_id": ["1", "2", "3"]}
_PAGE = {"url": "https://domain.com/apple/product_page_example.html"}
_FEED = {"eventName": "ProductUpdate", "siteId": "site_id"}

PRODUCT_PAGE: dict[str, Any] = {
    "GeneralInfo": _info("ProductPage"),
    "ProductPage": {"Product": _SEEN, "Tags": _SOME},
}
STATUS_CART: dict[str, Any] = {
    "GeneralInfo": _info("StatusCart"),
    "StatusCart": {
        "GUID": "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
        "Products": [
            {"productKey": "430738", "price": 201.95, "discount": 180, **_IN_CART},
            {"productKey": "902339", "price": 596, "discount": 590, **_IN_CART},
        ],
        "Tags": _TWO,
    },
}
ADD_TO_WISHLIST: dict[str, Any] = {
    "GeneralInfo": _info("AddToWishlist"),
    "AddToWishlist": {"Product": _SEEN | {"price": "754"}, "Tags": _SOME},
}
PURCHASED_ITEMS_YESPO: dict[str, Any] = {
    "GeneralInfo": _info("PurchasedItems"),
    "PurchasedItems": {
        "Products": _BOUGHT,
        "OrderNumber": "123/2017",
        "Tags": {"some_tags1": ["4", "gg"]},
    },
}
PURCHASED_ITEMS_ESPUTNIK: dict[str, Any] = {
    "GeneralInfo": _info("PurchasedItems"),
    "PurchasedItems": {
        "GUID": "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
        "OrderNumber": "123/2017",
        "Tags": _TWO,
    },
}
ONE_CLICK_ESPUTNIK: dict[str, Any] = {
    "GeneralInfo": _info("PurchasedItems"),
    "PurchasedItems": {
        "Products": _BOUGHT,
        "OrderNumber": "123/2017",
        "Tags": {"block_id": ["21246_r335v507"], "some_tags1": ["4", "gg"]},
    },
}
PRODUCT_IMPRESSIONS: dict[str, Any] = {
    "GeneralInfo": _info("ProductImpressions"),
    "ProductImpression": {
        "Products": [
            {"product_id": "430968", "container_type": "1253"},
            {"product_id": "430738", "container_type": "1254"},
            {"product_id": "429983", "container_type": "1255"},
        ],
        "Tags": _TWO,
    },
}
CATEGORY_PAGE_YESPO: dict[str, Any] = {
    "GeneralInfo": _info("CategoryPage"),
    "CategoryPage": {"Category": {"categoryKey": "509876"}, "Tags": _TWO},
}
CATEGORY_PAGE_ESPUTNIK: dict[str, Any] = {
    "GeneralInfo": _info("CategoryPage"),
    "CategoryPage": {"Category": {"categoryKey": "Babies"}, "Tags": _TWO},
}
CUSTOMER_DATA: dict[str, Any] = {
    "GeneralInfo": _info(
        "CustomerData",
        siteId="8D3869C",
        user_phone="3801111111111",
        cookies={"sc": "CDA68358-94FB-4D83-9655-3FEB3CGGG1"},
    )
}
SEARCH_REQUEST_YESPO: dict[str, Any] = {
    "GeneralInfo": _info(
        "SearchRequest", siteId="CE460EC", datetime=1668792552000, user_es_contact_id=""
    ),
    "SearchRequest": {"search": "input_value", "isFound": 1},
}
# An argument of `eS('sendEvent', 'SearchRequest', ...)`.
SEARCH_REQUEST_ESPUTNIK: dict[str, Any] = {"SearchRequest": {"search": "input_value"}}
CUSTOM_EVENT_ESPUTNIK: dict[str, Any] = {
    "GeneralInfo": _info(
        "CustomEvent",
        screendim={"h": 1200, "w": 2304},
        adblockEnabled=True,
        device="Desktop",
        browser={"name": "Chrome", "chrome": True, "version": "74.0", "webkit": True, "a": True},
        s_location="https://example.com/product_id.html",
        referrer="https://example.com",
        user_client_id="",
        user_city="",
        user_card_id="",
    ),
    "CustomEvent": {"EventName": "my_event", "Tags": _TWO},
}
PRODUCT_UPDATE_YESPO: dict[str, Any] = {
    "GeneralInfo": _FEED,
    "ProductUpdate": [_PHONE | _PAGE, _PHONE | _DEEP],
}
PRODUCT_UPDATE_ESPUTNIK: dict[str, Any] = {
    "GeneralInfo": _FEED,
    "ProductUpdate": [_PHONE | {"category": "level3"}, _PHONE | _DEEP],
}
PLAIN_ROW: dict[str, Any] = {
    "product_id": "1111",
    "unit_price": "270",
    "isInStock": 1,
    "price_currency_code": "UAH",
}
SALE_ROW: dict[str, Any] = PLAIN_ROW | {"tag_oldprice": ["300"], "tag_discount": ["10"]}

YESPO = (
    PRODUCT_PAGE, STATUS_CART, ADD_TO_WISHLIST, PURCHASED_ITEMS_YESPO, PRODUCT_IMPRESSIONS,
    CATEGORY_PAGE_YESPO, CUSTOMER_DATA, SEARCH_REQUEST_YESPO, PRODUCT_UPDATE_YESPO, SALE_ROW,
    PLAIN_ROW,
)  # fmt: skip
ESPUTNIK = (
    PRODUCT_PAGE, STATUS_CART, ADD_TO_WISHLIST, PURCHASED_ITEMS_ESPUTNIK, ONE_CLICK_ESPUTNIK,
    PRODUCT_IMPRESSIONS, CATEGORY_PAGE_ESPUTNIK, CUSTOMER_DATA, CUSTOM_EVENT_ESPUTNIK,
    SEARCH_REQUEST_ESPUTNIK, PRODUCT_UPDATE_ESPUTNIK, SALE_ROW, PLAIN_ROW,
)  # fmt: skip

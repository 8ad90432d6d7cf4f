"""The trackers' sandbox: every rule of the documents, with values that violate it."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
import requests

from cli.sandbox.exchange import Platform, Request, Response
from cli.sandbox.server import Sandbox
from cli.sandbox.tracker import esputnik, yespo

SC = "CDA68358-94FB-4D83-9655-3FEB3C4114A3"
INFO = {"siteId": "8A412DC", "datetime": 1579622183208, "cookies": {"sc": SC}}
ALL_INFO = INFO | {
    "externalCustomerId": "7",
    "user_phone": "15417543010",
    "user_email": "ada@shop.example",
    "user_name": "Ada Moss",
    "user_es_contact_id": "255830499",
}
TAGS = {"some_tags": ["1", "a2"]}
SEEN = {
    "Product": {"productKey": "1", "price": "754", "isInStock": "1", "tag_something": ["abc"]},
    "Tags": TAGS,
}
CART = {
    "GUID": "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
    "Products": [
        {
            "productKey": "1",
            "price": "201.95",
            "discount": "180",
            "quantity": 1,
            "price_currency_code": "USD",
            "tag_something": ["aaa"],
        }
    ],
    "Tags": TAGS,
}
BOUGHT = {"product_id": "1", "unit_price": "201.95", "quantity": 1}
PURCHASE = {"Products": [BOUGHT], "OrderNumber": "123/2017", "Tags": TAGS}
ROW = {
    "product_id": "1",
    "isInStock": "1",
    "unit_price": "201.95",
    "price_currency_code": "UAH",
    "tag_oldprice": ["224.38"],
    "tag_discount": ["10"],
    "name": "iPhone 7",
    "brand": "Apple",
    "description": "Some description",
    "imgurl": "https://shop.example/1.png",
    "category": "level1 > level2",
    "category_id": ["1", "2"],
    "tag_something": ["aaa"],
}
EVENT_BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "ProductPage": ("ProductPage", SEEN),
    "AddToWishlist": ("AddToWishlist", SEEN),
    "StatusCart": ("StatusCart", CART),
    "PurchasedItems": ("PurchasedItems", PURCHASE),
    "ProductImpressions": (
        "ProductImpression",
        {"Products": [{"product_id": "1", "container_type": "1253"}], "Tags": TAGS},
    ),
    "CategoryPage": ("CategoryPage", {"Category": {"categoryKey": "Babies"}, "Tags": TAGS}),
    "SearchRequest": ("SearchRequest", {"search": "moss"}),
}


def event(name: str, **more: Any) -> dict[str, Any]:
    key, body = EVENT_BODIES[name]
    return {"GeneralInfo": {"eventName": name, **ALL_INFO}, key: copy.deepcopy(body)} | more


def customer(**more: Any) -> dict[str, Any]:
    return {"GeneralInfo": {"eventName": "CustomerData", **INFO, **more}}


def update(*rows: dict[str, Any]) -> dict[str, Any]:
    info = {"eventName": "ProductUpdate", "siteId": "8A412DC"}
    return {"GeneralInfo": info, "ProductUpdate": list(rows)}


class Tracker:
    """One tracker without a server."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.state: dict[str, Any] = dict(platform.blank())

    def send(self, body: Any, **more: Any) -> Response:
        facts: dict[str, Any] = {
            "method": "POST",
            "path": "/api/v2",
            "headers": {"content-type": "application/json"},
            "body": body if isinstance(body, bytes) else json.dumps(body).encode(),
        }
        return self.platform.plan(Request(**facts | more)).act(self.state)


def make_tracker(name: str, **credentials: str) -> Tracker:
    make = {"yespo": yespo, "esputnik": esputnik}[name]
    return Tracker(make({"site_id": "8A412DC"} | credentials, None))


BOTH = ("yespo", "esputnik")


@pytest.mark.parametrize(("name", "status"), [("yespo", 200), ("esputnik", 204)])
def test_every_documented_event_is_accepted(name: str, status: int) -> None:
    box = make_tracker(name)

    for one in EVENT_BODIES:
        assert box.send(event(one)) == Response(status=status, applied=True)
    assert box.send(customer(externalCustomerId="7")).status == status
    assert box.send(update(ROW)).status == status
    assert list(box.state["carts"]) == [SC]
    assert [one["GeneralInfo"]["eventName"] for one in box.state["events"]] == [
        "ProductPage", "AddToWishlist", "StatusCart", "ProductImpressions", "CategoryPage",
        "SearchRequest",
    ]  # fmt: skip


def _without(path: str, body: dict[str, Any]) -> dict[str, Any]:
    return _with(path, ..., body)


def _with(path: str, value: Any, body: dict[str, Any]) -> dict[str, Any]:
    whole = copy.deepcopy(body)
    *outer, last = path.split(".")
    at: Any = whole
    for name in outer:
        at = at[int(name)] if name.isdigit() else at[name]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return whole


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("body", "path"),
    [
        *((event("ProductPage"), f"GeneralInfo.{one}") for one in
          ("eventName", "siteId", "datetime", "cookies", "cookies.sc")),
        *((event("ProductPage"), f"ProductPage.Product.{one}") for one in ("productKey", "price")),
        (event("ProductPage"), "ProductPage.Product"),
        (event("ProductPage"), "ProductPage"),
        *((event("StatusCart"), f"StatusCart.{one}") for one in
          ("GUID", "Products", "Products.0.productKey", "Products.0.price",
           "Products.0.quantity")),
        *((event("PurchasedItems"), f"PurchasedItems.{one}") for one in
          ("OrderNumber", "Products", "Products.0.product_id", "Products.0.unit_price",
           "Products.0.quantity")),
        *((event("ProductImpressions"), f"ProductImpression.Products.0.{one}") for one in
          ("product_id", "container_type")),
        (event("CategoryPage"), "CategoryPage.Category.categoryKey"),
        (event("SearchRequest"), "SearchRequest.search"),
        *((update(ROW), f"ProductUpdate.0.{one}") for one in
          ("product_id", "isInStock", "tag_oldprice", "tag_discount")),
        (update(ROW), "GeneralInfo.siteId"),
    ],
)  # fmt: skip
def test_a_required_field_must_be_set(name: str, body: dict[str, Any], path: str) -> None:
    box = make_tracker(name)

    assert box.send(_without(path, body)).status == 400
    assert box.state == box.platform.blank()


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("body", "path", "value"),
    [
        (event("ProductPage"), "GeneralInfo.siteId", "ANOTHER"),
        (event("ProductPage"), "GeneralInfo.eventName", "Sale"),
        (event("ProductPage"), "GeneralInfo.eventName", "AddToWishlist"),
        # In seconds, as text, with a fraction.
        (event("ProductPage"), "GeneralInfo.datetime", 1579622183),
        (event("ProductPage"), "GeneralInfo.datetime", "1579622183208"),
        (event("ProductPage"), "GeneralInfo.datetime", 1579622183208.5),
        (event("ProductPage"), "GeneralInfo.cookies.sc", " "),
        (event("ProductPage"), "GeneralInfo.cookies.sc", None),
        (event("ProductPage"), "GeneralInfo.user_phone", "1-541-754-3010"),
        (event("ProductPage"), "GeneralInfo.user_email", "Ada@shop.example"),
        (event("ProductPage"), "GeneralInfo.user_name", ""),
        (event("ProductPage"), "GeneralInfo.city", "Lima"),
        (event("ProductPage"), "ProductPage.Product.price", "754 USD"),
        (event("ProductPage"), "ProductPage.Product.price", 754),
        (event("ProductPage"), "ProductPage.Product.price", "7.123"),
        (event("ProductPage"), "ProductPage.Product.isInStock", 1),
        (event("ProductPage"), "ProductPage.Product.isInStock", ""),
        (event("ProductPage"), "ProductPage.Product.tag_something", "abc"),
        (event("ProductPage"), "ProductPage.Product.tag_something", []),
        (event("ProductPage"), "ProductPage.Product.tag_", ["a"]),
        (event("ProductPage"), "ProductPage.Product.colour", ["red"]),
        (event("ProductPage"), "ProductPage.Tags", {}),
        (event("ProductPage"), "ProductPage.Tags.some_tags", "1"),
        (event("StatusCart"), "StatusCart.GUID", "not one!"),
        (event("StatusCart"), "StatusCart.Products.0.price", 201.95),
        (event("StatusCart"), "StatusCart.Products.0.discount", -1),
        (event("StatusCart"), "StatusCart.Products.0.quantity", "1"),
        (event("StatusCart"), "StatusCart.Products.0.quantity", 0),
        (event("StatusCart"), "StatusCart.Products.0.price_currency_code", "usd"),
        (event("PurchasedItems"), "PurchasedItems.Products", []),
        (event("PurchasedItems"), "PurchasedItems.Products.0.tag_something", ["a"]),
        (event("PurchasedItems"), "PurchasedItems.Products.0.unit_price", 201.95),
        (event("ProductImpressions"), "ProductImpression.Products", []),
        (event("ProductImpressions"), "ProductImpressions", {}),
        (customer(externalCustomerId="7"), "CustomerData", {}),
        (update(ROW), "GeneralInfo.datetime", 1579622183208),
        (update(ROW), "GeneralInfo.cookies", {"sc": SC}),
        (update(ROW), "ProductUpdate", []),
        (update(ROW), "ProductUpdate.0.product_id", 1),
        (update(ROW), "ProductUpdate.0.isInStock", 1),
        (update(ROW), "ProductUpdate.0.unit_price", 201.95),
        (update(ROW), "ProductUpdate.0.tag_discount", ["10%"]),
        (update(ROW), "ProductUpdate.0.tag_discount", ["0"]),
        (update(ROW), "ProductUpdate.0.tag_discount", "10"),
        (update(ROW), "ProductUpdate.0.tag_oldprice", ["1", "2"]),
        (update(ROW), "ProductUpdate.0.category_id", "1"),
        (update(ROW), "ProductUpdate.0.stock", 5),
    ],
)
def test_a_field_must_be_as_documented(
    name: str, body: dict[str, Any], path: str, value: Any
) -> None:
    box = make_tracker(name)

    assert box.send(_with(path, value, body)).status == 400
    assert box.state == box.platform.blank()


def test_fields_that_only_yespo_accepts() -> None:
    found = event("SearchRequest", SearchRequest={"search": "moss", "isFound": 1})
    page = update(ROW | {"url": "https://shop.example/1"})

    for body in (found, page):
        assert make_tracker("yespo").send(body).status == 200
        assert make_tracker("esputnik").send(body).status == 400
    wrong = event("SearchRequest", SearchRequest={"search": "moss", "isFound": 2})
    assert make_tracker("yespo").send(wrong).status == 400


def test_fields_that_only_esputnik_accepts() -> None:
    custom = {
        "GeneralInfo": {
            "eventName": "CustomEvent",
            **ALL_INFO,
            "screendim": {"h": 1200, "w": 2304},
            "adblockEnabled": True,
            "device": "Desktop",
            "browser": {"name": "Chrome", "chrome": True},
            "s_location": "https://shop.example/1",
            "referrer": "https://shop.example",
        },
        "CustomEvent": {"EventName": "my_event", "Tags": TAGS},
    }
    in_cart = event("PurchasedItems", PurchasedItems={"GUID": "A-1", "OrderNumber": "1"})
    both = event("PurchasedItems", PurchasedItems=PURCHASE | {"GUID": "A-1"})

    for body in (custom, in_cart, both):
        assert make_tracker("esputnik").send(body).status == 204
        assert make_tracker("yespo").send(body).status == 400
    assert make_tracker("esputnik").send(_without("CustomEvent.EventName", custom)).status == 400


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"path": "/api/v2/"}, 200),
        ({"path": "/api/v1"}, 404),
        ({"method": "PUT"}, 405),
        ({"query": "a=1"}, 400),
        ({"headers": {}}, 400),
        ({"headers": {"content-type": "text/plain"}}, 400),
    ],
)
def test_a_request_must_be_as_documented(request_: dict[str, Any], status: int) -> None:
    assert make_tracker("yespo").send(update(ROW), **request_).status == status


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"GeneralInfo": 1}', b'{"a": NaN}'])
def test_a_body_must_be_an_object_with_general_information(body: bytes) -> None:
    assert make_tracker("yespo").send(body).status == 400


def test_a_site_with_a_key_requires_it() -> None:
    box = make_tracker("yespo", api_key="the-key")
    right = {
        "content-type": "application/json",
        "authorization": f"Basic {base64.b64encode(b':the-key').decode()}",
    }

    assert box.send(update(ROW)).status == 401
    assert box.send(update(ROW), headers=right | {"authorization": "Basic bm8="}).status == 401
    assert box.send(update(ROW), headers=right).status == 200


def test_rows_are_merged_and_a_sale_ends_with_the_next_price() -> None:
    box = make_tracker("yespo")
    box.send(update(ROW))
    box.send(update({"product_id": "1", "isInStock": "0"}))
    assert box.state["products"]["1"] == ROW | {"isInStock": "0"}

    box.send(update({"product_id": "1", "isInStock": "1", "unit_price": "270"}))
    ended = {
        name: value for name, value in ROW.items() if name not in {"tag_oldprice", "tag_discount"}
    }
    assert box.state["products"]["1"] == ended | {"unit_price": "270"}


def test_customers_are_stored_by_the_most_reliable_id() -> None:
    box = make_tracker("yespo")
    box.send(customer(externalCustomerId="7", user_email="ada@shop.example"))
    box.send(customer(externalCustomerId="7", user_name="Ada"))
    box.send(customer(user_email="bo@shop.example"))

    assert box.state["customers"] == {
        "7": {
            "externalCustomerId": "7",
            "user_email": "ada@shop.example",
            "user_name": "Ada",
            "sc": SC,
        },
        "bo@shop.example": {"user_email": "bo@shop.example", "sc": SC},
    }
    assert box.send(customer(user_name="Ada")).status == 400


def test_a_cart_belongs_to_a_visitor_and_its_guid_to_one_composition() -> None:
    box = make_tracker("yespo")
    emptied = CART | {"Products": []}
    del emptied["Tags"]

    assert box.send(event("StatusCart")).status == 200
    assert box.send(event("StatusCart")).status == 200
    assert box.send(event("StatusCart", StatusCart=emptied)).status == 400
    assert box.send(event("StatusCart", StatusCart=emptied | {"GUID": "B-2"})).status == 200
    assert box.state["carts"] == {SC: {"GUID": "B-2", "Products": []}}


def test_a_purchase_sent_twice_to_a_tracker_is_stored_twice() -> None:
    box = make_tracker("yespo")
    box.send(event("PurchasedItems"))
    box.send(event("PurchasedItems"))

    assert [len(sent) for sent in box.state["purchases"].values()] == [2]
    assert list(box.state["purchases"]) == ["123/2017"]


def test_both_are_served_side_by_side() -> None:
    with Sandbox({"yespo": {"site_id": "8A412DC"}, "esputnik": {"site_id": "8A412DC"}}, {}) as box:
        statuses = {
            name: requests.post(
                f"{box.url}/{name}/api/v2", json=update(ROW), timeout=10
            ).status_code
            for name in BOTH
        }

        assert statuses == {"yespo": 200, "esputnik": 204}
        assert box.violations() == []

"""The documents' field tables: the general information, and each event."""

from __future__ import annotations

from typing import Any

from cli.sandbox.exchange import Violation
from cli.sandbox.fields import (
    Check,
    Shape,
    array,
    currency,
    email,
    fields,
    flag,
    free,
    integer,
    may,
    must,
    text,
)
from cli.sandbox.tracker.fields import (
    cookie,
    facts,
    guid,
    moment,
    one_of_them,
    percent,
    phone,
    price,
    stock,
    tagged,
    words,
)


def part(shape: Shape) -> Check:
    """Return the check of an object."""
    return lambda value, path: fields(value, path, shape)


def with_tags(shape: Shape) -> Check:
    """Return the check of an object that may have `tag_...` fields."""
    return lambda value, path: tagged(value, path, shape)


SITE: Shape = {"eventName": must(text), "siteId": must(text)}
INFO: Shape = {
    **SITE,
    "datetime": must(moment),
    "externalCustomerId": may(text),
    "user_phone": may(phone),
    "user_email": may(email),
    "user_name": may(text),
    "user_es_contact_id": may(text),
    "cookies": must(part({"sc": must(cookie)})),
}
# Only in the sample of a custom event, and empty there.
CUSTOM_INFO: Shape = {
    **INFO,
    "screendim": may(free),
    "adblockEnabled": may(flag),
    "device": may(text),
    "browser": may(free),
    "s_location": may(text),
    "referrer": may(text),
    "user_client_id": may(text),
    "user_city": may(text),
    "user_card_id": may(text),
}
_SEEN = with_tags({"productKey": must(text), "price": must(price), "isInStock": may(stock)})
SEEN: Shape = {"Product": must(_SEEN), "Tags": may(facts)}
CATEGORY: Shape = {"Category": must(part({"categoryKey": must(text)})), "Tags": may(facts)}
_IN_CART = with_tags(
    {
        "productKey": must(text),
        # Numbers in the samples, text in the tables.
        "price": must(price),
        "discount": may(price),
        "quantity": must(integer(1)),
        "price_currency_code": may(currency),
    }
)
# "If the cart is empty, then you need to send an empty array without products."
CART: Shape = {"GUID": must(guid), "Products": must(array(_IN_CART)), "Tags": may(facts)}
_BOUGHT = part({"product_id": must(text), "unit_price": must(price), "quantity": must(integer(1))})
_PURCHASE: Shape = {"OrderNumber": must(text), "Tags": may(facts)}
PURCHASE_YESPO: Shape = {**_PURCHASE, "Products": must(array(_BOUGHT))}
# The main form has a GUID and no products, the "one click" form has products and no GUID.
PURCHASE_ESPUTNIK: Shape = {**_PURCHASE, "Products": may(array(_BOUGHT)), "GUID": may(guid)}
_SHOWN = part({"product_id": must(text), "container_type": must(text)})
SHOWN: Shape = {"Products": must(array(_SHOWN)), "Tags": may(facts)}
_SEARCH: Shape = {"search": must(text)}
SEARCH_YESPO: Shape = {**_SEARCH, "isFound": may(integer(0, 1))}
SEARCH_ESPUTNIK: Shape = _SEARCH
OWN: Shape = {"EventName": must(text), "Tags": may(facts)}
ROW_ESPUTNIK: Shape = {
    "product_id": must(text),
    "isInStock": must(stock),
    "unit_price": may(price),
    "price_currency_code": may(currency),
    "tag_oldprice": may(one_of_them(price)),
    "tag_discount": may(one_of_them(percent)),
    "name": may(text),
    "brand": may(text),
    "description": may(text),
    "imgurl": may(text),
    "category": may(text),
    "category_id": may(words),
}
ROW_YESPO: Shape = {**ROW_ESPUTNIK, "url": may(text)}


def purchase(value: Any) -> None:
    """Check that a purchase has its products, or the GUID of its cart."""
    if not value.get("Products") and "GUID" not in value:
        raise Violation("PurchasedItems: Please specify Products or a GUID")


def shown(value: Any) -> None:
    """Check that the list of shown products is not empty."""
    if not value["Products"]:
        raise Violation("ProductImpression.Products: empty array")


def sale(row: Any, path: str) -> None:
    """Check that a row has both fields of a discount, "if the item has a discount", or neither."""
    if ("tag_oldprice" in row) != ("tag_discount" in row):
        raise Violation(f"{path}: tag_oldprice and tag_discount go together")

"""The guides' field tables: products, users, orders, banners, categories and their parts."""

from __future__ import annotations

from typing import Any

from cli.sandbox.exchange import Violation
from cli.sandbox.fields import (
    Field,
    Shape,
    amount,
    array,
    currency,
    decimals,
    email,
    fields,
    flag,
    free,
    integer,
    may,
    must,
    one_of,
    person,
    second,
    text,
)

# Currencies that count in thousandths (ISO 4217). The guide says "Decimal" of a line's price, and
# "up to two decimal places" only of a product's.
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_STATUS = one_of("completed", "cancelled")


def line(price: str) -> Shape:
    """Return the fields of an order or cart line; events have another name for its price."""
    return {
        "product_id": must(text),
        "variant_id": must(text),
        "quantity": must(integer(1)),
        price: must(amount(3)),
        # In every sample, but in no table.
        "currency": may(currency),
    }


def lines(shape: Shape, price: str = "unit_price") -> Field:
    """Return a required list of such lines; an empty list is a cart that was emptied."""

    def check(value: Any, path: str) -> None:
        fields(value, path, shape)
        coarse = value.get("currency") not in _THOUSANDTHS
        if coarse and price in value and decimals(value[price]) > 2:  # noqa: PLR2004 - cents
            raise Violation(f"{path}.{price}: more than 2 decimals")

    return must(array(check))


def _product_reference(value: Any, path: str) -> None:
    fields(value, path, {"product_id": must(text), "variant_id": must(text)})


def _optional(field: Field) -> Field:
    return Field(field.check, required=False)


_IDS: Shape = {"product_id": must(text), "variant_id": must(text)}
_PRODUCT_FIELDS: Shape = {
    "name": must(text),
    "brand": may(text),
    "description": may(text),
    "color": may(text),
    "size": may(text),
    "price": must(amount(2)),
    "available": may(flag),
    "stock": must(integer(0)),
    "extra": may(free),
    "photo_url": must(text),
    "link": must(text),
    "owner_id": may(text),
}
_CATEGORY_LEVELS: Shape = {
    "category_1": must(text),
    "category_2": may(text),
    "category_3": may(text),
    "category_4": may(text),
}
_USER_FIELDS: Shape = {
    "user_id": must(person),
    "anonymous_id": may(text),
    "email": may(email),
    "title": may(text),
    "last_name": may(text),
    "profile": may(free),
    "email_subscriber": may(flag),
    "timestamp": may(second),
}

PRODUCT_2018: Shape = {**_IDS, **_CATEGORY_LEVELS, "category_extra": may(free), **_PRODUCT_FIELDS}
PRODUCT_2021: Shape = {
    **_IDS,
    **_PRODUCT_FIELDS,
    "category_ids": must(array(text)),
    "full_price": must(amount(2)),
    "rating": may(integer(0, 100)),
}
USER_2018: Shape = {
    **_USER_FIELDS,
    "first_name": must(text),
    "cart": may(array(_product_reference)),
}
USER_2021: Shape = {
    **_USER_FIELDS,
    "first_name": may(text),
    "guest_account": may(flag),
    "wishlist": may(array(text)),
}
ORDER: Shape = {
    "order_id": must(text),
    "user_id": must(person),
    "order_status": may(_STATUS),
    "cart": _optional(lines(line("unit_price"))),
    "timestamp": may(second),
}
ORDER_STATUS: Shape = {"order_status": must(_STATUS)}
BANNER: Shape = {
    "banner_id": must(text),
    "type": must(one_of("main", "sub")),
    "name": may(text),
    **_CATEGORY_LEVELS,
    "photo_url": must(text),
    "link": must(text),
    "extra": may(free),
    # The PHP sample has the one, the other samples the other, the table neither.
    "photos": may(free),
    "other_photos": may(free),
}
CATEGORY: Shape = {
    "category_id": must(text),
    "name": must(text),
    "link": may(text),
    "active": may(flag),
}


def require_email(user: dict[str, Any]) -> None:
    """Check that a new subscriber has an e-mail address: "Yes, if using email marketing"."""
    if user.get("email_subscriber") is True and "email" not in user:
        raise Violation("Please specify a email")

"""
Requests as in the documents of both trackers, with every field of every table and sample. Fields
that only one of the two supports are marked. `user_es_contact_id` is declared but never set: no id
of a shop is an id of the platform.
"""

from __future__ import annotations

from msgspec import UNSET, Raw, UnsetType, field

from shared.destinations.building.fields import Body, Currency, Email, Quantity, Text
from shared.destinations.tracker.fields import (
    Cookie,
    Guid,
    InStock,
    Milliseconds,
    Percent,
    Phone,
    Price,
    Tags,
    Words,
)


class Cookies(Body, kw_only=True, frozen=True):
    """The only cookie, from the trackers' script or generated here."""

    sc: Cookie


class SiteInfo(Body, kw_only=True, frozen=True):
    """`GeneralInfo` of a product update, which has no visitor: no time and no cookie."""

    event_name: Text = field(name="eventName")
    site_id: Text = field(name="siteId")


class GeneralInfo(SiteInfo, kw_only=True, frozen=True):
    """`GeneralInfo`: the event, the site, the time and the visitor."""

    datetime: Milliseconds | UnsetType = UNSET
    external_customer_id: Text | UnsetType = field(default=UNSET, name="externalCustomerId")
    user_phone: Phone | UnsetType = UNSET
    user_email: Email | UnsetType = UNSET
    user_name: Text | UnsetType = UNSET
    user_es_contact_id: Text | UnsetType = UNSET
    cookies: Cookies


class CartProduct(Body, kw_only=True, frozen=True):
    """A line of a cart; `discount` is per item. No tags: a shop's cart lines have none."""

    product_key: Text = field(name="productKey")
    price: Price
    discount: Price | UnsetType = UNSET
    quantity: Quantity
    price_currency_code: Currency | UnsetType = UNSET


class Cart(Body, kw_only=True, frozen=True):
    """The content of `StatusCart`; without products the cart was emptied."""

    guid: Guid = field(name="GUID")
    products: tuple[CartProduct, ...] = field(name="Products")
    tags: Tags | UnsetType = field(default=UNSET, name="Tags")


class StatusCart(Body, kw_only=True, frozen=True):
    """The current cart."""

    info: GeneralInfo = field(name="GeneralInfo")
    event: Cart = field(name="StatusCart")


class BoughtProduct(Body, kw_only=True, frozen=True):
    """A line of an order."""

    product_id: Text
    unit_price: Price
    quantity: Quantity


class Purchase(Body, kw_only=True, frozen=True):
    """
    The content of `PurchasedItems`.

    The GUID is only for eSputnik, and is that of the last `StatusCart`. `Tags.block_id` is only for
    purchases from a recommendation block, contrary to the table.
    """

    guid: Guid | UnsetType = field(default=UNSET, name="GUID")
    products: tuple[BoughtProduct, ...] = field(name="Products")
    order_number: Text = field(name="OrderNumber")
    tags: Tags | UnsetType = field(default=UNSET, name="Tags")


class PurchasedItems(Body, kw_only=True, frozen=True):
    """A purchase."""

    info: GeneralInfo = field(name="GeneralInfo")
    event: Purchase = field(name="PurchasedItems")


class CustomerData(Body, kw_only=True, frozen=True):
    """The identity of a visitor: only `GeneralInfo`."""

    info: GeneralInfo = field(name="GeneralInfo")


class ProductRow(Body, kw_only=True, frozen=True):
    """
    A product of the feed; an omitted field keeps its value.

    `url` is only for Yespo. Further `tag_...` are added beside the fields. `category_id` requires
    ids, but webhooks have only names.
    """

    product_id: Text
    is_in_stock: InStock = field(name="isInStock")
    unit_price: Price | UnsetType = UNSET
    price_currency_code: Currency | UnsetType = UNSET
    tag_oldprice: tuple[Price] | UnsetType = UNSET
    tag_discount: tuple[Percent] | UnsetType = UNSET
    name: Text | UnsetType = UNSET
    brand: Text | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    imgurl: Text | UnsetType = UNSET
    url: Text | UnsetType = UNSET
    category: Text | UnsetType = UNSET
    category_id: Words | UnsetType = UNSET


class ProductUpdate(Body, kw_only=True, frozen=True):
    """Products of the feed; each row is encoded and validated before it is placed here."""

    info: SiteInfo = field(name="GeneralInfo")
    rows: tuple[Raw, ...] = field(name="ProductUpdate")

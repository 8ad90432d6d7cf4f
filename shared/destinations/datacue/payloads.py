"""
Products, categories and banners, with every field of every table of DataCue. For each there is the
body of an update (no ids, nothing required) and, derived from it, the body of a create (ids, and
what is required). What differs in 2021-02 has the year in its name.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from shared.destinations.building.fields import Body, Count, Text


class Extra(Body, kw_only=True, frozen=True):
    """`extra` of a product: what the shop may display beside the documented fields."""

    sku: Text | UnsetType = UNSET
    tags: tuple[Text, ...] | UnsetType = UNSET
    full_price: Decimal | UnsetType = UNSET
    discount: Text | UnsetType = UNSET
    options: dict[Text, Text] | UnsetType = UNSET


class ProductId(Body, kw_only=True, frozen=True):
    """One variant."""

    product_id: Text
    variant_id: Text


class ProductUpdate(Body, kw_only=True, frozen=True):
    """An update of an existing variant."""

    category_1: Text | UnsetType = UNSET
    category_2: Text | UnsetType = UNSET
    category_3: Text | UnsetType = UNSET
    category_4: Text | UnsetType = UNSET
    category_extra: dict[Text, Text] | UnsetType = UNSET
    name: Text | UnsetType = UNSET
    brand: Text | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    color: Text | UnsetType = UNSET
    size: Text | UnsetType = UNSET
    price: Decimal | UnsetType = UNSET
    available: bool | UnsetType = UNSET
    stock: Count | UnsetType = UNSET
    extra: Extra | UnsetType = UNSET
    photo_url: Text | UnsetType = UNSET
    link: Text | UnsetType = UNSET
    owner_id: Text | UnsetType = UNSET


class Product(ProductUpdate, kw_only=True, frozen=True):
    """A variant, one row each."""

    product_id: Text
    variant_id: Text
    category_1: Text
    name: Text
    price: Decimal
    stock: Count
    photo_url: Text
    link: Text


class Product2021Update(Body, kw_only=True, frozen=True):
    """As `ProductUpdate`, with ids of categories in place of their names, and the full price."""

    category_ids: tuple[Text, ...] | UnsetType = UNSET
    name: Text | UnsetType = UNSET
    brand: Text | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    color: Text | UnsetType = UNSET
    size: Text | UnsetType = UNSET
    price: Decimal | UnsetType = UNSET
    full_price: Decimal | UnsetType = UNSET
    available: bool | UnsetType = UNSET
    stock: Count | UnsetType = UNSET
    extra: Extra | UnsetType = UNSET
    photo_url: Text | UnsetType = UNSET
    link: Text | UnsetType = UNSET
    owner_id: Text | UnsetType = UNSET


class Product2021(Product2021Update, kw_only=True, frozen=True):
    """A variant, one row each."""

    product_id: Text
    variant_id: Text
    category_ids: tuple[Text, ...]
    name: Text
    price: Decimal
    full_price: Decimal
    stock: Count
    photo_url: Text
    link: Text


class CategoryUpdate(Body, kw_only=True, frozen=True):
    """An update of an existing category; 2021-02 only."""

    name: Text | UnsetType = UNSET
    link: Text | UnsetType = UNSET


class Category(CategoryUpdate, kw_only=True, frozen=True):
    """A category; it must exist before a product names it."""

    category_id: Text
    name: Text
    link: Text


class BannerUpdate(Body, kw_only=True, frozen=True):
    """An update of an existing banner; the photos are only in the samples."""

    type: Literal["main", "sub"] | UnsetType = UNSET
    name: Text | UnsetType = UNSET
    category_1: Text | UnsetType = UNSET
    category_2: Text | UnsetType = UNSET
    category_3: Text | UnsetType = UNSET
    category_4: Text | UnsetType = UNSET
    photo_url: Text | UnsetType = UNSET
    photos: dict[Text, Text] | UnsetType = UNSET
    other_photos: dict[Text, Text] | UnsetType = UNSET
    link: Text | UnsetType = UNSET
    extra: dict[Text, Any] | UnsetType = UNSET


class Banner(BannerUpdate, kw_only=True, frozen=True):
    """A banner."""

    banner_id: Text
    type: Literal["main", "sub"]
    category_1: Text
    photo_url: Text
    link: Text


class BannerId(Body, kw_only=True, frozen=True):
    """One banner."""

    banner_id: Text

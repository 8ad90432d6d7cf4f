"""
Products, categories and banners as in DataCue's tables, with every field of every table. Each has a
type for an update, without ids and without required fields, and a subtype of it for a create, with
both. Types that differ in 2021-02 have the year in their name.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from shared.destinations.building.fields import Body, Count, Text


class Extra(Body, kw_only=True, frozen=True):
    """`extra` of a product: fields beside the documented ones that the shop may display."""

    sku: Text | UnsetType = UNSET
    tags: tuple[Text, ...] | UnsetType = UNSET
    full_price: Decimal | UnsetType = UNSET
    discount: Text | UnsetType = UNSET
    options: dict[Text, Text] | UnsetType = UNSET


class ProductId(Body, kw_only=True, frozen=True):
    """The ids of a variant."""

    product_id: Text
    variant_id: Text


class ProductUpdate(Body, kw_only=True, frozen=True):
    """The fields of an update of a variant."""

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
    """As `ProductUpdate`, with category ids instead of category names, and the full price."""

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
    """The fields of an update of a category; only in 2021-02."""

    name: Text | UnsetType = UNSET
    link: Text | UnsetType = UNSET


class Category(CategoryUpdate, kw_only=True, frozen=True):
    """A category; it must exist before a product refers to it."""

    category_id: Text
    name: Text
    link: Text


class BannerUpdate(Body, kw_only=True, frozen=True):
    """The fields of an update of a banner; `photos` is only in the samples."""

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
    """The id of a banner."""

    banner_id: Text

"""
The parts of products and variations that are read; everything else is skipped. Both have the same
keys in a webhook; `products/<id>/variations` gives ``image`` and ``attributes`` and no categories.
Shapes: wc/v3 of WooCommerce 9.9.5 and 11.0.1, as captured.
"""

from __future__ import annotations

import msgspec

from shared.sources.parsing.scalars import NOTHING, Amount, Id, Moment


class Body(msgspec.Struct, kw_only=True, frozen=True):
    """Any body, and any part of one."""


class Hint(Body, frozen=True):
    """A body that is but an id, as deletes are: of what, it does not say."""

    id: Id


class Action(Body, frozen=True):
    """What a hook of WordPress was called with."""

    action: str
    arg: Id


class Term(Body, frozen=True):
    """A category, brand or tag that is assigned directly; its name may hold entities."""

    id: Id
    name: str | None = None


class Image(Body, frozen=True):
    """A picture."""

    src: str | None = None


class Attribute(Body, frozen=True):
    """An attribute: a product's with all its ``options``, a variation's with its one ``option``."""

    name: str | None = None
    slug: str | None = None
    variation: bool | None = None
    options: list[str] | None = None
    option: str | None = None


class Product(Body, frozen=True):
    """
    A product, or a variation: then ``parent_id`` is not 0. ``price`` is the one to be paid now.
    ``manage_stock`` is "parent" where a variation shares its parent's count, which is then in its
    own ``stock_quantity``; ``stock_status`` is the truth about availability.
    """

    id: Id
    parent_id: Id = "0"
    type: str | None = None
    status: str | None = None
    name: str | None = None
    permalink: str | None = None
    description: str | None = None
    short_description: str | None = None
    sku: str | None = None
    price: Amount = NOTHING
    regular_price: Amount = NOTHING
    on_sale: bool | None = None
    purchasable: bool | None = None
    catalog_visibility: str | None = None
    post_password: str | None = None
    manage_stock: bool | str | None = None
    stock_quantity: Amount = NOTHING
    stock_status: str | None = None
    categories: list[Term] | None = None
    brands: list[Term] | None = None
    tags: list[Term] | None = None
    images: list[Image] | None = None
    image: Image | None = None
    attributes: list[Attribute] | None = None
    variations: list[Id] | None = None
    date_modified_gmt: Moment | None = None
